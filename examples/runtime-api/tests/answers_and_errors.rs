//! A function that answers, fails or panics goes on to the next event in the same process.

mod common;

use common::{answer, sample};
use runtime_api::{Function, InvokeError};
use serde_json::Value;

#[tokio::test]
async fn the_answer_is_the_body_the_function_posted() {
    let function = Function::start(sample(&[])).await.unwrap();
    let event = r#"{"do":"echo","text":"ñ"}"#;
    assert_eq!(answer(&function, event).await.unwrap(), event);
}

#[tokio::test]
async fn a_function_error_keeps_its_exact_text() {
    let function = Function::start(sample(&[])).await.unwrap();
    let process = function.pid();
    let error = answer(&function, r#"{"do":"fail","message":"Unauthorized"}"#).await.unwrap_err();
    assert_eq!(error.error_message, "Unauthorized");
    assert_eq!(error.error_type, "SampleError");
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
    assert_eq!(function.pid(), process);
}

#[tokio::test]
async fn a_panic_is_an_error_and_not_the_end() {
    let function = Function::start(sample(&[])).await.unwrap();
    let process = function.pid();
    let error = answer(&function, r#"{"do":"panic"}"#).await.unwrap_err();
    assert_eq!(error.error_message, "Lambda panicked: out of paper");
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
    assert_eq!(function.pid(), process);
}

#[tokio::test]
async fn an_answer_above_lambdas_limit_is_an_error() {
    let function = Function::start(sample(&[])).await.unwrap();
    let error = answer(&function, r#"{"do":"fill"}"#).await.unwrap_err();
    assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
}

#[tokio::test]
async fn concurrent_callers_are_served_one_after_another() {
    let function = Function::start(sample(&[])).await.unwrap();
    let (first, second, third) = tokio::join!(answer(&function, "1"), answer(&function, "2"), answer(&function, "3"));
    assert_eq!([first.unwrap(), second.unwrap(), third.unwrap()], ["1", "2", "3"]);
    let logs = function.stop().await;
    let kinds: Vec<_> = logs.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(kinds, ["handling", "worked", "handling", "worked", "handling", "worked"]);
}

#[tokio::test]
async fn an_event_that_is_not_json_reaches_no_process() {
    let function = Function::start(sample(&[])).await.unwrap();
    assert!(matches!(function.invoke("{").await, Err(InvokeError::InvalidEvent(_))));
    assert!(function.stop().await.is_empty());
}

#[tokio::test]
async fn the_function_is_told_what_lambda_tells_and_nothing_of_this_process() {
    let function = Function::start(sample(&[("TABLE", "grants")])).await.unwrap();
    let invocation = function.invoke(r#"{"do":"context"}"#).await.unwrap();
    let seen: Value = serde_json::from_str(&invocation.answer.unwrap()).unwrap();
    assert_eq!(seen["request_id"], invocation.request_id);
    assert_eq!(seen["arn"], "arn:aws:lambda:us-east-1:123456789012:function:sample");
    assert!(seen["deadline"].as_u64().unwrap() > 1_700_000_000_000);
    assert!(seen["trace_id"].as_str().unwrap().starts_with("Root=1-"));
    let variables = seen["variables"].as_array().unwrap();
    assert!(variables.contains(&"TABLE".into()));
    assert!(variables.contains(&"AWS_LAMBDA_FUNCTION_NAME".into()));
    assert!(!variables.contains(&"CARGO_MANIFEST_DIR".into()));
}

#[tokio::test]
async fn both_outputs_are_kept_line_by_line() {
    let function = Function::start(sample(&[])).await.unwrap();
    answer(&function, r#"{"do":"print"}"#).await.unwrap();
    assert_eq!(function.logged("output").await, "to standard output");
    assert_eq!(function.logged("error").await, "to standard error");
    let logs = function.stop().await;
    assert_eq!(logs.len(), 3, "and the work after the answer: {logs:?}");
}
