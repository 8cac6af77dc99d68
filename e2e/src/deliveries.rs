//! Messages as SNS and SQS bring them to a function.

use serde_json::{Value, json};

use crate::Topic;

/// A message in a queue: its id, and its body.
#[derive(Clone, Debug)]
pub struct Record(Value);

impl Record {
    /// From a subscription with raw message delivery.
    pub fn raw(id: &str, message: &str) -> Self {
        Self::with_body(id, message)
    }

    /// From a subscription without it: SNS puts the message into an envelope.
    pub fn in_envelope(id: &str, message: &str) -> Self {
        Self::with_body(id, &notification(message).to_string())
    }

    fn with_body(id: &str, body: &str) -> Self {
        Self(json!({
            "messageId": id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:uses",
            "awsRegion": "us-east-1",
        }))
    }
}

/// What SQS hands to a function.
pub fn sqs_event(records: impl IntoIterator<Item = Record>) -> String {
    json!({ "Records": records.into_iter().map(|Record(record)| record).collect::<Vec<_>>() }).to_string()
}

/// What SNS hands to a function.
pub fn sns_event(message: &str) -> String {
    let record = json!({
        "EventVersion": "1.0",
        "EventSource": "aws:sns",
        "EventSubscriptionArn": format!("{}:21be56ed-a058-49f5-8c98-aedd2564c486", Topic::ARN),
        "Sns": notification(message),
    });
    json!({ "Records": [record] }).to_string()
}

fn notification(message: &str) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        "TopicArn": Topic::ARN,
        "Subject": null,
        "Message": message,
        "Timestamp": "2019-01-02T12:45:07.000Z",
        "MessageAttributes": {},
    })
}
