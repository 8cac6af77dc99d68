//! What `{:?}` shows of each type that may hold a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::credential::{AppId, AppKey, Caller, Credential, Secret, UserKey};
use authz_core::gateway::{Api, ApiKind, Call, FunctionAnswer, Gateway, IdentitySource, Place};
use authz_core::ledger::Claimed;
use authz_core::mapping::MappingRules;
use authz_core::message::Message;
use authz_core::settings::{Services, Settings};
use authz_core::threescale::{Failure, Reply, Usage};
use authz_core::time::{Minute, UnixTime};
use authz_core::{authorize, collect, event, gateway};
use e2e::Topic;
use lambda_shell::{
    Authorizer, Cache, Clock, Collector, Courier, Environment, Log, MemoryCache, Outbox, RedisCache, Sns, Threescale,
    http_client, tls,
};
use serde_json::json;

use crate::events;
use crate::evidence::Evidence;
use crate::marks::{
    APP_KEY, AUTH_TOKEN, CREDENTIAL_SECRET, FOREIGN_TEXT, PROVIDER_KEY, SECRET_ACCESS_KEY, SERVICE_TOKEN,
    SESSION_TOKEN, STRAY, USER_KEY,
};
use crate::types;

/// Nobody outside their crates gets hold of these: settings are made of them, and dropped them.
const OUT_OF_REACH: [&str; 2] = ["services::ServicesMap", "variables::Variables"];

/// The forms by the names of types, such as `authorize::LookUp`.
#[derive(Default)]
struct Forms(BTreeMap<&'static str, String>);

impl Forms {
    fn add(&mut self, name: &'static str, value: &dyn Debug) {
        self.0.insert(name, format!("{value:?}\n{value:#?}"));
    }
}

#[tokio::test]
async fn no_debug_form_shows_a_secret() {
    let mut forms = Forms::default();
    of_credentials(&mut forms);
    of_settings(&mut forms);
    of_an_authorization(&mut forms);
    of_a_collection(&mut forms);
    of_api_gateway(&mut forms);
    of_the_functions(&mut forms).await;
    let shown = forms.0.keys().copied().chain(OUT_OF_REACH).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut evidence = Evidence::default();
    forms.0.into_values().for_each(|form| evidence.add("debug forms", form));
    evidence.is_clean(&["debug forms"]);
    let others: Vec<_> = types::that_may_hold_a_secret().into_iter().filter(|name| !shown.contains(name)).collect();
    assert!(others.is_empty(), "these types may hold a secret, and are not shown: {others:?}");
}

fn user_key() -> Caller {
    Caller { credential: Credential::UserKey(UserKey::parse(USER_KEY).unwrap()), referrer: None }
}

fn application() -> Credential {
    Credential::Application { id: AppId::parse("gold").unwrap(), key: Some(AppKey::parse(APP_KEY).unwrap()) }
}

fn variables() -> BTreeMap<String, String> {
    let services =
        json!([{ "gateway": "abcdef123", "stage": "dev", "service_id": "7", "service_token": SERVICE_TOKEN }]);
    [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ("CREDENTIAL_SECRET", CREDENTIAL_SECRET),
        ("CREDENTIAL_SOURCES", events::SOURCES),
        ("ELASTICACHE_AUTH_TOKEN", AUTH_TOKEN),
        ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
        ("FAIL_MODE", "open"),
        ("SERVICES_MAP", &services.to_string()),
        ("SNS_TOPIC_ARN", Topic::ARN),
        ("THREESCALE_BACKEND_URL", "http://127.0.0.1:9"),
        ("THREESCALE_PROVIDER_KEY", PROVIDER_KEY),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn settings() -> Settings {
    Settings::read(&variables()).unwrap()
}

fn of_credentials(forms: &mut Forms) {
    let Credential::UserKey(key) = user_key().credential else { panic!("a user key") };
    forms.add("credential::UserKey", &key);
    forms.add("credential::AppKey", &AppKey::parse(APP_KEY).unwrap());
    forms.add("credential::Secret", &Secret::new(SERVICE_TOKEN));
    forms.add("credential::Credential", &[application(), user_key().credential]);
    forms.add("credential::Caller", &[Caller { credential: application(), referrer: None }, user_key()]);
    forms.add("credential::CredentialError", &[UserKey::parse(&STRAY.repeat(9)).err(), UserKey::parse("\0").err()]);
}

fn of_settings(forms: &mut Forms) {
    let settings = settings();
    let Services::Mapped(mapped) = &settings.services else { panic!("several services") };
    forms.add("services::MappedService", &mapped[0]);
    forms.add("service::Service", &mapped[0].service);
    forms.add("service::Access", &mapped[0].service.access);
    forms.add("services::Services", &settings.services);
    forms.add("settings::CacheServer", &settings.cache);
    forms.add("keyring::Keyring", &settings.keyring);
    forms.add("settings::Settings", &settings);
}

fn of_an_authorization(forms: &mut Forms) {
    let settings = settings();
    let asked = events::request(&json!({ "apikey": USER_KEY }), &json!({ "user_key": USER_KEY }));
    let request = event::read(&asked, &settings.sources, "request").unwrap();
    forms.add("event::Request", &request);
    let errors = events::malformed().into_iter().map(|event| event::read(&event, &settings.sources, "request").err());
    let errors: Vec<_> = errors.collect();
    forms.add("event::EventError", &errors);
    let operation = request.operation.clone().unwrap();
    let rules = json!([{ "http_method": "GET", "pattern": "/greetings?user_key={key}", "metric": "hits" }]).to_string();
    forms.add("explain::Explanation", &MappingRules::parse(&rules).unwrap().explain(&operation));
    forms.add("mapping::Operation", &operation);
    let step = authorize::begin(&settings, &request, NOW);
    forms.add("authorize::Step", &step);
    let authorize::Step::LookUp(look_up) = step else { panic!("a look") };
    forms.add("authorize::LookUp", &look_up);
    let authorize::Step::Call(call) = look_up.missed() else { panic!("a call") };
    forms.add("authorize::Call", &call);
    forms.add("call::ServiceCall", &call.call());
    let authorize::Step::Admit(admit) = call.clone().failed(Failure::TimedOut, NOW) else { panic!("an open door") };
    forms.add("authorize::Admit", &admit);
    let authorize::Step::Record(record) = admit.admitted() else { panic!("a use") };
    forms.add("authorize::Record", &record);
    let authorize::Step::Done(verdict) = record.recorded(true) else { panic!("a verdict") };
    forms.add("verdict::Orders", &verdict.orders);
    forms.add("verdict::Verdict", &verdict);
    forms.add("reply::Reply", &refusal());
}

/// An answer of 3scale that repeats a key.
fn refusal() -> Reply {
    Reply {
        status: 403,
        body: format!("<error code=\"user_key_invalid\">{USER_KEY} {FOREIGN_TEXT}</error>"),
        ..Reply::default()
    }
}

fn of_a_collection(forms: &mut Forms) {
    let settings = settings();
    let service = settings.services.iter().next().unwrap().id.clone();
    let key = CacheKey::new(&settings.keyring, &service, &user_key(), &Usage::hits(1));
    let message = Message::new(&settings.keyring, key, service, Usage::hits(1), &user_key(), "request".to_owned());
    let worker = collect::Worker { name: "worker".to_owned(), lease: Duration::from_secs(35) };
    let step = collect::begin(&settings, message, worker, NOW);
    forms.add("collect::Step", &step);
    let collect::Step::Claim(claim) = step else { panic!("a claim") };
    forms.add("collect::Claim", &claim);
    let uses = Claimed::Uses { told: 0, minutes: vec![(NOW.minute(), 3)] };
    let collect::Step::Call(call) = claim.claimed(uses) else { panic!("a call") };
    forms.add("collect::Call", &call);
    let yes = "<status><authorized>true</authorized></status>".to_owned();
    let yes = Reply { status: 200, limit_remaining: Some("-1".to_owned()), body: yes, ..Reply::default() };
    let collect::Step::Store(store) = call.replied(&yes, NOW) else { panic!("an order to store") };
    forms.add("collect::Store", &store);
    let collect::Step::Report(report) = store.settled(NOW) else { panic!("a report") };
    forms.add("collect::Report", &report);
    forms.add("call::Transaction", &report.transactions());
    let telling = collect::Telling::alone(report);
    forms.add("telling::Telling", &telling);
    let told = telling.replied(&Reply { status: 202, ..Reply::default() }, NOW);
    forms.add("telling::Told", &told);
    let [collect::Step::Ack(ack)] = &told.steps[..] else { panic!("what is to be marked as told") };
    forms.add("collect::Ack", ack);
}

fn of_api_gateway(forms: &mut Forms) {
    let kind = ApiKind::Http2 { simple_responses: true };
    let source = IdentitySource::new(kind.protocol(), Place::Header("apikey".to_owned()));
    let ttl = Duration::from_secs(60);
    let mut api = Gateway::new(Api { identity_sources: vec![source], ttl, ..Api::new(kind) }).unwrap();
    let call = Call {
        method: "GET".to_owned(),
        path: "/dev/greetings".to_owned(),
        query: format!("user_key={USER_KEY}"),
        headers: vec![("apikey".to_owned(), USER_KEY.to_owned()), ("cookie".to_owned(), STRAY.to_owned())],
        source_ip: "192.0.2.1".to_owned(),
    };
    forms.add("call::Call", &call);
    let step = api.ask(call, "request", NOW);
    forms.add("gateway::Step", &step);
    let gateway::Step::Invoke(invocation) = step else { panic!("an invocation") };
    forms.add("gateway::Invocation", &invocation);
    let answers =
        [FunctionAnswer::Returned(format!("{{\"isAuthorized\":{STRAY}")), FunctionAnswer::Failed(STRAY.to_owned())];
    forms.add("gateway::FunctionAnswer", &answers);
    let [unread, failed] = answers.map(|answer| invocation.clone().answered(&mut api, &answer, NOW));
    let gateway::Ending::Answer { refusal, .. } = &unread.ending else { panic!("no answer") };
    let gateway::Refusal::Malformed(malformed) = refusal else { panic!("nonsense") };
    forms.add("answer::Malformed", malformed);
    forms.add("response::Refusal", refusal);
    forms.add("gateway::Ending", &unread.ending);
    forms.add("gateway::Outcome", &[&unread, &failed]);
    let yes = FunctionAnswer::Returned(r#"{"isAuthorized":true}"#.to_owned());
    let _ = invocation.answered(&mut api, &yes, NOW);
    forms.add("gateway::Gateway", &api);
}

async fn of_the_functions(forms: &mut Forms) {
    let settings = Arc::new(settings());
    let environment = Environment::read(&variables()).unwrap();
    let tls = tls(None).unwrap();
    let client = http_client(&tls).unwrap();
    let sns = Sns::new(client.clone(), &environment, Topic::ARN, Duration::from_secs(1));
    forms.add("environment::Environment", &environment);
    forms.add("sns::Sns", &sns);
    forms.add("redis::RedisCache", &RedisCache::new(settings.cache.clone().unwrap(), Arc::clone(&tls)));
    forms.add("memory::MemoryCache", &MemoryCache::default());
    forms.add("cache::Cache", &[Cache::on(settings.cache.as_ref(), tls), Cache::memory()]);
    let (clock, log) = (Clock::system(), Log::to(|_| {}));
    forms.add("clock::Clock", &clock);
    forms.add("telemetry::Log", &log);
    let (outbox, inbox) = Outbox::new();
    let threescale = Threescale::new(client, &settings.backend_url);
    let (cache, allowance) = (Cache::memory(), Arc::default());
    let collector = Collector {
        settings: Arc::clone(&settings),
        cache: cache.clone(),
        threescale: threescale.clone(),
        clock: clock.clone(),
        log: log.clone(),
    };
    forms.add("collector::Collector", &collector);
    forms.add("courier::Courier", &Courier::new(inbox, Some(sns), clock.clone(), log.clone()));
    let authorizer = Authorizer { settings, cache, threescale, outbox, clock, log, allowance };
    let asked = events::request(&json!({ "apikey": USER_KEY }), &json!({}));
    forms.add("authorizer::Answer", &authorizer.answer(&asked, "request").await.unwrap());
    forms.add("authorizer::Refusal", &authorizer.answer(&events::malformed()[0], "request").await.unwrap_err());
    forms.add("authorizer::Authorizer", &authorizer);
}

const NOW: UnixTime = Minute::from_number(30_000_000).start();
