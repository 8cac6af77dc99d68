//! What becomes of messages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::eventually;

/// Waits for messages, which are published after an answer, and returns those that nobody was told of yet.
pub(crate) async fn published(cloud: &Cloud) -> Vec<String> {
    eventually("a message", async || {
        let copies = cloud.witness.receive().await;
        (!copies.is_empty()).then(|| copies.into_iter().map(|copy| copy.body).collect())
    })
    .await
}

/// Hands the collector messages until it has told 3scale of all uses.
pub(crate) async fn collect(cloud: &Cloud) {
    while !all_told(cloud).await {
        for body in published(cloud).await {
            assert_eq!(deliver(cloud, &body).await, Value::Null);
        }
    }
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
