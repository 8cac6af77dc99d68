//! Authorizers and collectors, each with a connection of its own, as functions have it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::collect::{Outcome, Worker};
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use authz_core::verdict::{CacheState, Decision, Reason};
use e2e::{RedisConfig, RedisServer};
use lambda_shell::{Authorizer, Cache, Clock, Collector, Inbox, Log, Outbox, Threescale, http_client, tls};
use threescale_stub::{Application, Backend, Plan, Service, ServiceKind};
use tokio::net::TcpListener;

/// A user key that 3scale knows, and that nobody else may ever see.
pub(crate) const CANARY: &str = "CANARY-user-key";
/// The secrets of the functions.
const SECRETS: [&str; 3] = ["CANARY-service-token", "CANARY-provider-key", "CANARY-credential-secret"];

/// A Redis, a 3scale, and what functions need to be put before them.
pub(crate) struct World {
    pub(crate) server: RedisServer,
    pub(crate) account: Arc<Mutex<Backend>>,
    pub(crate) inbox: Inbox,
    pub(crate) stub: threescale_stub::Server,
    pub(crate) threescale_clock: threescale_stub::Clock,
    outbox: Outbox,
    settings: Arc<Settings>,
    now: UnixTime,
    lines: Arc<Mutex<Vec<String>>>,
}

/// Starts a world in which the application has this plan.
pub(crate) async fn world(plan: &Plan) -> World {
    let [token, provider_key, _] = SECRETS;
    let service = Service::new("7", token, ServiceKind::UserKey)
        .with_metric("hits")
        .with_application(Application::by_user_key(CANARY, plan));
    let account = Arc::new(Mutex::new(Backend::new(provider_key).with_service(service)));
    let now = beginning_of_the_next_minute();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let threescale_clock = threescale_stub::Clock::frozen(now.as_millis());
    let stub = threescale_stub::Server::start(listener, Arc::clone(&account), threescale_clock.clone()).unwrap();
    let server = RedisServer::start(RedisConfig::default()).await;
    let (outbox, inbox) = Outbox::new();
    let settings = Arc::new(settings(&stub.url(), server.settings().port));
    World { server, account, inbox, stub, threescale_clock, outbox, settings, now, lines: Arc::default() }
}

/// Time stands still for the functions and for 3scale, so that no minute ends in the middle of a test. It stands close
/// to the machine's time, by which Redis forgets.
fn beginning_of_the_next_minute() -> UnixTime {
    let this_minute = Clock::system().now().minute();
    this_minute.start().after(Duration::from_secs(60))
}

fn settings(threescale: &str, redis: u16) -> Settings {
    let [token, _, secret] = SECRETS;
    let variables = [
        ("THREESCALE_BACKEND_URL", threescale),
        ("THREESCALE_SERVICE_ID", "7"),
        ("THREESCALE_SERVICE_TOKEN", token),
        ("THREESCALE_TIMEOUT_MS", "10000"),
        ("CREDENTIAL_SECRET", secret),
        ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
        ("ELASTICACHE_PORT", &redis.to_string()),
        ("ELASTICACHE_TIMEOUT_MS", "5000"),
        ("SNS_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:authrep"),
    ];
    let variables: BTreeMap<_, _> =
        variables.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Settings::read(&variables).unwrap()
}

impl World {
    /// Starts an authorizer with connections of its own.
    pub(crate) fn authorizer(&self) -> Authorizer {
        Authorizer {
            settings: Arc::clone(&self.settings),
            cache: self.cache(),
            threescale: self.threescale(),
            outbox: self.outbox.clone(),
            clock: self.clock(),
            log: self.log(),
            allowance: Arc::default(),
        }
    }

    /// Starts a collector with connections of its own.
    pub(crate) fn collector(&self) -> Collector {
        Collector {
            settings: Arc::clone(&self.settings),
            cache: self.cache(),
            threescale: self.threescale(),
            clock: self.clock(),
            log: self.log(),
        }
    }

    /// Lets a collector of its own collect what waits; nothing if nobody rang.
    pub(crate) async fn collect(&mut self) -> Vec<Outcome> {
        let collector = self.collector();
        let mut outcomes = Vec::new();
        while let Ok(Some(message)) = tokio::time::timeout(Duration::ZERO, self.inbox.next()).await {
            outcomes.push(collect(&collector, message, &outcomes.len().to_string()).await);
        }
        outcomes
    }

    /// Returns how many hits 3scale has counted.
    pub(crate) fn counted(&self) -> u64 {
        let counted = self.account.lock().unwrap().counted_with_pending();
        counted.get(CANARY).and_then(|metrics| metrics.get("hits")).copied().unwrap_or_default()
    }

    /// Returns how many hits 3scale has taken and does not reckon with yet.
    pub(crate) fn unapplied(&self) -> u64 {
        let account = self.account.lock().unwrap();
        let hits = |counted: BTreeMap<String, BTreeMap<String, u64>>| counted.values().flat_map(BTreeMap::values).sum();
        let (taken, applied): (u64, u64) = (hits(account.counted_with_pending()), hits(account.counted()));
        taken - applied
    }

    /// Asserts that neither Redis nor an operator has seen a secret.
    pub(crate) async fn assert_nothing_leaked(&self) {
        let dump = String::from_utf8_lossy(&self.server.probe().await.dump().await).into_owned();
        assert!(dump.contains("authz:1:7:"), "there is something to look at");
        let log = self.lines.lock().unwrap().join("\n");
        for text in [dump, log] {
            assert!(!text.contains("CANARY"), "{text}");
        }
    }

    fn cache(&self) -> Cache {
        Cache::on(self.settings.cache.as_ref(), tls(None).unwrap())
    }

    fn threescale(&self) -> Threescale {
        Threescale::new(http_client(&tls(None).unwrap()).unwrap(), &self.settings.backend_url)
    }

    fn clock(&self) -> Clock {
        let now = self.now;
        Clock::from_fn(move || now)
    }

    fn log(&self) -> Log {
        let lines = Arc::clone(&self.lines);
        Log::to(move |line| lines.lock().unwrap().push(line.to_owned()))
    }
}

/// Collects what one message asks for.
pub(crate) async fn collect(collector: &Collector, message: Message, worker: &str) -> Outcome {
    let worker = Worker { name: worker.to_owned(), lease: Duration::from_secs(60) };
    collector.collect(message, worker).await
}

/// Asks for a method with the user key.
pub(crate) async fn ask(authorizer: &Authorizer) -> (Decision, Reason, CacheState) {
    let method_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
    let event = serde_json::json!({ "type": "TOKEN", "authorizationToken": CANARY, "methodArn": method_arn });
    let verdict = authorizer.answer(&event.to_string(), "request").await.unwrap().verdict;
    (verdict.decision, verdict.reason, verdict.cache)
}
