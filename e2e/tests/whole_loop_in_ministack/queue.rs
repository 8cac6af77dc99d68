//! A queue of SQS.

use e2e::Aws;
use serde_json::{Value, json};

pub(crate) struct Queue {
    aws: Aws,
    url: String,
    pub(crate) arn: String,
}

/// What SQS hands out.
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) receive_count: u32,
}

impl Queue {
    pub(crate) async fn create(aws: &Aws, name: &str, attributes: &Value) -> Self {
        let created = sqs(aws, "CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
        let url = created["QueueUrl"].as_str().unwrap().to_owned();
        let mut queue = Self { aws: aws.clone(), url, arn: String::new() };
        queue.attributes().await["QueueArn"].as_str().unwrap().clone_into(&mut queue.arn);
        queue
    }

    /// Sends all in one go, and returns their ids.
    pub(crate) async fn send(&self, bodies: &[&str]) -> Vec<String> {
        let entry = |(index, body): (usize, &&str)| json!({ "Id": index.to_string(), "MessageBody": body });
        let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
        let sent = sqs(&self.aws, "SendMessageBatch", &json!({ "QueueUrl": self.url, "Entries": entries })).await;
        let sent = sent["Successful"].as_array().unwrap().clone();
        sent.iter().map(|message| message["MessageId"].as_str().unwrap().to_owned()).collect()
    }

    /// Takes everything that is visible. It becomes visible again when the queue's time for that is over.
    pub(crate) async fn receive(&self) -> Vec<Received> {
        let question = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        });
        let mut all = Vec::new();
        loop {
            let some = sqs(&self.aws, "ReceiveMessage", &question).await;
            match some["Messages"].as_array() {
                Some(some) if !some.is_empty() => all.extend(some.iter().map(Received::read)),
                _ => return all,
            }
        }
    }

    /// How many messages it holds: visible, in somebody's hands, or delayed.
    pub(crate) async fn length(&self) -> u32 {
        let attributes = self.attributes().await;
        let count = |name: &str| attributes[name].as_str().unwrap().parse::<u32>().unwrap();
        ["", "NotVisible", "Delayed"].iter().map(|kind| count(&format!("ApproximateNumberOfMessages{kind}"))).sum()
    }

    async fn attributes(&self) -> Value {
        let question = json!({ "QueueUrl": self.url, "AttributeNames": ["All"] });
        sqs(&self.aws, "GetQueueAttributes", &question).await["Attributes"].clone()
    }
}

impl Received {
    fn read(message: &Value) -> Self {
        let text = |field: &Value| field.as_str().unwrap().to_owned();
        let receive_count = text(&message["Attributes"]["ApproximateReceiveCount"]);
        Self {
            id: text(&message["MessageId"]),
            body: text(&message["Body"]),
            receive_count: receive_count.parse().unwrap(),
        }
    }
}

async fn sqs(aws: &Aws, operation: &str, body: &Value) -> Value {
    aws.operation("sqs", &format!("AmazonSQS.{operation}"), body).await
}
