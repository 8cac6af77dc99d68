//! Where there can be no extension, in emulators, messages are published before the answer ends.

use crate::support::{Emulator, USER_KEY, World, assert_nothing_leaked, in_time, request_event, token_event, told};

const SAID: &str = "messages are published before the answer";

async fn is_published_before_the_answer_ends(world: World, mut emulator: Emulator) {
    emulator.logged(SAID).await;
    emulator.send(token_event(USER_KEY));
    assert_eq!(told(&emulator.answer().await), "allow granted miss");
    world.topic.hold();
    emulator.send(request_event(USER_KEY));
    world.topic.requested(1).await;
    assert!(!emulator.has_answered());
    world.topic.accept();
    assert_eq!(told(&emulator.answer().await), "allow granted hit");
    assert_eq!(world.topic.accepted().len(), 1);
    let log = emulator.end().await;
    assert_nothing_leaked(&log);
    assert_eq!(log.matches(SAID).count(), 1, "{log}");
    world.end([]).await;
}

#[tokio::test]
async fn where_nobody_can_register() {
    in_time(async {
        let world = World::start().await;
        let emulator = Emulator::without_extensions(&world.variables(&[])).await;
        is_published_before_the_answer_ends(world, emulator).await;
    })
    .await;
}

#[tokio::test]
async fn where_no_events_follow_a_registration() {
    in_time(async {
        let world = World::start().await;
        let emulator = Emulator::without_extension_events(&world.variables(&[])).await;
        is_published_before_the_answer_ends(world, emulator).await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_that_fails_changes_no_answer() {
    in_time(async {
        let world = World::start().await;
        let mut emulator = Emulator::without_extensions(&world.variables(&[])).await;
        world.topic.deny();
        for cache in ["miss", "hit"] {
            emulator.send(token_event(USER_KEY));
            assert_eq!(told(&emulator.answer().await), format!("allow granted {cache}"));
        }
        assert!(world.topic.accepted().is_empty());
        world.topic.accept();
        emulator.send(token_event(USER_KEY));
        assert_eq!(told(&emulator.answer().await), "allow granted hit");
        assert_eq!(world.topic.accepted().len(), 1);
        assert_nothing_leaked(&emulator.end().await);
        world.end([]).await;
    })
    .await;
}
