//! Connections break. What was surely not sent is sent again; anything else is not.

use e2e::{Proxy, ProxyMode, RedisCluster, RedisConfig};
use lambda_shell::CacheError;

use crate::{cache, grant, keys, take, take_after, uses};

#[tokio::test]
async fn connections_that_were_closed_while_idle_cost_no_answer_and_no_use() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, keys) = (cache(&cluster.settings()), keys(&cluster).await);
    let mut probes = Vec::new();
    for (server, key) in cluster.servers().iter().zip(&keys) {
        grant(&cache, key).await;
        probes.push(server.probe().await);
    }
    for round in 1..=100 {
        for probe in &probes {
            assert_ne!(probe.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal"]).await, 0);
        }
        for key in &keys {
            assert_eq!(take(&cache, key).await.unwrap().uses, round);
        }
    }
    for key in &keys {
        assert_eq!(uses(&cluster, key).await, 100);
    }
}

#[tokio::test]
async fn a_take_whose_reply_is_lost_is_not_sent_again() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let [key, ..] = keys(&cluster).await;
    let probe = cluster.probe(&key).await;
    let proxy = Proxy::before(&cluster.settings(), ProxyMode::Forward).await;
    let port = proxy.settings().port.to_string();
    let () = probe.ask(&["CONFIG", "SET", "cluster-announce-port", &port]).await;
    let cache = cache(&proxy.settings());
    grant(&cache, &key).await;
    let mut counted = 0;
    let losses =
        [(ProxyMode::LoseReplies, CacheError::NotConnected), (ProxyMode::CutReplies, CacheError::NotUnderstood)];
    for (secs, (loss, error)) in losses.iter().cycle().take(20).enumerate() {
        let secs = secs as u64 * 2;
        assert!(take_after(&cache, &key, secs).await.unwrap().took);
        let accepted = proxy.accepted();
        proxy.set(*loss);
        assert_eq!(take_after(&cache, &key, secs).await, Err(error.clone()));
        proxy.set(ProxyMode::Forward);
        counted += 2;
        assert_eq!(proxy.accepted(), accepted, "there was no second try");
        assert_eq!(probe.count(&key, "uses").await, counted, "counted, and counted once");
    }
}
