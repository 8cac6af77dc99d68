//! What a later release leaves is read where the version is the same, and left alone where it is not.

use serde_json::{Value, json};

use crate::fixtures::{Ledgers, ledgers, messages};
use crate::world::{DENIED, LIMITED, World};

/// Ledgers and messages with fields of which this release knows nothing.
fn with_more_fields() -> (Ledgers, Vec<String>) {
    let mut ledgers = ledgers();
    for fields in ledgers.values_mut() {
        fields.insert("later".to_owned(), "field".to_owned());
        if let Some(entry) = fields.get_mut("entry") {
            *entry = with_field(entry, |entry| entry.as_object_mut().unwrap().values_mut().next().unwrap());
        }
    }
    let message = |text: &String| with_field(text, |message| message);
    (ledgers, messages().iter().map(message).collect())
}

fn with_field(text: &str, place: impl FnOnce(&mut Value) -> &mut Value) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    place(&mut value)["later"] = json!({ "field": [1, 2] });
    value.to_string()
}

/// The same with another number in the names of the ledgers.
fn of_version_2() -> (Ledgers, Vec<String>) {
    let renamed = |text: &str| text.replace("authz:1:", "authz:2:");
    let ledgers = ledgers().into_iter().map(|(name, fields)| (renamed(&name), fields)).collect();
    (ledgers, messages().iter().map(|text| renamed(text)).collect())
}

#[tokio::test]
async fn fields_that_it_added_are_passed_over_and_kept() {
    let world = World::start().await;
    let (ledgers, messages) = with_more_fields();
    world.leave(&ledgers).await;
    assert_eq!(world.ask(LIMITED).await, "allow granted hit");
    assert_eq!(world.ask(DENIED).await, "deny user_key_invalid hit");
    assert_eq!(world.collect(&[&messages[0]]).await, [0; 0]);
    assert_eq!(world.counted(LIMITED), 2, "what it allowed, and what this release allowed");
    let ledgers = world.ledgers().await;
    assert!(ledgers.values().all(|fields| fields["later"] == "field"), "{ledgers:?}");
}

#[tokio::test]
async fn a_denial_with_a_reason_that_it_added_is_asked_for_again() {
    let world = World::start().await;
    let mut ledgers = ledgers();
    for entry in ledgers.values_mut().filter_map(|fields| fields.get_mut("entry")) {
        *entry = entry.replace("user_key_invalid", "user_key_on_holiday");
    }
    world.leave(&ledgers).await;
    assert_eq!(world.ask(DENIED).await, "deny user_key_invalid miss");
    assert_eq!(world.ask(DENIED).await, "deny user_key_invalid hit", "3scale's word is remembered");
}

#[tokio::test]
async fn ledgers_of_another_version_are_neither_read_nor_touched() {
    let world = World::start().await;
    let (ledgers, messages) = of_version_2();
    world.leave(&ledgers).await;
    assert_eq!(world.ask(LIMITED).await, "allow granted miss");
    assert_eq!(world.answer(&json!({ "forget": { "user_key": LIMITED } })).await, json!({ "forgotten": 1 }));
    assert_eq!(world.collect(&[&messages[0]]).await, [0], "the release that knows the ledger tells it");
    let mut after = world.ledgers().await;
    after.retain(|name, _| name.starts_with("authz:2:"));
    assert_eq!(after, ledgers);
    assert_eq!(world.counted(LIMITED), 1, "the call of this release alone");
}
