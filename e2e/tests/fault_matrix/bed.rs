//! Redis, 3scale and SNS of one fault, and a clock that stands still unless it is moved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::collect::Worker;
use authz_core::credential::{self, Credential, Secret, UserKey};
use authz_core::keyring::Keyring;
use authz_core::message::Message;
use authz_core::settings::{CacheServer, Settings};
use authz_core::threescale::{ServiceId, Usage};
use authz_core::time::UnixTime;
use e2e::{Account, Proxy, ProxyMode, RedisCluster, RedisConfig, RedisServer, TlsFront, Topic};
use lambda_shell::{Cache, Clock, Collector, Log, Threescale, http_client, tls};
use threescale_stub::{Application, Backend, Plan, Service, ServiceKind};

use crate::caller::Caller;
use crate::fault::{Fault, Redis, Threescale as ThreescaleFault};
use crate::key::{Key, Kind};

/// Everything around the authorizers.
pub(crate) struct Bed {
    pub(crate) redis: RedisServer,
    pub(crate) road_to_redis: Proxy,
    /// In the place of the server, where the fault is one of clusters.
    pub(crate) cluster: Option<RedisCluster>,
    pub(crate) account: Account,
    /// Before the account, where the fault is one of TLS.
    pub(crate) front: Option<TlsFront>,
    pub(crate) topic: Topic,
    clock: threescale_stub::Clock,
}

impl Bed {
    /// Starts what a fault needs.
    pub(crate) async fn start(fault: Fault) -> Self {
        let redis = RedisServer::start(config(fault)).await;
        let cluster = match fault {
            Fault::Redis(Redis::MovesKeys) => Some(RedisCluster::start(RedisConfig::default()).await),
            _ => None,
        };
        let clock = threescale_stub::Clock::frozen(Clock::system().now().as_millis());
        let account = Account::serve(backend(), clock.clone()).await;
        let front = match fault {
            Fault::Threescale(ThreescaleFault::StrangeCertificate) => Some(TlsFront::before(account.port()).await),
            _ => None,
        };
        let road_to_redis = Proxy::before(&redis.settings(), ProxyMode::Forward).await;
        Self { redis, road_to_redis, cluster, account, front, topic: Topic::start(), clock }
    }

    /// Lets every caller call, until its key is what it is to be.
    pub(crate) async fn callers(&self) -> Vec<Caller> {
        let mut callers: Vec<_> = Key::all().map(|key| Caller::new(self, key)).collect();
        for kind in [Kind::Stale, Kind::Fresh] {
            for caller in callers.iter_mut().filter(|caller| caller.key.kind == kind) {
                caller.become_known().await;
            }
            self.pass_a_minute();
        }
        for caller in &mut callers {
            caller.connect().await;
        }
        callers
    }

    /// The environment of an authorizer.
    pub(crate) fn variables(&self, key: Key) -> BTreeMap<String, String> {
        let CacheServer { host, port, cluster, .. } = self.cache_server();
        let limit = LIMIT.as_millis().to_string();
        let variables = [
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_ENDPOINT_URL_SNS", self.topic.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("CACHE_GRANT_TTL_SECS", GRANT_TTL.as_secs().to_string()),
            ("CREDENTIAL_SECRET", CREDENTIAL_SECRET.to_owned()),
            ("ELASTICACHE_CLUSTER", cluster.to_string()),
            ("ELASTICACHE_ENDPOINT", host),
            ("ELASTICACHE_PORT", port.to_string()),
            ("ELASTICACHE_TIMEOUT_MS", limit.clone()),
            ("FAIL_MODE", key.fail_mode.to_string()),
            ("SNS_TIMEOUT_MS", limit.clone()),
            ("SNS_TOPIC_ARN", Topic::ARN.to_owned()),
            ("THREESCALE_BACKEND_URL", self.front.as_ref().map_or_else(|| self.account.url(), TlsFront::url)),
            ("THREESCALE_SERVICE_ID", SERVICE_ID.to_owned()),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN.to_owned()),
            ("THREESCALE_TIMEOUT_MS", limit),
            ("TLS_CA_FILE", self.front.as_ref().map(TlsFront::ca_file).unwrap_or_default()),
        ];
        variables.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clock.clone();
        Clock::from_fn(move || UnixTime::from_millis(clock.now_ms()))
    }

    /// Longer than nobody rings and than anybody is left alone; half of the time that grants are believed.
    pub(crate) fn pass_a_minute(&self) {
        self.clock.advance(GRANT_TTL / 2 + Duration::from_secs(1));
    }

    /// Returns the names of the ledgers of all keys.
    pub(crate) fn ledgers() -> impl Iterator<Item = CacheKey> {
        let keyring = Keyring::derive(&Secret::new(CREDENTIAL_SECRET));
        let service = ServiceId::parse(SERVICE_ID).unwrap();
        Key::all().map(move |key| {
            let credential = Credential::UserKey(UserKey::parse(&key.name()).unwrap());
            CacheKey::new(&keyring, &service, &credential::Caller { credential, referrer: None }, &Usage::hits(1))
        })
    }

    /// Takes every message that SNS took, as `authrep-async` does.
    pub(crate) async fn collect(&self) {
        let settings = Settings::read(&self.variables(Key::all().next().unwrap())).unwrap();
        let tls = tls(settings.ca_file.as_deref()).unwrap();
        let collector = Collector {
            cache: Cache::on(Some(&self.cache_server()), Arc::clone(&tls)),
            threescale: Threescale::new(http_client(&tls).unwrap(), &settings.backend_url),
            settings: Arc::new(settings),
            clock: self.clock(),
            log: Log::to(|_| ()),
        };
        for message in self.topic.accepted() {
            let worker = Worker { name: "worker".to_owned(), lease: Duration::from_secs(20) };
            collector.collect(Message::decode(&message).unwrap(), worker).await;
        }
    }

    fn cache_server(&self) -> CacheServer {
        self.cluster.as_ref().map_or_else(|| self.road_to_redis.settings(), RedisCluster::settings)
    }
}

fn config(fault: Fault) -> RedisConfig {
    match fault {
        Fault::Redis(Redis::RestartsEmpty) => RedisConfig::default(),
        _ => RedisConfig::default().keeping_data(),
    }
}

/// 3scale knows everybody but strangers.
fn backend() -> Backend {
    let plan = Plan::new("Unlimited");
    let service = Service::new(SERVICE_ID, SERVICE_TOKEN, ServiceKind::UserKey).with_metric("hits");
    let known = Key::all().filter(|key| key.kind != Kind::Stranger).map(Key::name);
    let known = known.chain([SOMEBODY.to_owned()]).map(|name| Application::by_user_key(&name, &plan));
    Backend::new("provider-key").with_service(known.fold(service, Service::with_application))
}

/// Each time limit. A machine may be slow by nearly as much.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
/// The user key of calls that only open connections.
pub(crate) const SOMEBODY: &str = "somebody";
const CREDENTIAL_SECRET: &str = "credential-secret";
const GRANT_TTL: Duration = Duration::from_secs(120);
const SERVICE_ID: &str = "7";
const SERVICE_TOKEN: &str = "service-token";
