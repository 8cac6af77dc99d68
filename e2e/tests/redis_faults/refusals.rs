//! The server answers, and refuses.

use std::time::Duration;

use authz_core::credential::Secret;
use authz_core::ledger::{Ack, Acked, Claim, Claimed, Record, Room, Store};
use authz_core::settings::CacheServer;
use e2e::{RedisConfig, RedisServer};
use lambda_shell::{Cache, CacheError};
use tokio::net::TcpListener;

use crate::{START, cache, grant, key, server_with_a_grant, soon, take, unlimited};

const PASSWORD: &str = "CANARY-password";

fn refused<T>(code: &str) -> Result<T, CacheError> {
    Err(CacheError::Refused(code.to_owned()))
}

/// What an operator may see of a cache and its failure.
fn shown(cache: &Cache, error: &CacheError) -> String {
    format!("{cache:?} {error:?} {error}")
}

#[tokio::test]
async fn a_password_opens_the_cache_and_nothing_else_does() {
    let server = RedisServer::start(RedisConfig::default().with_password(PASSWORD)).await;
    let right = cache(&server.settings());
    grant(&right).await;
    assert!(take(&right).await.unwrap().took);
    let without = cache(&CacheServer { auth_token: None, ..server.settings() });
    assert_eq!(take(&without).await, refused("NOAUTH"));
    assert_eq!(take(&without).await, refused("NOAUTH"), "an answer is no reason to rest");
    let wrong = cache(&CacheServer { auth_token: Some(Secret::new("CANARY-wrong")), ..server.settings() });
    assert_eq!(soon(wrong.connect()).await, refused("WRONGPASS"));
    let error = take(&wrong).await.unwrap_err();
    assert_eq!(error, CacheError::Refused("WRONGPASS".to_owned()));
    for cache in [&right, &without, &wrong] {
        assert!(!shown(cache, &error).contains("CANARY"), "{}", shown(cache, &error));
    }
}

#[tokio::test]
async fn a_user_needs_name_and_password() {
    let server = RedisServer::start(RedisConfig::default().with_user("authorizer", PASSWORD)).await;
    grant(&cache(&server.settings())).await;
    for (username, auth_token, code) in [
        (Some("authorizer"), Some("CANARY-wrong"), "WRONGPASS"),
        (Some("somebody"), Some(PASSWORD), "WRONGPASS"),
        (None, Some(PASSWORD), "WRONGPASS"),
        (None, None, "NOAUTH"),
    ] {
        let username = username.map(str::to_owned);
        let cache = cache(&CacheServer { username, auth_token: auth_token.map(Secret::new), ..server.settings() });
        let error = take(&cache).await.unwrap_err();
        assert_eq!(error, CacheError::Refused(code.to_owned()));
        assert!(!shown(&cache, &error).contains("CANARY"));
    }
}

#[tokio::test]
async fn a_key_that_holds_something_else_is_said_to_be_of_the_wrong_type() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let (cache, probe) = (cache(&server.settings()), server.probe().await);
    let () = probe.ask(&["SET", key().as_str(), "CANARY"]).await;
    let error = take(&cache).await.unwrap_err();
    assert_eq!(error, CacheError::Refused("WRONGTYPE".to_owned()));
    assert!(!shown(&cache, &error).contains("CANARY"));
    let connections = probe.connections().await;
    assert_eq!(soon(cache.store(&key(), unlimited())).await, refused("WRONGTYPE"));
    assert_eq!(probe.connections().await, connections, "the connection is none the worse for it");
    assert_eq!(probe.ask::<String>(&["GET", key().as_str()]).await, "CANARY");
}

#[tokio::test]
async fn a_server_without_memory_counts_nothing_and_still_denies() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    assert!(take(&cache).await.unwrap().took);
    let before = probe.fields(&key()).await;
    let () = probe.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert_eq!(take(&cache).await, refused("OOM"));
    let rering = Duration::from_secs(60);
    assert_eq!(soon(cache.record(&key(), Record { now: START, rering })).await, refused("OOM"));
    assert_eq!(soon(cache.store(&key(), Store { own: true, ..unlimited() })).await, refused("OOM"));
    assert_eq!(probe.fields(&key()).await, before, "nothing is half done");
    let () = probe.ask(&["CONFIG", "SET", "maxmemory", "0"]).await;
    soon(cache.store(&key(), Store { room: Room::Denied, ..unlimited() })).await.unwrap();
    let () = probe.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(take(&cache).await.unwrap().refuses(START), "a look writes nothing");
    assert_eq!(probe.count(&key(), "uses").await, 1);
}

#[tokio::test]
async fn a_collection_goes_through_without_memory() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    assert!(take(&cache).await.unwrap().took);
    let () = probe.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let (owner, lease) = ("w".to_owned(), Duration::from_secs(10));
    let minutes = vec![(START.minute(), 1)];
    let claimed = soon(cache.claim(&key(), Claim { now: START, owner: owner.clone(), lease })).await;
    assert_eq!(claimed, Ok(Claimed::Uses { told: 0, minutes: minutes.clone() }));
    let acked = soon(cache.ack(&key(), &Ack { owner, minutes, keep: lease, now: START })).await;
    assert_eq!(acked, Ok(Acked::Untold(0)), "or 3scale would be told again");
}

#[tokio::test]
async fn a_server_that_only_reads_since_a_failover_is_left_for_a_new_connection() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    assert!(take(&cache).await.unwrap().took);
    let nobody = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port().to_string();
    let () = probe.ask(&["REPLICAOF", "127.0.0.1", &nobody]).await;
    let connections = probe.connections().await;
    assert_eq!(take(&cache).await, refused("READONLY"));
    assert_eq!(take(&cache).await, refused("READONLY"));
    assert_eq!(probe.connections().await, connections + 1);
    let () = probe.ask(&["REPLICAOF", "NO", "ONE"]).await;
    assert!(take(&cache).await.unwrap().took);
    assert_eq!(probe.connections().await, connections + 2);
    assert!(take(&cache).await.unwrap().took);
    assert_eq!(probe.connections().await, connections + 2, "a server that writes is kept");
    assert_eq!(probe.count(&key(), "uses").await, 3);
}

#[tokio::test]
async fn scripts_that_a_server_forgot_are_sent_again() {
    let (_server, cache, probe) = server_with_a_grant(RedisConfig::default()).await;
    for uses in 1..=3 {
        let () = probe.ask(&["SCRIPT", "FLUSH"]).await;
        assert_eq!(take(&cache).await.unwrap().uses, uses);
    }
}
