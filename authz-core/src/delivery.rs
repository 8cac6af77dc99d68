//! What wakes `authrep-async`: messages as SNS or SQS deliver them, or an operator.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::forget::{Forget, ForgetError};
use crate::message::{Message, MessageError};
use crate::settings::Settings;

/// The event of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Messages to collect.
    Batch(Batch),
    /// What an operator asks for.
    Forget(Forget),
}

/// The messages of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its messages, in their order.
    pub items: Vec<Item>,
    source: Source,
}

/// One delivery of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How the deliverer names it.
    pub id: String,
    /// What it says.
    pub message: Result<Message, MessageError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Sns,
    Sqs,
}

/// Why an event can't be answered. It never repeats the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// It is no batch, and asks for nothing.
    #[error(transparent)]
    NoBatch(#[from] BatchError),
    /// It is not clear what it wants forgotten.
    #[error(transparent)]
    Forget(#[from] ForgetError),
}

/// Why an event is no batch. It never repeats the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the event is neither of SNS nor of SQS, nor does it ask to `forget`, at line {line} column {column}")]
pub struct BatchError {
    line: usize,
    column: usize,
}

/// So many messages must come again. SNS delivers to a function as a whole, so the invocation has to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} of the messages must come again")]
pub struct MustComeAgain(pub usize);

impl Event {
    /// Reads an event.
    pub fn read(event: &str, settings: &Settings) -> Result<Self, EventError> {
        match Batch::read(event) {
            Ok(batch) => Ok(Self::Batch(batch)),
            Err(no_batch) => match Forget::read(event, settings) {
                Some(forget) => Ok(Self::Forget(forget?)),
                None => Err(no_batch.into()),
            },
        }
    }
}

impl Batch {
    /// Reads an event: of SNS, of SQS with the envelope that SNS puts around a message, or of SQS with raw delivery.
    ///
    /// Source: "Using Lambda with Amazon SNS" and "Using Lambda with Amazon SQS" in the Lambda developer guide.
    pub fn read(event: &str) -> Result<Self, BatchError> {
        let event: Delivery =
            serde_json::from_str(event).map_err(|error| BatchError { line: error.line(), column: error.column() })?;
        Ok(match event {
            Delivery::Sns { records } => {
                let items = records.into_iter().map(|record| Item::of(record.sns.id, &record.sns.message)).collect();
                Self { items, source: Source::Sns }
            }
            Delivery::Sqs { records } => {
                let items = records.into_iter().map(|record| Item::of(record.id, unwrapped(&record.body).as_ref()));
                Self { items: items.collect(), source: Source::Sqs }
            }
        })
    }

    /// Writes what the function answers when the messages with these ids must come again.
    ///
    /// SQS is told which; an answer that SQS can't read would bring all of them again, so an empty list is written too.
    pub fn answer(&self, failed: &[&str]) -> Result<String, MustComeAgain> {
        match self.source {
            Source::Sns if failed.is_empty() => Ok("null".to_owned()),
            Source::Sns => Err(MustComeAgain(failed.len())),
            Source::Sqs => {
                let failures = failed.iter().map(|id| Failure { item_identifier: id }).collect();
                // Texts can't fail to serialize.
                Ok(serde_json::to_string(&Failures { batch_item_failures: failures }).unwrap_or_default())
            }
        }
    }
}

impl Item {
    fn of(id: String, text: &str) -> Self {
        Self { id, message: Message::decode(text) }
    }
}

/// The message in SNS's envelope, or all of it if there is none.
fn unwrapped(body: &str) -> std::borrow::Cow<'_, str> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(rename = "Message")]
        message: String,
    }
    match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) => envelope.message.into(),
        Err(_) => body.into(),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Delivery {
    Sns {
        #[serde(rename = "Records")]
        records: Vec<SnsRecord>,
    },
    Sqs {
        #[serde(rename = "Records")]
        records: Vec<SqsRecord>,
    },
}

#[derive(Deserialize)]
struct SnsRecord {
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Deserialize)]
struct Sns {
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "Message")]
    message: String,
}

#[derive(Deserialize)]
struct SqsRecord {
    #[serde(rename = "messageId")]
    id: String,
    body: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failures<'i> {
    batch_item_failures: Vec<Failure<'i>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'i> {
    item_identifier: &'i str,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cache::CacheKey;
    use crate::credential::{Caller, Credential, Secret, UserKey};
    use crate::keyring::Keyring;
    use crate::threescale::{ServiceId, Usage};

    fn message() -> Message {
        let keyring = Keyring::derive(&Secret::new("s"));
        let caller = Caller { credential: Credential::UserKey(UserKey::parse("k").unwrap()), referrer: None };
        let service = ServiceId::parse("7").unwrap();
        let key = CacheKey::new(&keyring, &service, &caller, &Usage::hits(1));
        Message::new(&keyring, key, service, Usage::hits(1), &caller, "c".to_owned())
    }

    fn sns(text: &str) -> String {
        let sns = json!({ "Type": "Notification", "MessageId": "1", "Message": text, "Subject": null });
        json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns }] }).to_string()
    }

    fn sqs(bodies: &[&str]) -> String {
        let record = |(id, body): (usize, &&str)| json!({ "messageId": id.to_string(), "body": body, "eventSource": "aws:sqs", "attributes": {} });
        json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
    }

    #[test]
    fn all_three_ways_bring_the_same_message() {
        let raw = message().encode();
        let envelope = json!({ "Type": "Notification", "MessageId": "x", "Message": raw }).to_string();
        for event in [sns(&raw), sqs(&[&raw]), sqs(&[&envelope])] {
            let batch = Batch::read(&event).unwrap();
            assert_eq!(batch.items.len(), 1);
            assert_eq!(batch.items[0].message, Ok(message()), "{event}");
        }
    }

    #[test]
    fn a_poisoned_message_spoils_no_other() {
        let batch = Batch::read(&sqs(&["poison", &message().encode(), r#"{"v":9}"#])).unwrap();
        let messages: Vec<_> = batch.items.iter().map(|item| item.message.clone()).collect();
        assert_eq!(messages, [Err(MessageError::NotAMessage), Ok(message()), Err(MessageError::Version(9))]);
    }

    #[test]
    fn sqs_is_told_which_messages_must_come_again_and_sns_that_some_must() {
        let queue = Batch::read(&sqs(&["a", "b"])).unwrap();
        assert_eq!(queue.answer(&[]).unwrap(), r#"{"batchItemFailures":[]}"#);
        assert_eq!(queue.answer(&["1"]).unwrap(), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
        let topic = Batch::read(&sns("a")).unwrap();
        assert_eq!(topic.answer(&[]), Ok("null".to_owned()));
        assert_eq!(topic.answer(&["1"]), Err(MustComeAgain(1)));
    }

    #[test]
    fn an_event_is_a_batch_or_asks_to_forget() {
        let variables = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token")];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let settings = Settings::read(&variables.into()).unwrap();
        let read = |event: &str| Event::read(event, &settings);
        assert!(matches!(read(&sqs(&[])), Ok(Event::Batch(_))));
        assert!(matches!(read(r#"{"forget":{"user_key":"k"}}"#), Ok(Event::Forget(_))));
        assert_eq!(read(r#"{"forget":{}}"#), Err(EventError::Forget(ForgetError::NotOneCredential)));
        assert!(matches!(read("{}"), Err(EventError::NoBatch(_))));
    }

    #[test]
    fn what_is_no_batch_is_said_to_be_none() {
        for event in ["", "{}", "[]", r#"{"Records":[{}]}"#, r#"{"Records":[{"body":5,"messageId":"1"}]}"#] {
            assert!(Batch::read(event).is_err(), "{event}");
        }
    }
}
