//! A server dies or freezes: calls for its keys fail in time, and those for other keys go on.

use authz_core::cache::CacheKey;
use authz_core::forget::Forget;
use authz_core::keyring::Fingerprint;
use authz_core::ledger;
use e2e::{RedisCluster, RedisConfig};
use lambda_shell::{Cache, CacheError};

use crate::{SPAN, START, cache, grant, hasty, key, keys, soon, take, take_after, uses};

#[tokio::test]
async fn a_server_that_is_killed_costs_its_own_keys_alone() {
    let mut cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, keys) = (hasty(&cluster.settings()), keys(&cluster).await);
    for key in &keys {
        grant(&cache, key).await;
    }
    for dead in 0..2 {
        cluster.stop(dead).await;
        for round in 0..30 {
            let secs = dead as u64 * 100 + round;
            let error = take_after(&cache, &keys[dead], secs).await.unwrap_err();
            assert!(matches!(error, CacheError::NotConnected | CacheError::Resting), "{error:?}");
            assert!(take_after(&cache, &keys[2], secs).await.unwrap().took, "{round}");
        }
    }
    assert_eq!(uses(&cluster, &keys[2]).await, 60);
}

#[tokio::test]
async fn a_server_that_freezes_costs_its_own_keys_alone_and_is_asked_again_later() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (patient, hasty, keys) = (cache(&cluster.settings()), hasty(&cluster.settings()), keys(&cluster).await);
    for key in &keys {
        grant(&patient, key).await;
        assert!(take(&hasty, key).await.unwrap().took);
    }
    cluster.server(1).freeze();
    let mut errors = Vec::new();
    for round in 0..10 {
        errors.extend(take(&hasty, &keys[1]).await.err());
        assert!(take(&hasty, &keys[0]).await.unwrap().took, "{round}");
        assert!(take(&hasty, &keys[2]).await.unwrap().took, "{round}");
    }
    assert_eq!(errors[..2], [CacheError::TimedOut, CacheError::TimedOut]);
    assert_eq!(errors[2..], vec![CacheError::Resting; 8]);
    cluster.server(1).thaw();
    assert!(take(&patient, &keys[1]).await.unwrap().took);
    assert!(take_after(&hasty, &keys[1], 1).await.unwrap().took);
    assert_eq!(uses(&cluster, &keys[0]).await, 11);
    let uses = uses(&cluster, &keys[1]).await;
    assert!((3..=5).contains(&uses), "three were answered, and two may have waited in the frozen server: {uses}");
}

#[tokio::test]
async fn slots_that_another_server_took_over_are_found_there() {
    let mut cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, [_, key, other]) = (hasty(&cluster.settings()), keys(&cluster).await);
    grant(&cache, &key).await;
    grant(&cache, &other).await;
    cluster.stop(1).await;
    assert_eq!(take(&cache, &key).await, Err(CacheError::NotConnected));
    take_over(&cluster, &key, 2).await;
    assert!(!take_after(&cache, &key, 1).await.unwrap().took, "its data died with the server");
    grant(&cache, &key).await;
    assert!(take_after(&cache, &key, 1).await.unwrap().took);
    assert!(take_after(&cache, &other, 1).await.unwrap().took);
}

/// Does what a failover does, as far as a client can tell.
async fn take_over(cluster: &RedisCluster, key: &CacheKey, heir: usize) {
    let heir = cluster.server(heir).probe().await;
    let id: String = heir.ask(&["CLUSTER", "MYID"]).await;
    let slot = heir.ask::<u16>(&["CLUSTER", "KEYSLOT", key.as_str()]).await.to_string();
    for probe in [&heir, &cluster.server(0).probe().await] {
        let () = probe.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &id]).await;
    }
}

#[tokio::test]
async fn a_cluster_of_which_nobody_is_left_is_left_alone() {
    let mut cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, keys) = (hasty(&cluster.settings()), keys(&cluster).await);
    let late: Cache = hasty(&cluster.settings());
    grant(&cache, &keys[0]).await;
    for server in 0..3 {
        cluster.stop(server).await;
    }
    assert_eq!(soon(late.connect()).await, Err(CacheError::NotConnected));
    for cache in [&cache, &late] {
        assert_eq!(take(cache, &keys[0]).await, Err(CacheError::NotConnected));
        assert_eq!(take(cache, &keys[0]).await, Err(CacheError::NotConnected));
        assert_eq!(take(cache, &keys[0]).await, Err(CacheError::Resting));
    }
}

#[tokio::test]
async fn a_slot_that_nobody_serves_is_refused() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, key) = (cache(&cluster.settings()), key("unserved"));
    unserve(&cluster, &key).await;
    for _ in 0..3 {
        assert_eq!(take(&cache, &key).await, Err(CacheError::Refused("CLUSTERDOWN".to_owned())));
    }
}

/// Takes the slot of a key from its server.
async fn unserve(cluster: &RedisCluster, key: &CacheKey) {
    for server in cluster.servers() {
        let probe = server.probe().await;
        let slot = probe.ask::<u16>(&["CLUSTER", "KEYSLOT", key.as_str()]).await.to_string();
        let () = probe.ask(&["CLUSTER", "DELSLOTS", &slot]).await;
    }
}

#[tokio::test]
async fn nothing_counts_as_forgotten_while_a_server_may_hold_more() {
    let mut cluster = RedisCluster::start(RedisConfig::default()).await;
    let cache = hasty(&cluster.settings());
    assert_eq!(forget(&cache).await, Ok(0));
    cluster.stop(1).await;
    assert_eq!(forget(&cache).await, Err(CacheError::NotConnected));
}

#[tokio::test]
async fn nothing_counts_as_forgotten_while_a_slot_may_be_anywhere() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let cache = hasty(&cluster.settings());
    unserve(&cluster, &key("unserved")).await;
    assert_eq!(forget(&cache).await, Err(CacheError::NotConnected));
}

/// Has the ledgers of a credential forgotten that nobody has.
async fn forget(cache: &Cache) -> Result<u64, CacheError> {
    let credential = Fingerprint::parse("Ws5fZVImIofSr0dIdcAQPQ").unwrap();
    let mut forgotten = 0;
    let ask = ledger::Forget { now: START, keep: SPAN };
    soon(cache.forget(&Forget { credential, service: None }, ask, &mut forgotten)).await?;
    Ok(forgotten)
}
