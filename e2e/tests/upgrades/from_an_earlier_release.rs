//! What an earlier release of the same version has left is believed, counted on, and told.

use crate::fixtures::{ledgers, messages};
use crate::world::{CLAIMED, DENIED, FORGOTTEN, LIMITED, World};

#[tokio::test]
async fn its_answers_are_believed() {
    let world = World::start().await;
    world.leave(&ledgers()).await;
    assert_eq!(world.ask(LIMITED).await, "allow granted hit");
    assert_eq!(world.ask(CLAIMED).await, "allow granted hit");
    assert_eq!(world.ask(DENIED).await, "deny user_key_invalid hit");
    assert_eq!(world.ask(FORGOTTEN).await, "allow granted miss", "nothing is remembered of it");
}

#[tokio::test]
async fn its_limits_are_held() {
    let world = World::start().await;
    let mut ledgers = ledgers();
    for fields in ledgers.values_mut() {
        if let Some(cap) = fields.get("cap").cloned() {
            fields.insert("uses".to_owned(), cap);
        }
    }
    world.leave(&ledgers).await;
    assert_eq!(world.ask(LIMITED).await, "deny limits_exceeded hit");
}

#[tokio::test]
async fn its_messages_are_told() {
    let world = World::start().await;
    world.leave(&ledgers()).await;
    let messages = messages();
    let [limited, claimed, forgotten] = &messages[..] else { panic!("three messages") };
    assert_eq!(world.collect(&[limited, claimed, forgotten]).await, [1], "its worker holds the lease of one");
    assert_eq!([LIMITED, CLAIMED, FORGOTTEN].map(|key| world.counted(key)), [1, 0, 1], "what it did not tell");
    let untold = world.ledgers().await.into_values().filter(|fields| fields.get("uses") != fields.get("told"));
    assert_eq!(untold.count(), 1);
}
