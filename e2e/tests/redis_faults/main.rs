//! Whatever becomes of the cache, its answer comes inside the time limits, says which kind of trouble it is, shows no
//! secret, and counts nothing twice.
#![expect(clippy::unwrap_used, reason = "a server that does not start fails its test")]

mod broken_connections;
mod nobody_answers;
mod refusals;

use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::ledger::{Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::time::UnixTime;
use e2e::{Probe, RedisServer};
use lambda_shell::{Cache, CacheError, tls};

/// So far ahead, in 2096, the server's own clock ends nothing.
const START: UnixTime = UnixTime::from_secs(4_000_000_000);
/// Far above every time limit that the tests set, for machines that are slow.
const SOON: Duration = Duration::from_secs(30);

fn cache(settings: &CacheServer) -> Cache {
    Cache::on(Some(settings), tls(None).unwrap())
}

/// A cache whose every answer comes after a while at the latest.
fn hasty(settings: &CacheServer) -> Cache {
    cache(&CacheServer { timeout: Duration::from_millis(200), ..settings.clone() })
}

fn key() -> CacheKey {
    CacheKey::parse("authz:1:tested").unwrap()
}

fn unlimited() -> Store {
    let fresh = START.after(Duration::from_secs(600));
    let (entry, keep) = ("entry".to_owned(), Duration::from_secs(600));
    Store { now: START, asked: START, entry, fresh, room: Room::Unlimited, told_at_ask: 0, own: false, keep }
}

/// Stores a grant without limits.
async fn grant(cache: &Cache) {
    soon(cache.store(&key(), unlimited())).await.unwrap();
}

async fn take(cache: &Cache) -> Result<Taken, CacheError> {
    take_after(cache, Duration::ZERO).await
}

async fn take_after(cache: &Cache, span: Duration) -> Result<Taken, CacheError> {
    let keep = Duration::from_secs(600);
    let ask = Take { now: START.after(span), rering: Duration::from_secs(60), keep };
    soon(cache.take(&key(), ask)).await
}

/// Starts a server whose ledger has a grant without limits.
async fn server_with_a_grant(config: e2e::RedisConfig) -> (RedisServer, Cache, Probe) {
    let server = RedisServer::start(config).await;
    let cache = cache(&server.settings());
    grant(&cache).await;
    let probe = server.probe().await;
    (server, cache, probe)
}

async fn soon<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, answer).await.expect("an answer inside the time limit")
}
