//! A process that hangs, ends or never gets ready is reported as Lambda reports it, and replaced.

mod common;

use common::{answer, sample};
use runtime_api::{Config, Function, FunctionError, StartError};
use std::time::Duration;

async fn init_error(config: Config) -> FunctionError {
    match Function::start(config).await {
        Err(StartError::Init(error)) => error,
        other => panic!("expected a failed init phase, got {other:?}"),
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_killed_and_the_next_event_starts_another() {
    let config = Config { timeout: Duration::from_secs(2), ..sample(&[]) };
    let function = Function::start(config).await.unwrap();
    let process = function.pid();
    let invocation = function.invoke(r#"{"do":"hang"}"#).await.unwrap();
    let error = invocation.answer.unwrap_err();
    assert_eq!(error.error_type, "Sandbox.Timedout");
    let expected = format!("RequestId: {} Error: Task timed out after 2.00 seconds", invocation.request_id);
    assert_eq!(error.error_message, expected);
    assert_eq!(function.pid(), None);
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
    assert_ne!(function.pid(), process);
}

#[tokio::test]
async fn a_process_that_ends_is_an_error_and_the_next_event_starts_another() {
    let function = Function::start(sample(&[])).await.unwrap();
    let invocation = function.invoke(r#"{"do":"exit"}"#).await.unwrap();
    let error = invocation.answer.unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError");
    let id = invocation.request_id;
    assert_eq!(error.error_message, format!("RequestId: {id} Error: Runtime exited with error: exit status 7"));
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
}

#[tokio::test]
async fn an_init_error_is_told_in_the_functions_words() {
    let error = init_error(sample(&[("SAMPLE_INIT", "error")])).await;
    assert_eq!(error.error_type, "Sample.NoConfig");
    assert_eq!(error.error_message, "`TABLE` is missing");
}

#[tokio::test]
async fn a_process_that_ends_in_init_never_starts() {
    let error = init_error(sample(&[("SAMPLE_INIT", "exit")])).await;
    assert_eq!(error.error_message, "Runtime exited with error: exit status 3");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let why = Function::start(Config::new("/nowhere/bootstrap")).await.unwrap_err();
    assert_eq!(why.to_string(), "`/nowhere/bootstrap` could not be run");
}
