//! 20,000 calls of 50 keys, while everything fails that can: afterwards 3scale knows of each call that was allowed, and
//! of none twice without a cause that `docs/architecture.md` names.
//!
//! ```text
//!  4 callers, each an Authorizer and a Courier ─▶ Redis, 3scale
//!                └ SNS ─▶ SQS ─▶ 2 workers, each a Collector, or a machine that dies at a step ─▶ Redis, 3scale
//! ```
//!
//! Faults come and go by rounds of calls, and time goes on with the calls, so that a slow machine sees the same. What
//! happened is written down by those who see it (`books`) and compared in the end (`reckoning`). `SEED` chooses other
//! calls, faults and deaths.
#![expect(clippy::unwrap_used, reason = "a world that can't be made fails its test")]

mod books;
mod callers;
mod dead_letters;
mod faults;
mod parts;
mod reckoning;
mod rounds;
mod threescale;
mod workers;
mod world;

use crate::rounds::{CALLS, ROUNDS, Run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_allowed_call_is_told_and_none_twice_without_a_cause() {
    let mut run = Run::start(seed()).await;
    for round in ROUNDS {
        run.live_through(round).await;
    }
    assert!(run.world.calls() >= CALLS);
    run.drain().await;
    reckoning::of(&run.world).await.assert_sound();

    let before = run.world.counted();
    run.bring_old_messages_again().await;
    assert_eq!(run.world.counted(), before, "a message about an empty key tells nothing");
}

fn seed() -> u64 {
    let seed = std::env::var("SEED").map_or(2_026, |seed| seed.parse().expect("SEED is a number"));
    println!("SEED={seed}");
    seed
}
