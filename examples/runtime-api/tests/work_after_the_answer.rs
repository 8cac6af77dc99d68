//! The caller never waits for work after the answer; the next event does.

mod common;

use common::{answer, sample};
use runtime_api::{Config, Function};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Where the function waits until the test lets go of its connection.
async fn gate() -> (TcpListener, String) {
    let gate = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let event = format!(r#"{{"gate":"{}"}}"#, gate.local_addr().expect("an address"));
    (gate, event)
}

#[tokio::test]
async fn the_answer_comes_before_the_work_and_the_next_event_after_it() {
    let function = Function::start(sample(&[])).await.unwrap();
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
    let config = Config { timeout: Duration::from_secs(2), ..sample(&[]) };
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
    let function = Function::start(sample(&[])).await.unwrap();
    let (gate, event) = gate().await;
    answer(&function, &event).await.unwrap();
    let (mut working, _) = gate.accept().await.unwrap();
    drop(function);
    assert_eq!(working.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn the_work_is_done_before_the_process_is_frozen() {
    let function = Function::start(Config { freeze: true, ..sample(&[]) }).await.unwrap();
    let (gate, event) = gate().await;
    answer(&function, &event).await.unwrap();
    let (working, _) = gate.accept().await.unwrap();
    drop(working);
    let logs = function.stop().await;
    assert!(logs.iter().any(|line| line.starts_with("worked after")), "{logs:?}");
}
