//! What becomes of messages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::Cloud;

/// Every message that was published so far. The witness hides what it has handed out, so this is asked once.
pub(crate) async fn published(cloud: &Cloud) -> Vec<String> {
    cloud.witness.receive().await.into_iter().map(|copy| copy.body).collect()
}

/// Hands the collector every message that was published so far, so that it tells 3scale of all uses.
pub(crate) async fn collect(cloud: &Cloud) {
    for body in published(cloud).await {
        assert_eq!(deliver(cloud, &body).await, Value::Null);
    }
    assert!(all_told(cloud).await);
}

/// Hands a message to the collector, as SNS does, and returns what it answers.
pub(crate) async fn deliver(cloud: &Cloud, body: &str) -> Value {
    let sns = json!({ "Type": "Notification", "MessageId": "again", "TopicArn": cloud.topic, "Message": body });
    let event = json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns }] });
    cloud.aws.rest("lambda", Method::POST, "/2015-03-31/functions/authrep-async/invocations", &event).await
}

/// Whether 3scale was told of all uses of all ledgers.
pub(crate) async fn all_told(cloud: &Cloud) -> bool {
    cloud.ledgers().await.iter().all(|(uses, told)| uses == told)
}
