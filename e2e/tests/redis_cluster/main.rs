//! Ledgers on a cluster: redirections are followed, a server that fails costs its own keys alone, and whatever becomes of
//! slots and connections, no use is counted twice.
#![expect(clippy::unwrap_used, reason = "a cluster that does not start fails its test")]

mod broken_connections;
mod failing_servers;
mod moving_slots;
mod reaching_it;

use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::ledger::{Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::time::UnixTime;
use e2e::RedisCluster;
use lambda_shell::{Cache, CacheError, tls};

/// So far ahead, in 2096, the servers' own clocks end nothing.
const START: UnixTime = UnixTime::from_secs(4_000_000_000);
/// Far above every time limit that the tests set, for machines that are slow.
const SOON: Duration = Duration::from_secs(30);
/// How long ledgers are kept, and grants believed.
const SPAN: Duration = Duration::from_secs(600);

fn cache(settings: &CacheServer) -> Cache {
    Cache::on(Some(settings), tls(None).unwrap())
}

/// A cache whose every answer comes after a while at the latest.
fn hasty(settings: &CacheServer) -> Cache {
    cache(&CacheServer { timeout: Duration::from_millis(200), ..settings.clone() })
}

fn key(name: &str) -> CacheKey {
    CacheKey::parse(&format!("authz:1:{name}")).unwrap()
}

/// Returns one key for each server, in their order.
async fn keys(cluster: &RedisCluster) -> [CacheKey; 3] {
    let mut keys = [const { None }; 3];
    for number in 0.. {
        let key = key(&format!("tested-{number}"));
        keys[cluster.owner(&key).await].get_or_insert(key);
        if let [Some(first), Some(second), Some(third)] = &keys {
            return [first, second, third].map(Clone::clone);
        }
    }
    panic!("a server without keys")
}

/// Stores a grant without limits.
async fn grant(cache: &Cache, key: &CacheKey) {
    let (entry, fresh, room) = ("entry".to_owned(), START.after(SPAN), Room::Unlimited);
    let store = Store { now: START, asked: START, entry, fresh, room, told_at_ask: 0, own: false, keep: SPAN };
    soon(cache.store(key, store)).await.unwrap();
}

async fn take(cache: &Cache, key: &CacheKey) -> Result<Taken, CacheError> {
    take_after(cache, key, 0).await
}

async fn take_after(cache: &Cache, key: &CacheKey, secs: u64) -> Result<Taken, CacheError> {
    let ask = Take { now: START.after(Duration::from_secs(secs)), rering: SPAN, keep: SPAN };
    soon(cache.take(key, ask)).await
}

/// Returns how many uses a ledger holds.
async fn uses(cluster: &RedisCluster, key: &CacheKey) -> u64 {
    cluster.probe(key).await.count(key, "uses").await
}

async fn soon<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, answer).await.expect("an answer inside the time limits")
}
