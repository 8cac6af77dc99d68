use std::time::Duration;

use authz_core::threescale::Failure;
use lambda_shell::{Environment, PublishError, Sns};

use crate::fake_aws::{FakeAws, Reaction, client, variables};
use crate::signature::assert_signed;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:uses";
pub(crate) const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>";

/// Long enough for a slow machine, because what is tested here does not depend on it; the pause before a second attempt
/// grows with it.
const PLENTY: Duration = Duration::from_secs(6);

pub(crate) fn sns(endpoint: &str, topic_arn: &str, time_limit: Duration) -> Sns {
    let environment = Environment::read(&variables(endpoint)).unwrap();
    Sns::new(client(), &environment, topic_arn, time_limit)
}

pub(crate) fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>you sent CANARY</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )
}

#[tokio::test]
async fn a_message_is_published_and_signed() {
    let aws = FakeAws::answering(200, PUBLISHED).await;
    let sns = sns(&aws.endpoint, TOPIC, PLENTY);
    sns.publish("{\"v\": 1, \"key\": \"a&b=ü\"}").await.unwrap();
    let [request] = &aws.requests()[..] else { panic!("one request") };
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    let topic = "TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Auses";
    let message = "Message=%7B%22v%22%3A%201%2C%20%22key%22%3A%20%22a%26b%3D%C3%BC%22%7D";
    assert_eq!(request.body, format!("Action=Publish&Version=2010-03-31&{topic}&{message}"));
    assert_signed(request, "us-east-1", "sns", &["content-type"]);
}

#[tokio::test]
async fn a_topic_is_called_in_its_own_region() {
    let aws = FakeAws::answering(200, PUBLISHED).await;
    let topic = "arn:aws:sns:eu-west-1:123456789012:uses";
    sns(&aws.endpoint, topic, PLENTY).publish("message").await.unwrap();
    assert_signed(&aws.requests()[0], "eu-west-1", "sns", &[]);
}

#[tokio::test]
async fn an_error_of_sns_is_tried_again_once() {
    let aws = FakeAws::start(|_, before| match before {
        0 => Reaction::Answer(500, refusal("InternalFailure")),
        _ => Reaction::Answer(200, PUBLISHED.to_owned()),
    });
    let aws = aws.await;
    sns(&aws.endpoint, TOPIC, PLENTY).publish("message").await.unwrap();
    let requests = aws.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_signed(&requests[1], "us-east-1", "sns", &[]);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    for (status, code, tries, told) in [
        (
            403,
            "AuthorizationError",
            1,
            "SNS denies access: `AuthorizationError` (HTTP 403); the function's role needs `sns:Publish` on the topic",
        ),
        (
            400,
            "AccessDenied",
            1,
            "SNS denies access: `AccessDenied` (HTTP 400); the function's role needs `sns:Publish` on the topic",
        ),
        (400, "Throttling", 2, "SNS throttles: `Throttling` (HTTP 400)"),
        (429, "Throttled", 1, "SNS throttles: `Throttled` (HTTP 429)"),
        (404, "NotFound", 1, "SNS refuses: `NotFound` (HTTP 404)"),
        (400, "you sent CANARY", 1, "SNS refuses: HTTP 400"),
        (503, "ServiceUnavailable", 2, "SNS refuses: `ServiceUnavailable` (HTTP 503)"),
    ] {
        let aws = FakeAws::answering(status, &refusal(code)).await;
        let error = sns(&aws.endpoint, TOPIC, PLENTY).publish("CANARY").await.unwrap_err();
        assert_eq!(error.to_string(), told);
        assert_eq!(aws.requests().len(), tries, "{told}");
        assert!(!format!("{error:?} {error}").contains("CANARY"), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_sns_is_told_apart() {
    let publish = |status, body: String| async move {
        let aws = FakeAws::answering(status, &body).await;
        sns(&aws.endpoint, TOPIC, PLENTY).publish("CANARY").await.unwrap_err()
    };
    assert_eq!(publish(200, "<html>CANARY".to_owned()).await, PublishError::Unreadable(200));
    assert_eq!(publish(502, "CANARY".to_owned()).await.to_string(), "SNS refuses: HTTP 502");
    assert_eq!(publish(200, "x".repeat(600 * 1024)).await, PublishError::NoAnswer(Failure::TooLarge));
    assert_eq!(publish(302, String::new()).await.to_string(), "SNS refuses: HTTP 302");
}

#[tokio::test]
async fn a_publisher_shows_no_credentials() {
    let sns = sns("http://127.0.0.1:1", TOPIC, PLENTY);
    assert_eq!(format!("{sns:?}"), format!("Sns {{ topic_arn: {TOPIC:?}, .. }}"));
}
