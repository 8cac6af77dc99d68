//! What is measured: every step of a hit, the hit as a whole, and what a miss does besides.

use std::time::Duration;

use authz_core::authorize::{self, Step};
use authz_core::cache::{CacheKey, Entry};
use authz_core::event::{self, Request};
use authz_core::ledger::Taken;
use authz_core::mapping::{CanonicalPath, MappingRules, Operation};
use authz_core::message::Message;
use authz_core::policy;
use authz_core::settings::Settings;
use authz_core::threescale::{Reply, Usage};
use authz_core::time::UnixTime;
use authz_core::verdict::{Decision, Verdict};

use crate::Budget;
use crate::measure::{Cost, Effort};

/// A piece of work, and what it may cost.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) budget: Budget,
}

/// Measures everything.
pub(crate) fn all(effort: Effort) -> Vec<(Work, Cost)> {
    let settings = settings();
    of_a_hit(&settings, effort).into_iter().chain(besides(&settings, effort)).collect()
}

fn of_a_hit(settings: &Settings, effort: Effort) -> [(Work, Cost); 6] {
    let (request, taken) = (request(settings), taken());
    let service = settings.services.iter().next().expect("a service").id.clone();
    let usage = Usage::hits(1);
    let verdict = verdict(settings, &request, &taken);
    assert_eq!(verdict.decision, Decision::Allow);
    let entry = taken.entry.as_deref().expect("an entry");
    let part = |name| Work { name, budget: Budget::None };
    let whole = Work { name: "a whole hit", budget: Budget::TimeAndAllocations(Duration::from_micros(8), 20) };
    [
        (part("event to request"), Cost::of(effort, || self::request(settings))),
        (part("cache key"), Cost::of(effort, || CacheKey::new(&settings.keyring, &service, &request.caller, &usage))),
        (part("entry"), Cost::of(effort, || Entry::decode(entry))),
        (part("request to verdict"), Cost::of(effort, || self::verdict(settings, &request, &taken))),
        (part("policy"), Cost::of(effort, || policy::render(settings, &request, &verdict))),
        (whole, Cost::of(effort, || hit(settings, &taken))),
    ]
}

fn besides(settings: &Settings, effort: Effort) -> [(Work, Cost); 4] {
    let part = |name| Work { name, budget: Budget::None };
    let (reply, rules, operation) = (reply(), rules(), operation());
    let request = request(settings);
    let service = settings.services.iter().next().expect("a service").id.clone();
    let key = CacheKey::new(&settings.keyring, &service, &request.caller, &Usage::hits(1));
    let message = || {
        let (key, service, usage) = (key.clone(), service.clone(), Usage::hits(1));
        Message::new(&settings.keyring, key, service, usage, &request.caller, request.correlation_id.clone()).encode()
    };
    assert!(rules.usage(&operation).is_some());
    [
        (
            Work { name: "answer of 3scale, with six limits", budget: Budget::Time(Duration::from_micros(4)) },
            Cost::of(effort, || reply.answer()),
        ),
        (part("usage by the last of 50 mapping rules"), Cost::of(effort, || rules.usage(&operation))),
        (part("message, sealed and encoded"), Cost::of(effort, message)),
        (
            part("message, decoded and opened"),
            Cost::of(effort, || Message::decode(&message()).map(|message| message.caller(&settings.keyring))),
        ),
    ]
}

/// As the authorizer does it.
fn hit(settings: &Settings, taken: &Taken) -> String {
    let request = request(settings);
    let verdict = verdict(settings, &request, taken);
    policy::render(settings, &request, &verdict)
}

fn request(settings: &Settings) -> Request {
    event::read(EVENT, &settings.sources, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef").expect("an event")
}

fn verdict(settings: &Settings, request: &Request, taken: &Taken) -> Verdict {
    let Step::LookUp(question) = authorize::begin(settings, request, NOW) else { panic!("the cache is asked first") };
    let _ = (question.key(), question.take());
    let Step::Done(verdict) = question.found(taken) else { panic!("a hit asks nobody else") };
    verdict
}

/// A grant with a limit, in the middle of its minute.
fn taken() -> Taken {
    Taken {
        took: true,
        ring: false,
        uses: 3,
        told: 1,
        applied_by: NOW,
        fresh: NOW.after(Duration::from_secs(30)),
        cap: Some(100),
        entry: Some(r#"{"grant":{"plan":"Gold","limit":{"max":100,"reset_at":1800000030000}}}"#.to_owned()),
    }
}

/// As 3scale answers where the application has a limit of each period on one metric.
fn reply() -> Reply {
    let report = |period: &str| {
        format!(
            "<usage_report metric=\"hits\" period=\"{period}\"><period_start>2026-07-20 10:30:00 +0000</period_start>\
             <period_end>2026-07-20 10:31:00 +0000</period_end><max_value>100000</max_value>\
             <current_value>4711</current_value></usage_report>"
        )
    };
    let reports: String = ["minute", "hour", "day", "week", "month", "year"].map(report).concat();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><status><authorized>true</authorized><plan>Gold</plan>\
         <usage_reports>{reports}</usage_reports></status>"
    );
    let limits = ["95289", "30", "100000"].map(|number| Some(number.to_owned()));
    let [limit_remaining, limit_reset, limit_max_value] = limits;
    Reply { status: 200, rejection_reason: None, limit_remaining, limit_reset, limit_max_value, body }
}

/// Of a whole API; the last of them matches.
fn rules() -> MappingRules {
    let rule = |number: u32| {
        format!(
            r#"{{"http_method":"GET","pattern":"/v{number}/shops/{{shop}}/orders/{{order}}$","metric":"m{number}"}}"#
        )
    };
    let rules: Vec<String> = (1..=50).map(rule).collect();
    MappingRules::parse(&format!("[{}]", rules.join(","))).expect("rules")
}

fn operation() -> Operation {
    Operation { method: "GET".to_owned(), path: CanonicalPath::of("/v50/shops/7/orders/1234"), query: None }
}

fn settings() -> Settings {
    let variables = [("THREESCALE_SERVICE_ID", "2555417700000"), ("THREESCALE_SERVICE_TOKEN", "token")];
    let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Settings::read(&variables.into()).expect("settings")
}

/// As a browser's call through a CDN makes it.
const EVENT: &str = include_str!("event.json");
const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
