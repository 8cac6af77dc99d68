//! One key with 100 calls for all time, and 400 calls at once.

use std::time::Duration;

use authz_core::verdict::Decision;
use lambda_shell::Authorizer;
use threescale_stub::{Endpoint, Fault, Period, Plan};
use tokio::task::JoinSet;

use crate::world::{World, ask, collect, world};

const LIMIT: u64 = 100;
const AUTHORIZERS: u64 = 8;
const CALLS_EACH: u64 = 50;

async fn limited_world() -> World {
    let world = world(&Plan::new("Basic").limit("hits", Period::Eternity, LIMIT)).await;
    // Long enough for every authorizer to ask before the first is answered.
    world.stub.set_fault(Fault::delay(Duration::from_millis(50)).on_path("/transactions/authrep.xml"));
    world
}

/// Lets all authorizers ask at once.
fn rush(world: &World) -> JoinSet<u64> {
    (0..AUTHORIZERS).map(|_| ask_often(world.authorizer())).collect()
}

/// Returns how many calls of a rush are allowed.
async fn allowed_of(rush: JoinSet<u64>) -> u64 {
    rush.join_all().await.iter().sum()
}

async fn ask_often(authorizer: Authorizer) -> u64 {
    let mut allowed = 0;
    for _ in 0..CALLS_EACH {
        allowed += u64::from(ask(&authorizer).await.0 == Decision::Allow);
    }
    allowed
}

fn say(world: &World, what: &str, allowed: u64) {
    let authreps = world.account.lock().unwrap().requests(Endpoint::Authrep);
    println!("{what}: {allowed} allowed, {authreps} authreps, {counted} counted", counted = world.counted());
}

/// Lets authorizers rush and collectors collect, until nothing more is allowed and 3scale knows everything.
async fn exhaust(world: &mut World, mut allowed: u64) -> u64 {
    loop {
        world.collect().await;
        let more = allowed_of(rush(world)).await;
        say(world, "  and then", allowed + more);
        if more == 0 {
            assert_eq!(world.counted(), allowed, "3scale knows of each call that was allowed");
            return allowed;
        }
        allowed += more;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_cold_no_more_pass_than_the_limit_and_the_calls_under_way() {
    let mut world = limited_world().await;
    let allowed = allowed_of(rush(&world)).await;
    say(&world, "from cold", allowed);
    assert!(allowed <= LIMIT + 2 * AUTHORIZERS, "{allowed}");
    let allowed = exhaust(&mut world, allowed).await;
    assert!((LIMIT..=LIMIT + 2 * AUTHORIZERS).contains(&allowed), "{allowed}");
    world.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_warm_key_exactly_the_limit_passes() {
    let mut world = limited_world().await;
    assert_eq!(ask(&world.authorizer()).await.0, Decision::Allow);
    let allowed = 1 + allowed_of(rush(&world)).await;
    say(&world, "from a warm key", allowed);
    assert_eq!(allowed, LIMIT);
    assert_eq!(exhaust(&mut world, allowed).await, LIMIT);
    world.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collections_in_the_middle_let_no_more_pass() {
    let mut world = limited_world().await;
    let collector = world.collector();
    let mut rushing = Box::pin(allowed_of(rush(&world)));
    let mut collections = 0_u64;
    let allowed = loop {
        tokio::select! {
            allowed = &mut rushing => break allowed,
            Some(message) = world.inbox.next() => {
                collections += 1;
                let outcome = collect(&collector, message, &format!("middle {collections}")).await;
                assert!(!outcome.must_come_again(), "{outcome:?}");
            }
        }
    };
    say(&world, &format!("with {collections} collections in the middle"), allowed);
    assert!(allowed <= LIMIT + 2 * AUTHORIZERS, "{allowed}");
    let allowed = exhaust(&mut world, allowed).await;
    assert!((LIMIT..=LIMIT + 2 * AUTHORIZERS).contains(&allowed), "{allowed}");
    world.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_3scale_that_lags_is_passed_by_what_it_does_not_reckon_with_yet() {
    let mut world = limited_world().await;
    world.account.lock().unwrap().set_lag(Duration::from_millis(100));
    let (mut allowed, mut unapplied) = (0, 0);
    loop {
        let more = allowed_of(rush(&world)).await;
        allowed += more;
        unapplied = unapplied.max(world.unapplied());
        let collected = world.collect().await;
        unapplied = unapplied.max(world.unapplied());
        say(&world, &format!("with a lag, {unapplied} not reckoned with"), allowed);
        world.threescale_clock.advance(Duration::from_secs(1));
        if more == 0 && collected.is_empty() {
            break;
        }
    }
    assert!((LIMIT..=LIMIT + unapplied + 2 * AUTHORIZERS).contains(&allowed), "{allowed}");
    assert_eq!(world.counted(), allowed);
    world.assert_nothing_leaked().await;
}
