use std::time::Duration;

use authz_core::threescale::Failure;
use lambda_shell::PublishError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::fake_aws::{FakeAws, Reaction, nobody};
use crate::messages_reach_the_topic::{PUBLISHED, refusal, sns};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:uses";

/// Of one message: the least that leaves both attempts time on a slow machine.
const TIME_LIMIT: Duration = Duration::from_millis(1200);

/// Far beyond the time limit, and far below the defaults of the SDK and of TCP.
const SOON: Duration = Duration::from_secs(10);

async fn publish(endpoint: &str) -> PublishError {
    let sns = sns(endpoint, TOPIC, TIME_LIMIT);
    let error = timeout(SOON, sns.publish("CANARY")).await.unwrap().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("CANARY"), "{error:?}");
    error
}

#[tokio::test]
async fn silence_ends_in_time_after_two_attempts() {
    let aws = FakeAws::start(|_, _| Reaction::Silence).await;
    assert_eq!(publish(&aws.endpoint).await, PublishError::NoAnswer(Failure::TimedOut));
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test]
async fn an_attempt_that_meets_silence_leaves_time_for_another() {
    let aws = FakeAws::start(|_, before| match before {
        0 => Reaction::Silence,
        _ => Reaction::Answer(200, PUBLISHED.to_owned()),
    });
    let aws = aws.await;
    sns(&aws.endpoint, TOPIC, Duration::from_secs(2)).publish("message").await.unwrap();
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test]
async fn endless_errors_end_after_two_attempts() {
    let aws = FakeAws::answering(503, &refusal("ServiceUnavailable")).await;
    let error = publish(&aws.endpoint).await;
    assert!(matches!(&error, PublishError::Refused(refusal) if refusal.status == 503), "{error:?}");
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test]
async fn nobody_there_is_told_at_once() {
    assert_eq!(publish(&nobody().await).await, PublishError::NoAnswer(Failure::NotConnected));
}

#[tokio::test]
async fn a_broken_connection_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 64]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<Publish").await;
        }
    });
    assert_eq!(publish(&endpoint).await, PublishError::NoAnswer(Failure::CutOff));
}
