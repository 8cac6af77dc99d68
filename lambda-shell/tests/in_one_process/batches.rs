//! Many keys are told in one call, and one that spoils a call spoils only its own.

use std::time::Duration;

use authz_core::verdict::Decision;
use serde_json::{Value, json};
use threescale_stub::{Application, Endpoint, Fault, Plan, Response};

use crate::world::{CANARY, World, world};

const KEYS: usize = 12;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Makes keys, calls each twice, and returns the event that their messages come in.
async fn calls_of_many_keys(world: &mut World) -> String {
    let mut records = Vec::new();
    for key in 0..KEYS {
        let user_key = format!("key-{key}");
        let application = Application::by_user_key(&user_key, &Plan::new("Basic"));
        world.account.lock().unwrap().add_application("7", application).unwrap();
        for _ in 0..2 {
            assert_eq!(world.ask(&user_key).await.unwrap().0, Decision::Allow);
        }
        let message = world.inbox.next().await.unwrap();
        records.push(json!({ "messageId": user_key, "body": message.encode() }));
    }
    json!({ "Records": records }).to_string()
}

async fn collect(world: &World, event: &str) -> Vec<String> {
    let deadline = world.collector.clock.now().after(TIME_LIMIT);
    let answer = world.collector.answer(event, "worker", deadline, Duration::ZERO).await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

fn hits(world: &World) -> u64 {
    world.account.lock().unwrap().counted().values().map(|metrics| metrics["hits"]).sum()
}

#[tokio::test]
async fn many_keys_are_told_in_one_call() {
    let mut world = world(&[]).await;
    let event = calls_of_many_keys(&mut world).await;
    assert_eq!(collect(&world, &event).await, Vec::<String>::new());
    assert_eq!(hits(&world), 2 * KEYS as u64);
    let account = world.account.lock().unwrap();
    assert_eq!((account.requests(Endpoint::Authorize), account.requests(Endpoint::Report)), (KEYS as u64, 1));
}

#[tokio::test]
async fn a_message_that_comes_several_times_is_collected_once() {
    let mut world = world(&[]).await;
    let event = calls_of_many_keys(&mut world).await;
    let mut twice: Value = serde_json::from_str(&event).unwrap();
    let records = twice["Records"].as_array_mut().unwrap();
    records.extend(records.clone());
    assert_eq!(collect(&world, &twice.to_string()).await, Vec::<String>::new());
    assert_eq!(collect(&world, &event).await, Vec::<String>::new());
    assert_eq!(hits(&world), 2 * KEYS as u64);
}

#[tokio::test]
async fn a_deleted_application_spoils_nobody_elses_report() {
    let mut world = world(&[]).await;
    let event = calls_of_many_keys(&mut world).await;
    world.account.lock().unwrap().delete_application("7", "key-3").unwrap();
    assert_eq!(collect(&world, &event).await, Vec::<String>::new());
    let account = world.account.lock().unwrap();
    assert!(account.voided().is_empty());
    let counted = account.counted();
    assert!((0..KEYS).filter(|key| *key != 3).all(|key| counted[&format!("key-{key}")]["hits"] == 2), "{counted:?}");
}

#[tokio::test]
async fn when_3scale_blames_a_call_its_keys_are_told_alone_and_only_the_blamed_come_again() {
    let mut world = world(&[]).await;
    assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow);
    assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow);
    let blame = Response::raw(400, "<error code=\"bad_request\">x</error>");
    world.stub.set_fault(Fault::answer(blame).every(2).on_path("/transactions.xml"));
    assert!(!world.collect_next().await.must_come_again(), "the first call is taken");
    let event = calls_of_many_keys(&mut world).await;
    let blamed = collect(&world, &event).await;
    assert_eq!(blamed.len(), KEYS / 2, "of the calls for one key each, every other one");
    assert_eq!(hits(&world), 2 + (2 * KEYS - blamed.len()) as u64);
}

#[tokio::test]
async fn keys_that_can_not_be_told_come_again_and_are_told_then() {
    let mut world = world(&[]).await;
    let event = calls_of_many_keys(&mut world).await;
    world.stub.set_fault(Fault::answer(Response::raw(503, "")).on_path("/transactions.xml"));
    let mut failed = collect(&world, &event).await;
    failed.sort_unstable();
    let mut all: Vec<_> = (0..KEYS).map(|key| format!("key-{key}")).collect();
    all.sort_unstable();
    assert_eq!(failed, all);
    assert_eq!(hits(&world), KEYS as u64, "the authreps alone");
    world.stub.set_fault(None);
    assert_eq!(collect(&world, &event).await.len(), KEYS, "the first worker's leases go on");
    world.skip(TIME_LIMIT);
    assert_eq!(collect(&world, &event).await, Vec::<String>::new());
    assert_eq!(hits(&world), 2 * KEYS as u64);
}
