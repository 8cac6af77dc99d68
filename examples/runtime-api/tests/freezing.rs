//! An idle process is stopped, and continued for its next event.
#![cfg(target_os = "linux")]

mod common;

use common::{answer, sample};
use runtime_api::{Config, Function};

/// The state letter of proc(5): `T` is stopped.
fn state(function: &Function) -> char {
    let path = format!("/proc/{}/stat", function.pid().expect("a process"));
    let stat = std::fs::read_to_string(path).expect("a process that is there");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    fields.chars().next().expect("a state")
}

#[tokio::test]
async fn an_idle_process_is_frozen_and_the_next_event_thaws_it() {
    let config = Config { freeze: true, ..sample(&[]) };
    let function = Function::start(config).await.unwrap();
    function.settled().await;
    assert_eq!(state(&function), 'T');
    for event in ["1", "2"] {
        assert_eq!(answer(&function, event).await.unwrap(), event);
        function.settled().await;
        assert_eq!(state(&function), 'T');
    }
    let logs = function.stop().await;
    assert_eq!(logs.iter().filter(|line| line.starts_with("worked")).count(), 2, "{logs:?}");
}

#[tokio::test]
async fn a_process_is_not_frozen_unless_so_configured() {
    let function = Function::start(sample(&[])).await.unwrap();
    answer(&function, "1").await.unwrap();
    function.settled().await;
    assert_ne!(state(&function), 'T');
}

#[tokio::test]
async fn a_process_is_frozen_and_thawed_by_hand() {
    let function = Function::start(sample(&[])).await.unwrap();
    for _ in 0..3 {
        function.freeze();
        assert_eq!(state(&function), 'T');
        function.thaw();
    }
    assert_eq!(answer(&function, "1").await.unwrap(), "1");
}
