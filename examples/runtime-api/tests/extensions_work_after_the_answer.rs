//! The caller never waits for an extension; the next event does.

mod common;

use common::{answer, sample};
use runtime_api::{Config, Function, StartError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Where the extension waits until the test lets go of its connection.
async fn gate() -> (TcpListener, String) {
    let gate = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let event = format!(r#"{{"gate":"{}"}}"#, gate.local_addr().expect("an address"));
    (gate, event)
}

#[tokio::test]
async fn the_answer_comes_before_the_work_and_the_next_event_after_it() {
    let function = Function::start(sample(&[("SAMPLE_EXTENSION", "worker")])).await.unwrap();
    let (gate, event) = gate().await;
    let first = function.invoke(&event).await.unwrap();
    assert_eq!(first.answer.unwrap(), event);
    let (working, _) = gate.accept().await.unwrap();

    let mut second = Box::pin(answer(&function, "2"));
    assert!(timeout(Duration::from_millis(300), &mut second).await.is_err());
    assert!(!function.logs().contains(&"handling 2".to_owned()));

    drop(working);
    assert_eq!(second.await.unwrap(), "2");
    let logs = function.stop().await;
    let worked = logs.iter().position(|line| *line == format!("worked after {}", first.request_id)).unwrap();
    let handled = logs.iter().position(|line| line == "handling 2").unwrap();
    assert!(worked < handled, "{logs:?}");
}

#[tokio::test]
async fn work_past_the_time_limit_costs_the_process_but_not_the_answer() {
    let config = Config { timeout: Duration::from_secs(2), ..sample(&[("SAMPLE_EXTENSION", "worker")]) };
    let function = Function::start(config).await.unwrap();
    let (gate, event) = gate().await;
    assert_eq!(answer(&function, &event).await.unwrap(), event);
    let (mut working, _) = gate.accept().await.unwrap();
    function.settled().await;
    assert_eq!(function.pid(), None);
    assert_eq!(working.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(answer(&function, "2").await.unwrap(), "2");
}

#[tokio::test]
async fn dropping_a_function_kills_it_at_work() {
    let function = Function::start(sample(&[("SAMPLE_EXTENSION", "worker")])).await.unwrap();
    let (gate, event) = gate().await;
    answer(&function, &event).await.unwrap();
    let (mut working, _) = gate.accept().await.unwrap();
    drop(function);
    assert_eq!(working.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn an_extension_without_events_brings_sigterm_and_holds_nothing_up() {
    let function = Function::start(sample(&[("SAMPLE_EXTENSION", "graceful")])).await.unwrap();
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
    assert_eq!(answer(&function, "2").await.unwrap(), "2");
    let logs = function.stop().await;
    assert!(logs.contains(&"goodbye".to_owned()), "{logs:?}");
}

#[tokio::test]
async fn an_internal_extension_may_not_ask_for_shutdown() {
    let why = Function::start(sample(&[("SAMPLE_EXTENSION", "shutdown")])).await.unwrap_err();
    let StartError::Init(error) = why else { panic!("expected a failed init phase, got {why:?}") };
    assert_eq!(error.error_message, "Runtime exited with error: exit status 1");
}
