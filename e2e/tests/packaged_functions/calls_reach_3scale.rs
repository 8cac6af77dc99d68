//! From a client to 3scale's books.

use std::time::{Duration, Instant};

use crate::cloud::{Cloud, KNOWN};

#[tokio::test]
async fn only_a_known_key_passes_and_3scale_counts_each_of_its_calls() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.get("/greetings", None).await, 401);
    assert_eq!(cloud.get("/greetings", Some("unknown-key")).await, 403);
    for call in 1..=CALLS {
        assert_eq!(cloud.get("/greetings", Some(KNOWN)).await, 200, "call {call}");
    }
    assert_eq!(cloud.asked(), 2, "once for each key");
    let begun = Instant::now();
    while !(cloud.counted() == CALLS && cloud.uses.length().await == 0) {
        assert!(begun.elapsed() < PATIENCE, "3scale counted {} of {CALLS}: {}", cloud.counted(), log(&cloud).await);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    assert_eq!(cloud.dead.length().await, 0, "{}", log(&cloud).await);
}

async fn log(cloud: &Cloud) -> String {
    [cloud.aws.log("authorizer").await, cloud.aws.log("authrep-async").await].concat().concat()
}

/// 3scale counts the first when it is asked. The cache answers the others, so that only the queue can tell of them.
const CALLS: u64 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);
