//! A cache behind TLS and a password is reached by who trusts its certificate and knows the password, and by nobody
//! else; and nobody learns the password from a failure.
#![expect(clippy::unwrap_used, reason = "a server that does not start fails its test")]

use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::credential::Secret;
use authz_core::ledger::{Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::time::UnixTime;
use e2e::{RedisConfig, RedisServer};
use lambda_shell::{Cache, CacheError, tls};

/// So far ahead, in 2096, the server's own clock ends nothing.
const START: UnixTime = UnixTime::from_secs(4_000_000_000);
const PASSWORD: &str = "CANARY-password";

async fn server(host: &str) -> RedisServer {
    RedisServer::start(RedisConfig::default().with_password(PASSWORD).with_tls(host)).await
}

/// A cache that trusts the public authorities and the server's.
fn trusting(server: &RedisServer, settings: &CacheServer) -> Cache {
    Cache::on(Some(settings), tls(Some(&server.ca_file())).unwrap())
}

fn key() -> CacheKey {
    CacheKey::parse("authz:1:tested").unwrap()
}

async fn grant(cache: &Cache) -> Result<(), CacheError> {
    let (entry, span) = ("entry".to_owned(), Duration::from_secs(600));
    let (fresh, room) = (START.after(span), Room::Unlimited);
    let (now, asked) = (START, START);
    cache.store(&key(), Store { now, asked, entry, fresh, room, told_at_ask: 0, own: false, keep: span }).await
}

async fn take(cache: &Cache) -> Result<Taken, CacheError> {
    let span = Duration::from_secs(600);
    cache.take(&key(), Take { now: START, rering: span, keep: span }).await
}

/// Connects and takes, in vain and for the same reason; the reason shows no secret.
async fn fails(cache: &Cache) -> CacheError {
    let (connected, taken) = (cache.connect().await.unwrap_err(), take(cache).await.unwrap_err());
    assert_eq!(connected, taken);
    let shown = format!("{cache:?} {taken:?} {taken}");
    assert!(!shown.contains("CANARY"), "{shown}");
    taken
}

#[tokio::test]
async fn who_trusts_the_certificate_and_knows_the_password_is_let_in() {
    let server = server("localhost").await;
    let cache = trusting(&server, &server.settings());
    cache.connect().await.unwrap();
    grant(&cache).await.unwrap();
    for uses in 1..=3 {
        let taken = take(&cache).await.unwrap();
        assert_eq!((taken.took, taken.uses), (true, uses));
    }
    assert_eq!(server.probe().await.count(&key(), "uses").await, 3);
}

#[tokio::test]
async fn a_user_of_an_access_control_list_is_let_in() {
    let config = RedisConfig::default().with_user("authorizer", PASSWORD).with_tls("localhost");
    let server = RedisServer::start(config).await;
    grant(&trusting(&server, &server.settings())).await.unwrap();
    let nobody = trusting(&server, &CacheServer { username: None, ..server.settings() });
    assert_eq!(fails(&nobody).await, CacheError::Refused("WRONGPASS".to_owned()));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_costs_no_answer_and_no_use() {
    let server = server("localhost").await;
    let (cache, probe) = (trusting(&server, &server.settings()), server.probe().await);
    grant(&cache).await.unwrap();
    for uses in 1..=100 {
        assert_ne!(probe.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal"]).await, 0);
        assert_eq!(take(&cache).await.unwrap().uses, uses);
    }
    assert_eq!(probe.count(&key(), "uses").await, 100);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let server = server("localhost").await;
    let cache = Cache::on(Some(&server.settings()), tls(None).unwrap());
    assert_eq!(fails(&cache).await, CacheError::NotConnected);
}

#[tokio::test]
async fn a_certificate_of_another_host_is_not_trusted() {
    let server = server("elsewhere.test").await;
    let cache = trusting(&server, &server.settings());
    assert_eq!(fails(&cache).await, CacheError::NotConnected);
}

#[tokio::test]
async fn a_server_without_tls_is_told_no_password() {
    let plain = RedisServer::start(RedisConfig::default().with_password(PASSWORD)).await;
    let timeout = Duration::from_millis(200);
    let cache = Cache::on(Some(&CacheServer { tls: true, timeout, ..plain.settings() }), tls(None).unwrap());
    assert_eq!(fails(&cache).await, CacheError::NotConnected);
}

#[tokio::test]
async fn who_does_not_know_the_password_is_refused() {
    let server = server("localhost").await;
    let wrong = CacheServer { auth_token: Some(Secret::new("CANARY-wrong")), ..server.settings() };
    assert_eq!(fails(&trusting(&server, &wrong)).await, CacheError::Refused("WRONGPASS".to_owned()));
    let without = trusting(&server, &CacheServer { auth_token: None, ..server.settings() });
    assert_eq!(take(&without).await, Err(CacheError::Refused("NOAUTH".to_owned())));
}
