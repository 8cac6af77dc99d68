//! Everything around the functions.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::message::Message;
use e2e::{Account, Probe, RedisConfig, RedisServer, Topic, binary, log_line};
use runtime_api::{Config, Function};

use super::account;

/// The service token, which nobody but 3scale may see.
pub(crate) const SERVICE_TOKEN: &str = "CANARY-service-token";

const AUTH_TOKEN: &str = "CANARY-auth-token";

/// A Redis with a password, a topic, and a 3scale.
pub(crate) struct World {
    pub(crate) redis: RedisServer,
    pub(crate) topic: Topic,
    pub(crate) account: Account,
}

/// What a ledger counts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) uses: u64,
    pub(crate) told: u64,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with_redis(RedisConfig::default()).await
    }

    pub(crate) async fn with_redis(config: RedisConfig) -> Self {
        let redis = RedisServer::start(config.with_password(AUTH_TOKEN)).await;
        Self { redis, topic: Topic::start(), account: account().await }
    }

    /// The environment of both functions, with time limits that only a fault exceeds; `changes` go over it.
    pub(crate) fn variables(&self, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let port = self.redis.settings().port.to_string();
        let (backend, topic) = (self.account.url(), self.topic.endpoint());
        let usual = [
            ("AWS_ACCESS_KEY_ID", "AKIDCANARY"),
            ("AWS_ENDPOINT_URL_SNS", topic.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "CANARY-secret-access-key"),
            ("AWS_SESSION_TOKEN", "CANARY-session-token"),
            ("ELASTICACHE_AUTH_TOKEN", AUTH_TOKEN),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
            ("ELASTICACHE_PORT", port.as_str()),
            ("ELASTICACHE_TIMEOUT_MS", "5000"),
            ("SNS_TIMEOUT_MS", "10000"),
            ("SNS_TOPIC_ARN", Topic::ARN),
            ("THREESCALE_BACKEND_URL", backend.as_str()),
            ("THREESCALE_SERVICE_ID", "7"),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
            ("THREESCALE_TIMEOUT_MS", "10000"),
        ];
        usual.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    /// A function with half a minute for an event.
    pub(crate) fn config(&self, name: &str, changes: &[(&str, &str)]) -> Config {
        let env = self.variables(changes).into_iter().collect();
        Config { env, timeout: Duration::from_secs(30), ..Config::new(binary(name)) }
    }

    pub(crate) async fn authorizer(&self, changes: &[(&str, &str)]) -> Function {
        Function::start(self.config("authorizer", changes)).await.unwrap()
    }

    /// An authorizer that is frozen whenever it has nothing to do.
    pub(crate) async fn freezing_authorizer(&self) -> Function {
        Function::start(Config { freeze: true, ..self.config("authorizer", &[]) }).await.unwrap()
    }

    pub(crate) async fn authrep_async(&self, changes: &[(&str, &str)]) -> Function {
        Function::start(self.config("authrep-async", changes)).await.unwrap()
    }

    /// Returns what the ledger counts that a message is about.
    pub(crate) async fn ledger_of(&self, message: &str) -> Ledger {
        let (probe, key) = (self.redis.probe().await, Message::decode(message).unwrap().key);
        Ledger { uses: probe.count(&key, "uses").await, told: probe.count(&key, "told").await }
    }

    pub(crate) async fn probe(&self) -> Probe {
        self.redis.probe().await
    }

    /// Stops the functions, makes sure that nobody was shown a secret, and returns what the functions logged. Each line is
    /// as its schema says.
    pub(crate) async fn end(self, functions: impl IntoIterator<Item = Function>) -> Vec<String> {
        let mut log = Vec::new();
        for function in functions {
            log.extend(function.stop().await);
        }
        for line in &log {
            log_line(line);
        }
        assert_nothing_leaked(&log.join("\n"));
        for publish in self.topic.publishes() {
            assert_nothing_leaked(&publish.body);
        }
        assert_nothing_leaked(&String::from_utf8_lossy(&self.redis.probe().await.dump().await));
        log
    }
}

/// Every secret of the world, and every user key, bears this name.
pub(crate) fn assert_nothing_leaked(text: &str) {
    assert!(!text.contains("CANARY"), "{text}");
}
