//! Both functions of this release, a Redis and a 3scale. Their time stands still.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use e2e::{Probe, RedisConfig, RedisServer};
use lambda_shell::{Authorizer, Cache, Clock, Collector, Inbox, Log, Outbox, Threescale, http_client, tls};
use serde_json::{Value, json};
use threescale_stub::{Application, Backend, Period, Plan, Service, ServiceKind};
use tokio::net::TcpListener;

use crate::fixtures::Ledgers;

/// So far ahead, in 2096, the server's own clock ends nothing; it begins a day.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(46_296 * 86_400);
const TIME_LIMIT: Duration = Duration::from_secs(30);
const MARGIN: Duration = Duration::from_secs(5);
pub(crate) const SERVICE_ID: &str = "7";
const SERVICE_TOKEN: &str = "service-token";

/// User keys with 100 calls a day; the last one is of nobody.
pub(crate) const LIMITED: &str = "limited";
pub(crate) const CLAIMED: &str = "claimed";
pub(crate) const FORGOTTEN: &str = "forgotten";
pub(crate) const DENIED: &str = "denied";

pub(crate) struct World {
    pub(crate) authorizer: Authorizer,
    pub(crate) collector: Collector,
    pub(crate) inbox: Inbox,
    pub(crate) probe: Probe,
    account: Arc<Mutex<Backend>>,
    _redis: RedisServer,
    _stub: threescale_stub::Server,
}

impl World {
    pub(crate) async fn start() -> Self {
        let account = Arc::new(Mutex::new(account()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let clock = threescale_stub::Clock::frozen(NOW.as_millis());
        let stub = threescale_stub::Server::start(listener, Arc::clone(&account), clock).unwrap();
        let redis = RedisServer::start(RedisConfig::default()).await;
        let settings = Arc::new(Self::settings(&stub.url(), redis.settings().port));
        let (cache, (outbox, inbox)) = (Cache::on(settings.cache.as_ref(), tls(None).unwrap()), Outbox::new());
        let threescale = Threescale::new(http_client(&tls(None).unwrap()).unwrap(), &settings.backend_url);
        let (clock, log) = (Clock::from_fn(|| NOW), Log::to(|_| {}));
        Self {
            collector: Collector {
                settings: Arc::clone(&settings),
                cache: cache.clone(),
                threescale: threescale.clone(),
                clock: clock.clone(),
                log: log.clone(),
            },
            authorizer: Authorizer { settings, cache, threescale, outbox, clock, log, allowance: Arc::default() },
            inbox,
            probe: redis.probe().await,
            account,
            _redis: redis,
            _stub: stub,
        }
    }

    pub(crate) fn settings(threescale: &str, redis_port: u16) -> Settings {
        let variables = [
            ("THREESCALE_BACKEND_URL", threescale),
            ("THREESCALE_SERVICE_ID", SERVICE_ID),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
            ("THREESCALE_TIMEOUT_MS", "10000"),
            ("CREDENTIAL_SECRET", "credential-secret"),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
            ("ELASTICACHE_PORT", &redis_port.to_string()),
            ("ELASTICACHE_TIMEOUT_MS", "5000"),
        ];
        let texts = variables.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        Settings::read(&texts.collect::<BTreeMap<_, _>>()).unwrap()
    }

    /// Makes a call. Returns the decision, the reason, and what the cache had to do with it.
    pub(crate) async fn ask(&self, user_key: &str) -> String {
        let method_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
        let event = json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": method_arn });
        let verdict = self.authorizer.answer(&event.to_string(), "request-1").await.unwrap().verdict;
        let text = |value: Value| value.as_str().unwrap().to_owned();
        format!("{} {} {}", verdict.decision, text(json!(verdict.reason)), text(json!(verdict.cache)))
    }

    /// Invokes `authrep-async`.
    pub(crate) async fn answer(&self, event: &Value) -> Value {
        let answer = self.collector.answer(&event.to_string(), "worker", NOW.after(TIME_LIMIT), MARGIN).await;
        serde_json::from_str(&answer.unwrap()).unwrap()
    }

    /// Has messages collected as SQS delivers them. Returns the places of those that must come again.
    pub(crate) async fn collect(&self, bodies: &[&str]) -> Vec<usize> {
        let record = |(place, body): (usize, &&str)| json!({ "messageId": place.to_string(), "body": body });
        let event = json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() });
        let answer = self.answer(&event).await;
        let failures = answer["batchItemFailures"].as_array().unwrap().iter();
        failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Leaves ledgers behind, as another release has left them.
    pub(crate) async fn leave(&self, ledgers: &Ledgers) {
        let day_after = NOW.after(Duration::from_secs(86_400)).as_millis().to_string();
        for (name, fields) in ledgers {
            let fields = fields.iter().flat_map(|(field, value)| [field.as_str(), value.as_str()]);
            let _: u64 = self.probe.ask(&["HSET", name].into_iter().chain(fields).collect::<Vec<_>>()).await;
            let _: u64 = self.probe.ask(&["PEXPIREAT", name, &day_after]).await;
        }
    }

    pub(crate) async fn ledgers(&self) -> Ledgers {
        let names: Vec<String> = self.probe.ask(&["KEYS", "*"]).await;
        let mut ledgers = Ledgers::new();
        for name in names {
            let fields = self.probe.ask(&["HGETALL", &name]).await;
            ledgers.insert(name, fields);
        }
        ledgers
    }

    /// How many calls with a key 3scale has counted.
    pub(crate) fn counted(&self, user_key: &str) -> u64 {
        let counted = self.account.lock().unwrap().counted();
        counted.get(user_key).map_or(0, |metrics| metrics["hits"])
    }
}

fn account() -> Backend {
    let plan = Plan::new("Basic").limit("hits", Period::Day, 100);
    let service = Service::new(SERVICE_ID, SERVICE_TOKEN, ServiceKind::UserKey).with_metric("hits");
    let service = [LIMITED, CLAIMED, FORGOTTEN]
        .iter()
        .fold(service, |service, key| service.with_application(Application::by_user_key(key, &plan)));
    Backend::new("provider-key").with_service(service)
}
