//! A queue of SQS.

use serde_json::{Value, json};

use super::Aws;

/// A queue of an account.
///
/// Its methods panic where SQS refuses or does not answer.
#[derive(Debug)]
pub struct Queue {
    aws: Aws,
    url: String,
    arn: String,
}

/// A message as SQS hands it out.
#[derive(Clone, Debug)]
pub struct Received {
    /// How SQS names it.
    pub id: String,
    /// What it says.
    pub body: String,
    /// How often it was handed out, this time included.
    pub receive_count: u32,
    receipt_handle: String,
}

impl Queue {
    /// Creates a queue with attributes as SQS names them.
    pub async fn create(aws: &Aws, name: &str, attributes: &Value) -> Self {
        let created = sqs(aws, "CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
        let mut queue = Self { aws: aws.clone(), url: text(&created["QueueUrl"]), arn: String::new() };
        queue.arn = text(&queue.attributes().await["QueueArn"]);
        queue
    }

    /// Returns its ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Sends up to ten messages in one go, and returns their ids.
    pub async fn send(&self, bodies: &[&str]) -> Vec<String> {
        let entry = |(index, body): (usize, &&str)| json!({ "Id": index.to_string(), "MessageBody": body });
        let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
        let sent = sqs(&self.aws, "SendMessageBatch", &json!({ "QueueUrl": self.url, "Entries": entries })).await;
        listed(&sent["Successful"]).iter().map(|message| text(&message["MessageId"])).collect()
    }

    /// Takes everything that is visible. It becomes visible again when the queue's time for that is over.
    pub async fn receive(&self) -> Vec<Received> {
        let mut all = Vec::new();
        loop {
            let some = self.receive_some().await;
            if some.is_empty() {
                return all;
            }
            all.extend(some);
        }
    }

    /// Takes what SQS hands out at a time: up to ten messages.
    pub async fn receive_some(&self) -> Vec<Received> {
        let question = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        });
        let some = sqs(&self.aws, "ReceiveMessage", &question).await;
        listed(&some["Messages"]).iter().map(Received::read).collect()
    }

    /// Deletes messages, up to ten. One that was handed out again meanwhile stays.
    pub async fn delete(&self, messages: &[Received]) {
        if messages.is_empty() {
            return;
        }
        let handles = messages.iter().map(|message| &message.receipt_handle).enumerate();
        let entry = |(index, handle): (usize, &String)| json!({ "Id": index.to_string(), "ReceiptHandle": handle });
        let entries: Vec<Value> = handles.map(entry).collect();
        sqs(&self.aws, "DeleteMessageBatch", &json!({ "QueueUrl": self.url, "Entries": entries })).await;
    }

    /// Returns how many messages it holds: visible, in somebody's hands, or delayed.
    ///
    /// # Panics
    ///
    /// If SQS does not tell.
    pub async fn length(&self) -> u32 {
        let attributes = self.attributes().await;
        let count = |name: &str| text(&attributes[name]).parse::<u32>().expect("a number of messages");
        ["", "NotVisible", "Delayed"].iter().map(|kind| count(&format!("ApproximateNumberOfMessages{kind}"))).sum()
    }

    async fn attributes(&self) -> Value {
        let question = json!({ "QueueUrl": self.url, "AttributeNames": ["All"] });
        sqs(&self.aws, "GetQueueAttributes", &question).await["Attributes"].clone()
    }
}

impl Received {
    fn read(message: &Value) -> Self {
        let receive_count = text(&message["Attributes"]["ApproximateReceiveCount"]);
        Self {
            id: text(&message["MessageId"]),
            body: text(&message["Body"]),
            receive_count: receive_count.parse().expect("a number of receipts"),
            receipt_handle: text(&message["ReceiptHandle"]),
        }
    }
}

async fn sqs(aws: &Aws, operation: &str, body: &Value) -> Value {
    aws.operation("sqs", &format!("AmazonSQS.{operation}"), body).await
}

/// A list that SQS leaves out when it is empty.
fn listed(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn text(field: &Value) -> String {
    field.as_str().expect("a field that SQS always fills").to_owned()
}
