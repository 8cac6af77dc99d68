//! The server over a real socket, healthy and faulty.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use threescale_stub::{
    Backend, Clock, DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, DEMO_USER_KEY, Endpoint, Fault, Response, Server, demo,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NOW_MS: u64 = 1_784_543_415_000;
const SOON: Duration = Duration::from_millis(150);

async fn started() -> (Server, Arc<Mutex<Backend>>, Clock) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let backend = Arc::new(Mutex::new(demo()));
    let clock = Clock::frozen(NOW_MS);
    let server = Server::start(listener, Arc::clone(&backend), clock.clone()).expect("a server");
    (server, backend, clock)
}

fn authrep_target() -> String {
    format!(
        "/transactions/authrep.xml?service_token={DEMO_SERVICE_TOKEN}&service_id={DEMO_SERVICE_ID}\
         &user_key={DEMO_USER_KEY}&usage%5Bhits%5D=1"
    )
}

/// Sends a request on a connection of its own and returns everything that comes back.
async fn exchange(server: &Server, method: &str, target: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.address()).await?;
    let length = body.len();
    let head = format!("{method} {target} HTTP/1.1\r\nhost: stub\r\nconnection: close\r\ncontent-length: {length}");
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn authrep(server: &Server) -> io::Result<String> {
    exchange(server, "GET", &authrep_target(), "").await
}

fn counted(backend: &Mutex<Backend>) -> u64 {
    let counted = backend.lock().expect("the backend").counted();
    counted.get(DEMO_USER_KEY).and_then(|metrics| metrics.get("hits")).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_healthy_server_answers_and_counts() {
    let (server, backend, clock) = started().await;
    let answer = authrep(&server).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/vnd.3scale-v2.0+xml\r\n"), "{answer}");
    assert!(answer.ends_with("<status><authorized>true</authorized><plan>Unlimited</plan></status>"), "{answer}");
    clock.set(NOW_MS + 60_000);
    clock.advance(Duration::from_secs(90_000));
    let form = format!(
        "service_token={DEMO_SERVICE_TOKEN}&service_id={DEMO_SERVICE_ID}&transactions[0][user_key]={DEMO_USER_KEY}\
         &transactions[0][usage][hits]=4&transactions[0][timestamp]={}",
        NOW_MS / 1_000
    );
    let answer = exchange(&server, "POST", "/transactions.xml", &form).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 202 Accepted\r\n"), "{answer}");
    assert_eq!(counted(&backend), 1, "25 hours are too old");
    assert_eq!(backend.lock().expect("the backend").voided().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_can_be_faked_for_one_path_or_every_nth_request() {
    let (server, backend, _) = started().await;
    let broken = Response::raw(503, "<html>").with_header("retry-after", "7");
    server.set_fault(Fault::answer(broken).on_path("/transactions/authrep.xml").every(2));
    let mut statuses = Vec::new();
    for target in [authrep_target().as_str(), "/status", authrep_target().as_str(), authrep_target().as_str()] {
        let answer = exchange(&server, "GET", target, "").await.expect("an answer");
        statuses.push(answer["HTTP/1.1 ".len()..][..3].to_owned());
    }
    assert_eq!(statuses, ["200", "200", "503", "200"]);
    assert_eq!(counted(&backend), 2);
    server.set_fault(None);
    assert!(authrep(&server).await.expect("an answer").starts_with("HTTP/1.1 200"));
    assert_eq!(backend.lock().expect("the backend").requests(Endpoint::Authrep), 3);
}

#[tokio::test]
async fn a_cut_connection_closes_without_a_byte() {
    let (server, backend, _) = started().await;
    server.set_fault(Fault::cut());
    let answer = authrep(&server).await;
    assert!(answer.as_ref().map_or(true, String::is_empty), "{answer:?}");
    assert_eq!(counted(&backend), 0);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_request_was_counted() {
    let (server, backend, _) = started().await;
    server.set_fault(Fault::count_then_cut());
    let answer = authrep(&server).await;
    assert!(answer.as_ref().map_or(true, String::is_empty), "{answer:?}");
    assert_eq!(counted(&backend), 1);
}

#[tokio::test]
async fn a_fault_can_be_chosen_for_each_request() {
    let (server, backend, _) = started().await;
    server.choose_faults(|request| request.query.contains("usage").then(|| Fault::answer(Response::raw(429, ""))));
    assert!(authrep(&server).await.expect("an answer").starts_with("HTTP/1.1 429"));
    assert!(exchange(&server, "GET", "/status", "").await.expect("an answer").starts_with("HTTP/1.1 200"));
    assert_eq!(counted(&backend), 0);
}

#[tokio::test]
async fn a_hanging_request_gets_no_answer_and_may_be_counted() {
    let (server, backend, _) = started().await;
    server.set_fault(Fault::hang());
    assert!(tokio::time::timeout(SOON, authrep(&server)).await.is_err());
    assert_eq!(counted(&backend), 0);
    server.set_fault(Fault::count_then_hang());
    assert!(tokio::time::timeout(SOON, authrep(&server)).await.is_err());
    assert_eq!(counted(&backend), 1);
}

#[tokio::test]
async fn a_delayed_answer_comes_late() {
    let (server, backend, _) = started().await;
    server.set_fault(Fault::delay(SOON));
    let before = tokio::time::Instant::now();
    assert!(authrep(&server).await.expect("an answer").starts_with("HTTP/1.1 200"));
    assert!(before.elapsed() >= SOON);
    assert_eq!(counted(&backend), 1);
}

#[tokio::test]
async fn stopping_closes_the_socket_and_ends_what_hangs() {
    let (server, _, _) = started().await;
    let address = server.address();
    server.set_fault(Fault::hang());
    let mut hanging = TcpStream::connect(address).await.expect("a connection");
    hanging.write_all(b"GET /status HTTP/1.1\r\nhost: stub\r\n\r\n").await.expect("a request");
    tokio::time::sleep(SOON).await;
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.expect("an end");
    let mut answer = String::new();
    let read = hanging.read_to_string(&mut answer).await;
    assert!(read.is_err() || answer.is_empty(), "{answer}");
    assert!(TcpStream::connect(address).await.is_err());
}
