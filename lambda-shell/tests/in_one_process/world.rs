//! An authorizer in front of a 3scale stub, as the tests need it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use authz_core::collect::{Outcome, Worker};
use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use authz_core::verdict::{CacheState, Decision, Reason};
use lambda_shell::{Authorizer, Cache, Clock, Collector, Inbox, Log, Outbox, Refusal, Threescale, http_client, tls};
use threescale_stub::{Application, Backend, Plan, Service, ServiceKind};
use tokio::net::TcpListener;

/// A user key that 3scale knows, and that nobody else may ever see.
pub(crate) const CANARY: &str = "CANARY-user-key";
/// The service token, which nobody but 3scale may see.
pub(crate) const CANARY_TOKEN: &str = "CANARY-service-token";

/// The token of another service.
pub(crate) const CANARY_OTHER_TOKEN: &str = "CANARY-other-token";

/// One process that hosts both functions, and the 3scale it talks to.
pub(crate) struct World {
    pub(crate) authorizer: Authorizer,
    pub(crate) collector: Collector,
    pub(crate) inbox: Inbox,
    pub(crate) stub: threescale_stub::Server,
    pub(crate) account: Arc<Mutex<Backend>>,
    lines: Arc<Mutex<Vec<String>>>,
    skipped_ms: Arc<AtomicU64>,
}

/// Starts a world; `variables` go over the least ones.
pub(crate) async fn world(variables: &[(&str, &str)]) -> World {
    let account = Arc::new(Mutex::new(account()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let clock = threescale_stub::Clock::system();
    let stub = threescale_stub::Server::start(listener, Arc::clone(&account), clock).unwrap();
    let url = stub.url();
    let least = [
        ("THREESCALE_SERVICE_ID", "7"),
        ("THREESCALE_SERVICE_TOKEN", CANARY_TOKEN),
        ("THREESCALE_TIMEOUT_MS", "3000"),
        ("THREESCALE_BACKEND_URL", url.as_str()),
    ];
    let variables: BTreeMap<_, _> =
        least.iter().chain(variables).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let settings = Arc::new(Settings::read(&variables).unwrap());
    let threescale = Threescale::new(http_client(&tls(None).unwrap()).unwrap(), &settings.backend_url);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let log = Log::to(move |line| {
        assert_is_a_line(line);
        written.lock().unwrap().push(line.to_owned());
    });
    let log = log.of(&settings.logging);
    let skipped_ms = Arc::new(AtomicU64::new(0));
    let (skipped, system) = (Arc::clone(&skipped_ms), Clock::system());
    let clock = Clock::from_fn(move || system.now().after(Duration::from_millis(skipped.load(Ordering::Relaxed))));
    let (cache, (outbox, inbox)) = (Cache::memory(), Outbox::new());
    World {
        collector: Collector {
            settings: Arc::clone(&settings),
            cache: cache.clone(),
            threescale: threescale.clone(),
            clock: clock.clone(),
            log: log.clone(),
        },
        authorizer: Authorizer { settings, cache, threescale, outbox, clock, log, allowance: Arc::default() },
        inbox,
        stub,
        account,
        lines,
        skipped_ms,
    }
}

/// Service 7 identifies applications by user keys, 8 by ids and keys, and 9 minds the referrer too; 10 is as 7, with a
/// token and a metric of its own.
fn account() -> Backend {
    let unlimited = Plan::new("Unlimited");
    let by_user_key = Service::new("7", CANARY_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_application(Application::by_user_key(CANARY, &unlimited));
    let by_id = Service::new("8", CANARY_TOKEN, ServiceKind::AppId)
        .with_metric("hits")
        .with_application(Application::by_id("gold", &unlimited).with_key(CANARY))
        .with_application(Application::by_id("open", &unlimited));
    let filtered = Service::new("9", CANARY_TOKEN, ServiceKind::AppId)
        .with_metric("hits")
        .with_application(Application::by_id("shop", &unlimited).with_referrer_filter("*.example.com"))
        .requiring_referrers();
    let writable = Service::new("10", CANARY_OTHER_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_metric("write")
        .with_application(Application::by_user_key("CANARY-writer", &unlimited));
    let backend = Backend::new("CANARY-provider-key").with_service(by_user_key).with_service(by_id);
    backend.with_service(filtered).with_service(writable)
}

impl World {
    /// Collects what the next message asks for.
    pub(crate) async fn collect_next(&mut self) -> Outcome {
        let message = self.inbox.next().await.unwrap();
        let worker = Worker { name: "worker".to_owned(), lease: Duration::from_secs(60) };
        self.collector.collect(message, worker).await
    }

    /// Asks for a method with a user key.
    pub(crate) async fn ask(&self, user_key: &str) -> Result<(Decision, Reason, CacheState), Refusal> {
        let answer = self.authorizer.answer(&token_event(user_key), "request").await?;
        Ok((answer.verdict.decision, answer.verdict.reason, answer.verdict.cache))
    }

    /// Lets time pass for the functions, and for them alone.
    pub(crate) fn skip(&self, span: Duration) {
        self.skipped_ms.fetch_add(u64::try_from(span.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// What time it is for the functions.
    pub(crate) fn now(&self) -> UnixTime {
        self.authorizer.clock.now()
    }

    /// Everything that an operator was told so far.
    pub(crate) fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// Whatever is logged is as the published schema says.
fn assert_is_a_line(line: &str) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../../docs/log.schema.json")).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    });
    SCHEMA.validate(&serde_json::from_str(line).unwrap()).unwrap_or_else(|error| panic!("{error}: {line}"));
}

/// The event of a REST API's TOKEN authorizer.
pub(crate) fn token_event(user_key: &str) -> String {
    let method_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
    serde_json::json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": method_arn }).to_string()
}
