//! A connection breaks. What was surely not sent is sent again; anything else is not, so no use is counted twice.

use std::time::Duration;

use e2e::{Proxy, ProxyMode, RedisConfig, RedisServer};
use lambda_shell::CacheError;

use crate::{cache, grant, key, server_with_a_grant, take, take_after};

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_costs_no_answer_and_no_use() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    for uses in 1..=200 {
        assert_ne!(probe.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal"]).await, 0);
        assert_eq!(take(&cache).await.unwrap().uses, uses);
    }
    assert_eq!(probe.count(&key(), "uses").await, 200);
}

#[tokio::test]
async fn calls_at_once_over_a_connection_that_was_closed_while_idle_count_once_each() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    let mut answered = 0;
    for _ in 0..20 {
        let () = probe.ask(&["CLIENT", "KILL", "TYPE", "normal"]).await;
        let takes: Vec<_> = (0..8).map(|_| tokio::spawn(take_owned(cache.clone()))).collect();
        for take in takes {
            answered += u64::from(take.await.unwrap());
        }
    }
    assert_eq!(answered, 160, "none of them was sent before");
    assert_eq!(probe.count(&key(), "uses").await, answered);
}

async fn take_owned(cache: lambda_shell::Cache) -> bool {
    take(&cache).await.is_ok_and(|taken| taken.took)
}

#[tokio::test]
async fn a_take_whose_reply_is_lost_is_not_sent_again() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let probe = server.probe().await;
    let proxy = Proxy::before(&server.settings(), ProxyMode::Forward).await;
    let cache = cache(&proxy.settings());
    grant(&cache).await;
    assert!(take(&cache).await.unwrap().took);
    let mut uses = 1;
    let losses =
        [(ProxyMode::LoseReplies, CacheError::NotConnected), (ProxyMode::CutReplies, CacheError::NotUnderstood)];
    for (loss, error) in losses.iter().cycle().take(20) {
        let accepted = proxy.accepted();
        proxy.set(*loss);
        assert_eq!(take(&cache).await, Err(error.clone()));
        assert_eq!(proxy.accepted(), accepted, "there was no second try");
        uses += 1;
        assert_eq!(probe.count(&key(), "uses").await, uses, "counted, and counted once");
        proxy.set(ProxyMode::Forward);
        uses += 1;
        assert_eq!(take(&cache).await.unwrap().uses, uses);
        assert_eq!(proxy.accepted(), accepted + 1);
    }
}

#[tokio::test]
async fn a_restart_costs_one_call_at_most() {
    let (mut server, cache, _) = server_with_a_grant(RedisConfig::default().keeping_data()).await;
    let mut answered = 0;
    for _ in 0..5 {
        server.restart().await;
        answered += u64::from(take(&cache).await.is_ok());
        let taken = take(&cache).await.unwrap();
        answered += 1;
        assert_eq!(taken.uses, answered, "nothing is lost, and nothing is counted that was not answered");
    }
}

#[tokio::test]
async fn a_server_that_was_away_for_a_while_is_found_again() {
    let (mut server, cache, probe) = server_with_a_grant(RedisConfig::default().keeping_data()).await;
    assert!(take(&cache).await.unwrap().took);
    drop(probe);
    server.stop().await;
    assert_eq!(take(&cache).await, Err(CacheError::NotConnected));
    assert_eq!(take(&cache).await, Err(CacheError::NotConnected));
    assert_eq!(take(&cache).await, Err(CacheError::Resting));
    server.restart().await;
    assert_eq!(take_after(&cache, Duration::from_secs(1)).await.unwrap().uses, 2);
}

#[tokio::test]
async fn a_server_that_lost_its_data_begins_anew() {
    let (mut server, cache, _) = server_with_a_grant(RedisConfig::default()).await;
    assert!(take(&cache).await.unwrap().took);
    server.restart().await;
    let taken = take(&cache).await.unwrap();
    assert_eq!((taken.took, taken.uses, taken.entry), (false, 0, None));
}
