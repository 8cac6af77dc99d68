//! A cache, and one ledger in it.

use std::sync::Arc;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::credential::{Credential, Secret, UserKey};
use authz_core::forget::Forget;
use authz_core::keyring::{Fingerprint, Keyring};
use authz_core::ledger::{self, Ack, Acked, Claim, Claimed, Record, Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::threescale::ServiceId;
use authz_core::time::{Minute, UnixTime};
use e2e::{Probe, RedisCluster, RedisConfig, RedisServer};
use lambda_shell::{Cache, tls};

/// Second 0 of the tests. So far ahead, in 2096, the server's own clock ends nothing; it begins a minute.
pub(crate) const START: u64 = 66_666_667 * 60;
const TESTED: &str = "tested";
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// How long ledgers without untold uses are kept.
pub(crate) const KEEP: Duration = Duration::from_secs(360);

pub(crate) struct Bed {
    pub(crate) cache: Cache,
    pub(crate) key: CacheKey,
    /// Of whose credential the ledger is.
    pub(crate) name: &'static str,
    servers: Servers,
}

/// Where the ledgers are.
enum Servers {
    None,
    One(Box<One>),
    Cluster(Arc<RedisCluster>),
}

struct One {
    server: RedisServer,
    probe: Probe,
    ca_file: Option<String>,
}

impl Bed {
    pub(crate) fn in_memory() -> Self {
        Self { cache: Cache::memory(), key: key(TESTED), name: TESTED, servers: Servers::None }
    }

    pub(crate) async fn in_redis() -> Self {
        Self::on(RedisServer::start(RedisConfig::default()).await, None).await
    }

    pub(crate) async fn in_redis_over_tls() -> Self {
        let config = RedisConfig::default().with_password("password").with_tls("localhost");
        let server = RedisServer::start(config).await;
        let ca_file = server.ca_file();
        Self::on(server, Some(ca_file)).await
    }

    /// A cluster may hold many ledgers of different names.
    pub(crate) fn in_cluster(cluster: &Arc<RedisCluster>, name: &'static str) -> Self {
        let cache = cache(&cluster.settings(), None);
        Self { cache, key: key(name), name, servers: Servers::Cluster(Arc::clone(cluster)) }
    }

    async fn on(server: RedisServer, ca_file: Option<String>) -> Self {
        let cache = cache(&server.settings(), ca_file.as_deref());
        let probe = server.probe().await;
        let servers = Servers::One(Box::new(One { server, probe, ca_file }));
        Self { cache, key: key(TESTED), name: TESTED, servers }
    }

    /// Looks into the server.
    pub(crate) fn probe(&self) -> &Probe {
        let Servers::One(one) = &self.servers else { panic!("a bed on one server") };
        &one.probe
    }

    pub(crate) async fn take(&self, secs: u64) -> Taken {
        self.pass_to(secs).await;
        self.cache.take(&self.key, take(secs)).await.unwrap()
    }

    /// Returns which of the takes took.
    pub(crate) async fn take_each<const N: usize>(&self, secs: [u64; N]) -> [bool; N] {
        let mut took = [false; N];
        for (took, secs) in took.iter_mut().zip(secs) {
            *took = self.take(secs).await.took;
        }
        took
    }

    pub(crate) async fn store(&self, store: Store) {
        self.pass_to(store.now.since(at(0)).as_secs()).await;
        self.cache.store(&self.key, store).await.unwrap();
    }

    /// Stores an own use and so many more at second 0.
    pub(crate) async fn grant(&self, remaining: u64) {
        self.store(answer(Room::Remaining(remaining), 0, true)).await;
    }

    pub(crate) async fn record(&self, secs: u64) -> bool {
        self.pass_to(secs).await;
        self.cache.record(&self.key, Record { now: at(secs), rering: MINUTE }).await.unwrap()
    }

    /// Claims for ten seconds.
    pub(crate) async fn claim(&self, secs: u64, owner: &str) -> Claimed {
        self.pass_to(secs).await;
        self.cache.claim(&self.key, claim(secs, owner)).await.unwrap()
    }

    /// Acknowledges uses of the first minute.
    pub(crate) async fn ack(&self, secs: u64, owner: &str, uses: u64) -> Acked {
        self.pass_to(secs).await;
        let minutes = vec![(minute(0), uses)];
        let ack = Ack { owner: owner.to_owned(), minutes, keep: KEEP, now: at(secs) };
        self.cache.ack(&self.key, &ack).await.unwrap()
    }

    /// Has every ledger of the bed's credential forget, and returns how many there were.
    pub(crate) async fn forget(&self, secs: u64) -> u64 {
        self.pass_to(secs).await;
        self.forget_of(self.name, None, secs).await
    }

    /// Has the ledgers of a credential forget, those of a service if it is named.
    pub(crate) async fn forget_of(&self, name: &str, service: Option<&str>, secs: u64) -> u64 {
        let which = Forget { credential: credential(name), service: service.and_then(ServiceId::parse) };
        let mut forgotten = 0;
        self.cache.forget(&which, ledger::Forget { now: at(secs), keep: KEEP }, &mut forgotten).await.unwrap();
        forgotten
    }

    /// Goes on with another ledger, which is empty.
    pub(crate) fn begin_anew(&mut self) {
        self.key = CacheKey::parse(&format!("{}-next", self.key)).unwrap();
    }

    /// Reaches the same ledgers as another function would.
    pub(crate) fn of_another_function(&self) -> Cache {
        match &self.servers {
            Servers::None => self.cache.clone(),
            Servers::One(one) => cache(&one.server.settings(), one.ca_file.as_deref()),
            Servers::Cluster(cluster) => cache(&cluster.settings(), None),
        }
    }

    /// The server's own clock stays behind, so a ledger that has expired is removed in its stead.
    async fn pass_to(&self, secs: u64) {
        match &self.servers {
            Servers::None => {}
            Servers::One(one) => one.probe.remove_if_expired(&self.key, at(secs)).await,
            Servers::Cluster(cluster) => cluster.probe(&self.key).await.remove_if_expired(&self.key, at(secs)).await,
        }
    }
}

fn cache(settings: &CacheServer, ca_file: Option<&str>) -> Cache {
    Cache::on(Some(settings), tls(ca_file).unwrap())
}

/// A ledger of the credential of this name.
pub(crate) fn key(name: &str) -> CacheKey {
    key_of("7", name, "use")
}

pub(crate) fn key_of(service: &str, name: &str, used: &str) -> CacheKey {
    CacheKey::parse(&format!("authz:1:{service}:{}:{used}", credential(name))).unwrap()
}

pub(crate) fn credential(name: &str) -> Fingerprint {
    let user_key = Credential::UserKey(UserKey::parse(name).unwrap());
    Keyring::derive(&Secret::new("secret")).credential_fingerprint(&user_key)
}

pub(crate) fn at(secs: u64) -> UnixTime {
    UnixTime::from_secs(START + secs)
}

/// The minutes of the tests, from 0.
pub(crate) fn minute(number: u64) -> Minute {
    Minute::from_number(at(0).minute().number() + number)
}

pub(crate) fn take(secs: u64) -> Take {
    Take { now: at(secs), rering: MINUTE, keep: KEEP }
}

pub(crate) fn claim(secs: u64, owner: &str) -> Claim {
    Claim { now: at(secs), owner: owner.to_owned(), lease: Duration::from_secs(10) }
}

/// An answer that was asked and stored at second 0 and is believed for a minute.
pub(crate) fn answer(room: Room, told_at_ask: u64, own: bool) -> Store {
    let (now, asked, fresh) = (at(0), at(0), at(60));
    Store { now, asked, entry: "entry".to_owned(), fresh, room, told_at_ask, own, keep: KEEP }
}
