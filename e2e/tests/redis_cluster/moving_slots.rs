//! Slots move from server to server while calls go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authz_core::cache::CacheKey;
use e2e::{RedisCluster, RedisConfig, Step};
use lambda_shell::Cache;
use tokio::task::JoinSet;

use crate::{cache, grant, key, keys, take, take_after, uses};

#[tokio::test]
async fn at_every_step_of_a_move_a_ledger_is_found_and_another_can_begin() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let cache = cache(&cluster.settings());
    let ledgers = ["a", "b", "c", "d"].map(|name| key(&format!("{{moving}}{name}")));
    let [old, new @ ..] = &ledgers;
    grant(&cache, old).await;
    let (mut counted, mut begun) = (0, new.iter());
    let to = (cluster.owner(old).await + 1) % 3;
    cluster
        .move_slot(old, to, async |step: Step| {
            let new = begun.next().unwrap();
            grant(&cache, new).await;
            counted += 1;
            for key in [old, new] {
                let taken = take(&cache, key).await.unwrap();
                assert_eq!((taken.took, taken.uses), (true, if key == old { counted } else { 1 }), "{step:?}");
            }
        })
        .await;
    assert_eq!(cluster.owner(old).await, to);
    assert_eq!(uses(&cluster, old).await, 3);
    for new in new {
        assert_eq!(uses(&cluster, new).await, 1);
    }
}

#[tokio::test]
async fn a_cache_learns_where_slots_have_moved() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, [key, ..]) = (cache(&cluster.settings()), keys(&cluster).await);
    grant(&cache, &key).await;
    cluster.move_slot(&key, 1, async |_| {}).await;
    let old = cluster.server(0).probe().await;
    let redirections = async || {
        let about: String = old.ask(&["INFO", "errorstats"]).await;
        let line = about.lines().find_map(|line| line.strip_prefix("errorstat_MOVED:count="));
        line.map_or(0, |count| count.trim().parse::<u64>().unwrap())
    };
    let before = redirections().await;
    assert!(take(&cache, &key).await.unwrap().took);
    assert_eq!(redirections().await, before + 1);
    for _ in 0..5 {
        assert!(take_after(&cache, &key, 1).await.unwrap().took);
    }
    assert_eq!(redirections().await, before + 1, "it asks the right one at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn takes_while_slots_move_are_answered_and_count_once_each() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, keys) = (cache(&cluster.settings()), keys(&cluster).await);
    for key in &keys {
        grant(&cache, key).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let mut takers = JoinSet::new();
    for taker in 0..6 {
        takers.spawn(take_until(Arc::clone(&is_over), cache.clone(), keys[taker % 3].clone()));
    }
    for round in 1..=12 {
        for (number, key) in keys.iter().enumerate() {
            cluster.move_slot(key, (number + round) % 3, async |_| {}).await;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    let answered: u64 = takers.join_all().await.iter().sum();
    let mut counted = 0;
    for key in &keys {
        counted += uses(&cluster, key).await;
    }
    assert!(answered > 100, "{answered}");
    assert_eq!(counted, answered);
}

/// Takes again and again, a second later each time, and returns how many takes were answered.
async fn take_until(is_over: Arc<AtomicBool>, cache: Cache, key: CacheKey) -> u64 {
    let mut answered = 0;
    while !is_over.load(Ordering::Relaxed) {
        assert!(take_after(&cache, &key, answered % 600).await.unwrap().took);
        answered += 1;
    }
    answered
}
