//! What a topic or a queue brings.

use std::sync::LazyLock;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::collect::{self, Step, Worker};
use authz_core::credential::{AppId, AppKey, Caller, Credential, Referrer, UserKey};
use authz_core::delivery::Batch;
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::threescale::{ServiceId, Usage};
use serde::Deserialize;

use crate::judged::{ASKED, settings};
use crate::keeps_secrets;

/// Reads a message, alone and as part of a batch.
///
/// What opens is what was sealed, to the letter but for its correlation id; anything else claims nothing. A batch is
/// answered so that SQS brings exactly the failed messages again, and SNS all of them.
pub fn check(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let mut is_understood = false;
    if let Ok(message) = Message::decode(&text) {
        is_understood = true;
        is_ours_or_refused(&message);
    }
    if let Ok(batch) = Batch::read(&text) {
        is_understood = true;
        batch.items.iter().flat_map(|item| &item.message).for_each(is_ours_or_refused);
        is_answered(&batch);
    }
    is_understood
}

static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| settings(&[("CREDENTIAL_SECRET", "CANARY-SECRET"), ("ELASTICACHE_ENDPOINT", "cache")]));

/// What our authorizer wrote.
static OURS: LazyLock<[Message; 3]> = LazyLock::new(|| {
    let user_key = Credential::UserKey(UserKey::parse("CANARY-KEY").expect("it is a key"));
    let id = AppId::parse("id").expect("it is an id");
    let application = Credential::Application { id, key: AppKey::parse("CANARY-APP-KEY").ok() };
    let usage = Usage::new([("hits".to_owned(), 2), ("search".to_owned(), 1)]).expect("it is a usage");
    [
        sealed(&Caller { credential: user_key.clone(), referrer: None }, Usage::hits(1)),
        sealed(&Caller { credential: user_key, referrer: Referrer::parse("example.com") }, usage),
        sealed(&Caller { credential: application, referrer: None }, Usage::hits(1)),
    ]
});

fn sealed(caller: &Caller, usage: Usage) -> Message {
    let service = ServiceId::parse("7").expect("it is an id");
    let key = CacheKey::new(&SETTINGS.keyring, &service, caller, &usage);
    Message::new(&SETTINGS.keyring, key, service, usage, caller, "request-1".to_owned())
}

fn is_ours_or_refused(message: &Message) {
    assert_eq!(Message::decode(&message.encode()).as_ref(), Ok(message));
    let named = |id: &str| {
        let mut message = message.clone();
        id.clone_into(&mut message.correlation_id);
        message
    };
    let is_ours = OURS.iter().any(|ours| named(&ours.correlation_id) == *ours);
    let opened = message.caller(&SETTINGS.keyring);
    assert_eq!(opened.is_ok(), is_ours, "{message:?}");
    let worker = Worker { name: "worker".to_owned(), lease: Duration::from_secs(35) };
    let claims = matches!(collect::begin(&SETTINGS, message.clone(), worker, ASKED), Step::Claim(_));
    assert_eq!(claims, is_ours);
    if is_ours {
        keeps_secrets(&format!("{:?} {opened:?}", named("")));
    }
}

/// Asserts that each way in which a batch can fail is told, for no message, for each alone, and for all.
fn is_answered(batch: &Batch) {
    let ids: Vec<_> = batch.items.iter().map(|item| item.id.as_str()).collect();
    let alone = ids.iter().take(4).map(|id| vec![*id]);
    for failed in [Vec::new(), ids.clone()].into_iter().chain(alone) {
        match batch.answer(&failed) {
            Ok(answer) if answer == "null" => assert!(failed.is_empty()),
            Ok(answer) => {
                let told: Failures = serde_json::from_str(&answer).expect("SQS can read it");
                let told: Vec<_> = told.failures.iter().map(|failure| failure.id.as_str()).collect();
                assert_eq!(told, failed);
            }
            Err(again) => assert_eq!(again.0, failed.len()),
        }
    }
}

#[derive(Deserialize)]
struct Failures {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    id: String,
}
