//! What releases of version 1 leave in Redis and in the queue.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::credential::{AppId, AppKey, Caller, Credential, Referrer};
use authz_core::ledger::Claim;
use authz_core::message::Message;
use authz_core::threescale::{ServiceId, Usage};
use serde_json::{Value, json};

use crate::world::{CLAIMED, DENIED, FORGOTTEN, LIMITED, NOW, SERVICE_ID, World};

/// Each ledger by its name, field by field.
pub(crate) type Ledgers = BTreeMap<String, BTreeMap<String, String>>;

/// Ledgers as they come about: with untold uses of a limited plan, under a lease, forgotten, and of a denial.
pub(crate) fn ledgers() -> Ledgers {
    serde_json::from_str(&read("ledgers.json")).unwrap()
}

/// The messages about those that rang: for [`LIMITED`], [`CLAIMED`] and [`FORGOTTEN`].
pub(crate) fn messages() -> Vec<String> {
    read("messages.txt").lines().map(str::to_owned).collect()
}

/// A message about an application with a key and a referrer.
fn message_of_an_application() -> Message {
    let keyring = World::settings("http://127.0.0.1", 6379).keyring;
    let (service, usage) = (ServiceId::parse(SERVICE_ID).unwrap(), Usage::hits(1));
    let key = CacheKey::new(&keyring, &service, &application(), &usage);
    Message::new(&keyring, key, service, usage, &application(), "request-1".to_owned())
}

fn application() -> Caller {
    let id = AppId::parse("application").unwrap();
    let credential = Credential::Application { id, key: AppKey::parse("app key").ok() };
    Caller { credential, referrer: Referrer::parse("www.example.com") }
}

#[tokio::test]
async fn this_release_writes_what_is_written_down() {
    let mut world = World::start().await;
    let mut messages = Vec::new();
    for key in [LIMITED, CLAIMED, FORGOTTEN] {
        assert_eq!(world.ask(key).await, "allow granted miss");
        assert_eq!(world.ask(key).await, "allow granted hit");
        messages.push(world.inbox.next().await.unwrap());
    }
    assert_eq!(world.ask(DENIED).await, "deny user_key_invalid miss");
    let claim = Claim { now: NOW, owner: "worker".to_owned(), lease: Duration::from_secs(35) };
    world.collector.cache.claim(&messages[1].key, claim).await.unwrap();
    assert_eq!(world.answer(&json!({ "forget": { "user_key": FORGOTTEN } })).await, json!({ "forgotten": 1 }));
    held_to("ledgers.json", &pretty(&json!(world.ledgers().await)));
    let messages: Vec<String> = messages.iter().map(|message| message.encode() + "\n").collect();
    held_to("messages.txt", &messages.concat());
}

#[test]
fn the_seal_of_an_application_is_what_is_written_down() {
    held_to("message-of-an-application.txt", &(message_of_an_application().encode() + "\n"));
    let message = Message::decode(read("message-of-an-application.txt").trim_end()).unwrap();
    assert_eq!(message.caller(&World::settings("http://127.0.0.1", 6379).keyring), Ok(application()));
}

/// With `UPDATE_FIXTURES=1` it is written down instead: only for a version that was never released.
fn held_to(name: &str, text: &str) {
    if std::env::var("UPDATE_FIXTURES").is_ok_and(|value| value == "1") {
        std::fs::write(path(name), text).unwrap();
    }
    assert_eq!(text, read(name), "a release with the same number in `authz:1:` writes something else");
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrades/fixtures").join(name)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}
