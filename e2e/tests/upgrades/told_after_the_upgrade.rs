//! A message of a newer release that reaches this one fails alone, becomes a dead letter, and is told once the function is
//! upgraded and the letter is put back.
//!
//! `aws sqs start-message-move-task` puts letters back by receiving, sending and deleting them. `ministack` does not know
//! that operation, so the test does the same by itself.

use std::time::{Duration, Instant};

use e2e::{Aws, Ministack, Queue, Received};
use serde_json::json;

use crate::fixtures::{ledgers, messages};
use crate::world::{FORGOTTEN, LIMITED, World};

/// How a release reads what is in the queue.
type Reader = fn(&str) -> String;

const THIS_RELEASE: Reader = str::to_owned;
/// It reads messages of version 2, which say the same in this test.
const NEWER_RELEASE: Reader = |body| body.replace(r#"{"v":2,"#, r#"{"v":1,"#);

#[tokio::test]
async fn a_message_of_a_newer_release_waits_for_the_upgrade() {
    let (world, ministack) = tokio::join!(World::start(), Ministack::start());
    world.leave(&ledgers()).await;
    let (queue, dead) = queues(ministack.aws()).await;
    let messages = messages();
    let newer = messages[0].replace(r#"{"v":1,"#, r#"{"v":2,"#);
    queue.send(&[&newer, &messages[2]]).await;
    work_off(&world, &queue, THIS_RELEASE).await;
    assert_eq!((world.counted(LIMITED), world.counted(FORGOTTEN)), (0, 1), "it spoils no other");

    let letters = dead.receive().await;
    let bodies: Vec<_> = letters.iter().map(|letter| letter.body.as_str()).collect();
    assert_eq!(bodies, [newer]);
    queue.send(&bodies).await;
    dead.delete(&letters).await;
    work_off(&world, &queue, NEWER_RELEASE).await;
    assert_eq!((world.counted(LIMITED), dead.length().await), (1, 0));
}

/// What failed twice in the first queue lies in the second.
async fn queues(aws: &Aws) -> (Queue, Queue) {
    let dead = Queue::create(aws, "dead", &json!({})).await;
    let redrive = json!({ "deadLetterTargetArn": dead.arn(), "maxReceiveCount": 2 }).to_string();
    let queue = Queue::create(aws, "uses", &json!({ "VisibilityTimeout": "1", "RedrivePolicy": redrive })).await;
    (queue, dead)
}

/// Lets `authrep-async` take messages until none is left in the queue.
async fn work_off(world: &World, queue: &Queue, reader: Reader) {
    let begun = Instant::now();
    while queue.length().await > 0 {
        let received = queue.receive_some().await;
        if !received.is_empty() {
            queue.delete(&done(world, received, reader).await).await;
        }
        assert!(begun.elapsed() < PATIENCE, "messages are left after {PATIENCE:?}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Returns the messages that need not come again.
async fn done(world: &World, received: Vec<Received>, reader: Reader) -> Vec<Received> {
    let bodies: Vec<String> = received.iter().map(|message| reader(&message.body)).collect();
    let failed = world.collect(&bodies.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let done = received.into_iter().enumerate().filter(|(place, _)| !failed.contains(place));
    done.map(|(_, message)| message).collect()
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(120);
