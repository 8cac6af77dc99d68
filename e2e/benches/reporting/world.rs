//! Both functions in virtual time, between callers and 3scale.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use authz_core::verdict::Decision;
use fastrand::Rng;
use lambda_shell::{Authorizer, Cache, Clock, Collector, Log, Outbox, Threescale, http_client, tls};
use serde_json::json;
use threescale_stub::{Application, Backend, Endpoint, Fault, Plan, Server, Service, ServiceKind};
use tokio::net::TcpListener;
use tokio::time::{Instant, interval, sleep, sleep_until};

use crate::aws::Aws;
use crate::scenario::{GRANT_TTL, MEASURED, Scenario, WARM_UP};
use crate::table::Costs;

/// Runs a scenario and returns what a million calls cost in it.
///
/// # Panics
///
/// If a call is denied, or if 3scale does not count each exactly once in the end.
pub(crate) fn measured(scenario: &Scenario) -> Costs {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        tokio::spawn(metronome());
        let mut world = World::start(scenario).await;
        world.live_for(WARM_UP).await;
        let (calls, before) = (world.calls, world.costs());
        world.live_for(MEASURED).await;
        let (calls, costs) = (world.calls - calls, world.costs().since(before));
        world.check_that_each_call_is_told_once().await;
        costs.times(1e6 / f64::from(calls))
    })
}

/// Whenever everybody waits, for a socket too, virtual time goes on to the next timer: that one is never far.
async fn metronome() {
    let mut ticks = interval(Duration::from_millis(1));
    loop {
        ticks.tick().await;
    }
}

struct World {
    authorizer: Arc<Authorizer>,
    aws: Aws,
    threescale: Server,
    account: Arc<Mutex<Backend>>,
    callers: Callers,
    calls: u32,
}

impl World {
    async fn start(scenario: &Scenario) -> Self {
        let hand = threescale_stub::Clock::frozen(BEGIN.as_millis());
        let account = Arc::new(Mutex::new(account(scenario.keys)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let server = Server::start(listener, Arc::clone(&account), hand.clone()).expect("a socket with an address");
        server.set_fault(Fault::delay(scenario.thinking));
        let settings = Arc::new(settings(scenario, &server.url()));
        let client = http_client(&tls(None).expect("root certificates")).expect("a client");
        let threescale = Threescale::new(client, &settings.backend_url);
        let begun = Instant::now();
        let clock = Clock::from_fn(move || {
            let now = BEGIN.after(begun.elapsed());
            hand.set(now.as_millis());
            now
        });
        let (cache, log, (outbox, inbox)) = (Cache::memory(), Log::to(|_| ()), Outbox::new());
        let collector = Collector {
            settings: Arc::clone(&settings),
            cache: cache.clone(),
            threescale: threescale.clone(),
            clock: clock.clone(),
            log: log.clone(),
        };
        let authorizer = Authorizer { settings, cache, threescale, outbox, clock, log, allowance: Arc::default() };
        Self {
            authorizer: Arc::new(authorizer),
            aws: Aws::start(scenario.topology, inbox, collector),
            threescale: server,
            account,
            callers: Callers::of(scenario),
            calls: 0,
        }
    }

    async fn live_for(&mut self, span: Duration) {
        let end = Instant::now() + span;
        let mut next = Instant::now() + self.callers.pause();
        while next < end {
            sleep_until(next).await;
            self.call();
            next += self.callers.pause();
        }
        sleep_until(end).await;
    }

    fn call(&mut self) {
        self.calls += 1;
        let (authorizer, event) = (Arc::clone(&self.authorizer), event(self.callers.key()));
        tokio::spawn(async move {
            let answer = authorizer.answer(&event, "request").await.expect("a policy");
            assert_eq!(answer.verdict.decision, Decision::Allow);
        });
    }

    fn costs(&self) -> Costs {
        let account = self.account.lock().expect("a backend that does not panic");
        let requests = |endpoint| f64::from(u32::try_from(account.requests(endpoint)).expect("not that many"));
        Costs {
            authrep: requests(Endpoint::Authrep),
            authorize: requests(Endpoint::Authorize),
            report: requests(Endpoint::Report),
            ..self.aws.costs()
        }
    }

    async fn check_that_each_call_is_told_once(self) {
        sleep(UNTIL_ALL_IS_COLLECTED).await;
        self.threescale.stop().await;
        let account = self.account.lock().expect("a backend that does not panic");
        let told: u64 = account.counted().values().map(|metrics| metrics["hits"]).sum();
        assert_eq!(told, u64::from(self.calls));
    }
}

/// They call at random instants, and are the same each time.
struct Callers {
    rng: Rng,
    calls_per_second: f64,
    /// Rising to 1: the share of the calls that is made with this key or one before it.
    shares: Vec<f64>,
}

impl Callers {
    fn of(scenario: &Scenario) -> Self {
        let calls_per_second = scenario.calls_per_second;
        let shares = scenario.rates().into_iter().scan(0.0, |sum, rate| {
            *sum += rate / calls_per_second;
            Some(*sum)
        });
        Self { rng: Rng::with_seed(7), calls_per_second, shares: shares.collect() }
    }

    /// Returns how long after a call the next one comes.
    fn pause(&mut self) -> Duration {
        Duration::from_secs_f64(-(1.0 - self.rng.f64()).ln() / self.calls_per_second)
    }

    /// Returns whose call it is.
    fn key(&mut self) -> usize {
        let random = self.rng.f64();
        self.shares.partition_point(|share| *share <= random).min(self.shares.len() - 1)
    }
}

fn user_key(number: usize) -> String {
    format!("user-key-{number}")
}

fn event(key: usize) -> String {
    let method_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
    json!({ "type": "TOKEN", "authorizationToken": user_key(key), "methodArn": method_arn }).to_string()
}

fn account(keys: u32) -> Backend {
    let plan = Plan::new("Unlimited");
    let service = Service::new("7", "token", ServiceKind::UserKey).with_metric("hits");
    let applications = (0..keys as usize).map(|key| Application::by_user_key(&user_key(key), &plan));
    Backend::new("provider-key").with_service(applications.fold(service, Service::with_application))
}

fn settings(scenario: &Scenario, backend_url: &str) -> Settings {
    let collect_delay = scenario.topology.collect_delay().as_secs().to_string();
    let grant_ttl = GRANT_TTL.as_secs().to_string();
    let variables = [
        ("THREESCALE_BACKEND_URL", backend_url),
        ("THREESCALE_SERVICE_ID", "7"),
        ("THREESCALE_SERVICE_TOKEN", "token"),
        ("THREESCALE_TIMEOUT_MS", "10000"),
        ("CACHE_GRANT_TTL_SECS", &grant_ttl),
        ("COLLECT_DELAY_SECS", &collect_delay),
    ];
    let variables: BTreeMap<_, _> = variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    Settings::read(&variables).expect("settings without a mistake")
}

/// At the beginning of a minute.
const BEGIN: UnixTime = UnixTime::from_secs(1_800_000_000);
const UNTIL_ALL_IS_COLLECTED: Duration = Duration::from_secs(300);
