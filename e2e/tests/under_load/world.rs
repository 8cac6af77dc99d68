//! What there is: Redis, 3scale and SNS.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::credential::{Caller, Credential, Secret, UserKey};
use authz_core::keyring::Keyring;
use authz_core::message::Message;
use authz_core::threescale::ServiceId;
use e2e::{Account, Probe, RedisConfig, RedisServer, Topic, binary};
use runtime_api::{Config, Function};
use threescale_stub::{Application, Backend, Clock, Period, Plan, Service, ServiceKind};
use tokio::sync::Mutex;

use crate::calls::{LIMITED, Operation, SOUND, SUSPENDED, user_key};

pub(crate) struct World {
    pub(crate) redis: Mutex<RedisServer>,
    pub(crate) account: Account,
    pub(crate) topic: Topic,
}

/// What one key uses by one operation.
pub(crate) struct Ledger {
    pub(crate) user_key: String,
    pub(crate) key: CacheKey,
    operation: Operation,
    /// Uses that 3scale does not know of.
    pub(crate) untold: u64,
}

impl World {
    pub(crate) async fn start() -> Self {
        // What a killed process has written is safe, so nobody need wait for the disk.
        let redis = RedisServer::start(RedisConfig::default().with("appendonly yes").with("appendfsync no")).await;
        let account = Account::serve(backend(), Clock::system()).await;
        Self { redis: Mutex::new(redis), account, topic: Topic::start() }
    }

    /// Starts a function; `changes` go over its usual environment.
    pub(crate) async fn function(&self, name: &str, timeout: Duration, changes: &[(&str, &str)]) -> Function {
        let port = self.redis.lock().await.settings().port.to_string();
        let (backend, topic) = (self.account.url(), self.topic.endpoint());
        let usual = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_ENDPOINT_URL_SNS", &topic),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("CREDENTIAL_SECRET", CREDENTIAL_SECRET),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
            ("ELASTICACHE_PORT", &port),
            ("MAPPING_RULES", RULES),
            ("SNS_TOPIC_ARN", Topic::ARN),
            ("THREESCALE_BACKEND_URL", &backend),
            ("THREESCALE_SERVICE_ID", SERVICE_ID),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
        ];
        let env = usual.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let env = env.collect::<BTreeMap<_, _>>().into_iter().collect();
        Function::start(Config { env, timeout, ..Config::new(binary(name)) }).await.unwrap()
    }

    /// Looks into the ledger of every key that 3scale lets in.
    pub(crate) async fn ledgers(&self) -> Vec<Ledger> {
        let probe = self.redis.lock().await.probe().await;
        let mut ledgers = Vec::new();
        for number in (0..SOUND).map(|number| user_key("sound", number)) {
            for operation in Operation::ALL {
                ledgers.push(Ledger::look(&probe, &number, operation).await);
            }
        }
        for number in 0..LIMITED {
            ledgers.push(Ledger::look(&probe, &user_key("limited", number), Operation::Read).await);
        }
        ledgers
    }

    /// How many calls of an operation 3scale has counted.
    pub(crate) fn counted(&self, user_key: &str, operation: Operation) -> u64 {
        let counted = self.account.backend().counted();
        counted.get(user_key).and_then(|metrics| metrics.get(operation.metric())).copied().unwrap_or_default()
    }
}

impl Ledger {
    async fn look(probe: &Probe, user_key: &str, operation: Operation) -> Self {
        let service = ServiceId::parse(SERVICE_ID).unwrap();
        let key = CacheKey::new(&keyring(), &service, &caller(user_key), &operation.usage());
        let untold = probe.count(&key, "uses").await - probe.count(&key, "told").await;
        Self { user_key: user_key.to_owned(), key, operation, untold }
    }

    /// Returns what the next look would have SNS told.
    pub(crate) fn message(&self) -> String {
        let (service, usage) = (ServiceId::parse(SERVICE_ID).unwrap(), self.operation.usage());
        let caller = caller(&self.user_key);
        Message::new(&keyring(), self.key.clone(), service, usage, &caller, "late".to_owned()).encode()
    }
}

fn keyring() -> Keyring {
    Keyring::derive(&Secret::new(CREDENTIAL_SECRET))
}

fn caller(user_key: &str) -> Caller {
    Caller { credential: Credential::UserKey(UserKey::parse(user_key).unwrap()), referrer: None }
}

fn backend() -> Backend {
    let unlimited = Plan::new("Unlimited");
    let trial = Plan::new("Trial").limit("hits", Period::Eternity, LIMIT);
    let service = Service::new(SERVICE_ID, SERVICE_TOKEN, ServiceKind::UserKey);
    let service = ["hits", "orders", "items"].into_iter().fold(service, Service::with_metric);
    let sound = (0..SOUND).map(|number| Application::by_user_key(&user_key("sound", number), &unlimited));
    let limited = (0..LIMITED).map(|number| Application::by_user_key(&user_key("limited", number), &trial));
    let suspended =
        (0..SUSPENDED).map(|number| Application::by_user_key(&user_key("suspended", number), &unlimited).suspended());
    let applications = sound.chain(limited).chain(suspended);
    Backend::new("provider-key").with_service(applications.fold(service, Service::with_application))
}

/// So many reads a limited key may make, ever.
pub(crate) const LIMIT: u64 = 200;
const CREDENTIAL_SECRET: &str = "credential-secret";
const RULES: &str = r#"[
    { "http_method": "GET", "pattern": "/", "metric": "hits" },
    { "http_method": "POST", "pattern": "/orders", "metric": "orders" },
    { "http_method": "POST", "pattern": "/orders", "metric": "items", "delta": 5 }
]"#;
const SERVICE_ID: &str = "7";
const SERVICE_TOKEN: &str = "service-token";
