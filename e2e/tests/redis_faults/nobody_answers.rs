//! Nobody listens, nobody answers, or somebody else does; and after a while nobody is asked.

use std::time::Duration;

use authz_core::credential::Secret;
use authz_core::settings::CacheServer;
use e2e::{Proxy, ProxyMode, RedisConfig, RedisServer};
use lambda_shell::CacheError;
use tokio::net::TcpListener;

use crate::{cache, grant, hasty, key, soon, take, take_after, unlimited};

/// An address that nobody listens on.
async fn nobody() -> CacheServer {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    CacheServer {
        host: "127.0.0.1".to_owned(),
        port: listener.local_addr().unwrap().port(),
        tls: false,
        cluster: false,
        username: None,
        auth_token: Some(Secret::new("CANARY")),
        timeout: Duration::from_secs(5),
    }
}

#[tokio::test]
async fn a_cache_that_refuses_connections_is_not_connected() {
    let cache = cache(&nobody().await);
    assert_eq!(soon(cache.connect()).await, Err(CacheError::NotConnected));
    assert_eq!(take(&cache).await, Err(CacheError::NotConnected));
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_not_connected() {
    let cache = cache(&CacheServer { host: "cache.invalid".to_owned(), ..nobody().await });
    assert_eq!(soon(cache.connect()).await, Err(CacheError::NotConnected));
}

#[tokio::test]
async fn a_cache_that_never_answers_times_out() {
    let proxy = Proxy::before(&nobody().await, ProxyMode::Silence).await;
    let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let silent = CacheServer { port: server.local_addr().unwrap().port(), auth_token: None, ..proxy.settings() };
    assert_eq!(take(&hasty(&silent)).await, Err(CacheError::TimedOut));
    let with_a_secret = hasty(&CacheServer { auth_token: Some(Secret::new("CANARY")), ..silent });
    let opened = soon(with_a_secret.connect()).await;
    assert!(matches!(opened, Err(CacheError::NotConnected | CacheError::TimedOut)), "{opened:?}");
}

#[tokio::test]
async fn a_cache_that_freezes_is_asked_again_when_it_is_back() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let (patient, hasty) = (cache(&server.settings()), hasty(&server.settings()));
    grant(&patient).await;
    assert!(take(&hasty).await.unwrap().took);
    server.freeze();
    assert_eq!(take(&hasty).await, Err(CacheError::TimedOut));
    assert_eq!(take(&hasty).await, Err(CacheError::TimedOut));
    assert_eq!(take(&hasty).await, Err(CacheError::Resting));
    server.thaw();
    assert!(take(&patient).await.unwrap().took);
    assert!(take_after(&hasty, Duration::from_secs(1)).await.unwrap().took);
    let uses = server.probe().await.count(&key(), "uses").await;
    assert!((3..=5).contains(&uses), "three were answered, and two may have waited in the frozen server: {uses}");
}

#[tokio::test]
async fn somebody_else_s_server_is_not_understood() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let proxy = Proxy::before(&server.settings(), ProxyMode::Nonsense).await;
    let cache = hasty(&proxy.settings());
    for _ in 0..3 {
        assert_eq!(take(&cache).await, Err(CacheError::NotUnderstood));
    }
    proxy.set(ProxyMode::Forward);
    assert!(take(&cache).await.is_ok());
}

#[tokio::test]
async fn a_cache_that_fails_is_left_alone_for_longer_and_longer() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let proxy = Proxy::before(&server.settings(), ProxyMode::Close).await;
    let cache = cache(&proxy.settings());
    let mut tried_at = 0;
    assert_eq!(take(&cache).await, Err(CacheError::NotConnected));
    for rest in [1, 2, 4, 8, 16, 16] {
        let at = Duration::from_secs(tried_at);
        assert_eq!(take_after(&cache, at).await, Err(CacheError::NotConnected));
        let accepted = proxy.accepted();
        let almost = Duration::from_millis((tried_at + rest) * 1000 - 1);
        for moment in [at, almost] {
            assert_eq!(take_after(&cache, moment).await, Err(CacheError::Resting));
            assert_eq!(soon(cache.store(&key(), unlimited())).await, Err(CacheError::Resting));
        }
        assert_eq!(proxy.accepted(), accepted, "nobody is asked");
        tried_at += rest;
    }
    proxy.set(ProxyMode::Forward);
    assert!(take_after(&cache, Duration::from_secs(tried_at)).await.is_ok());
    assert!(take(&cache).await.is_ok(), "an answer ends the rest");
}

#[tokio::test]
async fn one_failure_leaves_nobody_alone() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let proxy = Proxy::before(&server.settings(), ProxyMode::Forward).await;
    let cache = cache(&proxy.settings());
    for _ in 0..5 {
        proxy.set(ProxyMode::LoseReplies);
        assert_eq!(take(&cache).await, Err(CacheError::NotConnected));
        proxy.set(ProxyMode::Forward);
        assert!(take(&cache).await.is_ok());
    }
}
