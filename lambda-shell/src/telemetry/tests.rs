use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use authz_core::authorize::{self, Step};
use authz_core::cache::CacheKey;
use authz_core::collect::{Ended, Outcome, Trouble};
use authz_core::credential::CredentialError;
use authz_core::delivery;
use authz_core::event::{self, EventError, Request};
use authz_core::forget::Forget;
use authz_core::message::MessageError;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Fault, Reply};
use authz_core::time::UnixTime;
use authz_core::verdict::Verdict;
use serde_json::Value;

use super::*;
use crate::CacheError;

/// 2026-11-23 12:00:00.007 UTC
const NOW: UnixTime = UnixTime::from_millis(1_795_435_200_007);

const INVOCATION: Invocation<'_> =
    Invocation { request_id: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", tracing: Some("Root=1-5759e988-bd86;Sampled=0") };

/// What is logged with these settings.
fn logged(set: &[(&str, &str)], log: impl Fn(&Log)) -> Vec<String> {
    let variables = set.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let logging = Logging::read(&variables.collect());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let to = Log::to(move |line| kept.lock().unwrap().push(line.to_owned()));
    log(&to.of(&logging).timed_by(Clock::from_fn(|| NOW)).of_function(Some("orders-dev-authorizer")));
    let lines = lines.lock().unwrap();
    lines.clone()
}

fn settings() -> Settings {
    let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token")];
    let least = least.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Settings::read(&BTreeMap::from(least)).unwrap()
}

fn forget() -> Forget {
    Forget::read(r#"{"forget":{"user_key":"CANARY"}}"#, &settings()).unwrap().unwrap()
}

/// A call of service 7, and what becomes of it when 3scale answers so.
fn authorized(reply: &Result<Reply, Failure>) -> (Settings, Request, Verdict) {
    let settings = settings();
    let event =
        r#"{"type":"TOKEN","authorizationToken":"CANARY","methodArn":"arn:aws:execute-api:us-east-1:1:a/dev/GET/b"}"#;
    let request = event::read(event, &settings.sources, INVOCATION.request_id).unwrap();
    let Step::LookUp(look_up) = authorize::begin(&settings, &request, NOW) else { panic!("no rule decides") };
    let Step::Call(call) = look_up.missed() else { panic!("3scale is asked") };
    let step = match reply {
        Ok(reply) => call.replied(reply, NOW),
        Err(failure) => call.failed(*failure, NOW),
    };
    let Step::Done(verdict) = step else { panic!("nothing stands in") };
    (settings, request, verdict)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: body.to_owned(), ..Reply::default() }
}

fn allowed() -> Reply {
    reply(200, "<status><authorized>true</authorized><plan>P</plan></status>")
}

fn decide(log: &Log, reply: &Result<Reply, Failure>, lost_use: bool) {
    let (settings, request, verdict) = authorized(reply);
    let verdict = Verdict { lost_use, ..verdict };
    let status = reply.as_ref().ok().map(|reply| reply.status);
    let upstream = Some(Upstream { status, took: Duration::from_micros(41_205) });
    let service = settings.services.of_call(&request.method_arn).map(|service| &service.id);
    let took = Duration::from_micros(43_917);
    let decided = Decided { request: &request, service, verdict: &verdict, upstream, took };
    log.during(INVOCATION, Role::Authorizer).decision(&decided);
}

fn collected(log: &Log, outcome: Outcome) {
    let key = CacheKey::parse("authz:1:7:RDVmRwYYQ3NQ334ngI8DiA").unwrap();
    let ended = Ended { key, correlation_id: "call".to_owned(), outcome };
    log.during(INVOCATION, Role::AuthrepAsync).collection(&ended);
}

/// Everything that can be told, told once.
fn everything(log: &Log) {
    decide(log, &Ok(allowed()), false);
    decide(log, &Ok(reply(409, "")), false);
    decide(log, &Err(Failure::TimedOut), true);
    let authorizer = log.during(INVOCATION, Role::Authorizer);
    authorizer.refusal(EventError::Unauthorized(CredentialError::Empty));
    authorizer.refusal(EventError::NoMethodArn);
    authorizer.cache_failed("look up", &CacheError::TimedOut, "call");
    authorizer.publish_failed(&"SNS did not answer in time", "call");
    for outcome in [
        Outcome::Nothing,
        Outcome::Collected { told: 3, dropped: 0, untold: 1 },
        Outcome::Collected { told: 3, dropped: 2, untold: 0 },
        Outcome::LeaseLost { told: 4 },
        Outcome::Failed(Trouble::Busy { until: NOW }),
        Outcome::Failed(Trouble::MoreToTell { told: 5, dropped: 1, left: 6 }),
        Outcome::Failed(Trouble::Threescale(Fault::Status(503))),
    ] {
        collected(log, outcome);
    }
    let authrep_async = log.during(INVOCATION, Role::AuthrepAsync);
    authrep_async.bad_event(delivery::Event::read("", &settings()).unwrap_err());
    authrep_async.forgotten(&forget(), 2);
    authrep_async.bad_message(MessageError::SealedElsewhere, "item");
    let outside = log.function(Role::Authorizer);
    outside.cache_not_connected(&CacheError::NotConnected);
    outside.provider_key();
    outside.derived_secret();
    outside.cannot_start(&"because");
}

fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The names of the metrics that CloudWatch finds in a line. Each is a number beside dimensions that are texts.
fn metrics(line: &Value) -> BTreeSet<String> {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten();
    let names = directives.flat_map(|directive| {
        for dimension in directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap()) {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}: {line}");
        }
        directive["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap())
    });
    let names: Vec<_> = names.map(str::to_owned).collect();
    assert!(names.iter().all(|name| line[name].is_number()), "{line}");
    let unique: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(unique.len(), names.len(), "{line}");
    unique
}

#[test]
fn a_decision_is_told_in_one_line() {
    let set = [("SERVERLESS_PROJECT", "orders"), ("SERVERLESS_STAGE", "dev")];
    let lines = logged(&set, |log| decide(log, &Ok(allowed()), false));
    let line = concat!(
        r#"{"level":"INFO","message":"authorization","timestamp":"2026-11-23T12:00:00.007Z","service":"authorizer","#,
        r#""cold_start":true,"function_name":"orders-dev-authorizer","#,
        r#""function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","xray_trace_id":"1-5759e988-bd86","#,
        r#""correlation_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","project":"orders","stage":"dev","#,
        r#""decision":"allow","reason":"granted","source":"3scale","cache":"unavailable","#,
        r#""credential":"CREDENTIAL","service_id":"7","#,
        r#""method_arn":"arn:aws:execute-api:us-east-1:1:a/dev/GET/b","upstream":{"status":200,"ms":41.205},"ms":43.917,"#,
        r#""_aws":{"Timestamp":1795435200007,"CloudWatchMetrics":["#,
        r#"{"Namespace":"ThreescaleAuthorizer","Dimensions":[["service","stage"],["service","stage","reason"]],"#,
        r#""Metrics":[{"Name":"Decisions","Unit":"Count"}]},"#,
        r#"{"Namespace":"ThreescaleAuthorizer","Dimensions":[["service","stage"]],"#,
        r#""Metrics":[{"Name":"Latency","Unit":"Milliseconds"},{"Name":"CacheHits","Unit":"Count"},"#,
        r#"{"Name":"UpstreamCalls","Unit":"Count"},{"Name":"UpstreamFailures","Unit":"Count"},"#,
        r#"{"Name":"UpstreamLatency","Unit":"Milliseconds"},{"Name":"ColdStarts","Unit":"Count"}]}]},"#,
        r#""Decisions":1,"Latency":43.917,"CacheHits":0,"UpstreamCalls":1,"UpstreamFailures":0,"#,
        r#""UpstreamLatency":41.205,"ColdStarts":1}"#,
    );
    let credential = authorized(&Ok(allowed())).2.credential;
    assert_eq!(lines, [line.replace("CREDENTIAL", credential.as_str())]);
}

#[test]
fn a_line_outside_of_invocations_says_where_it_comes_from() {
    let lines = logged(&[("SERVERLESS_REGION", "eu-west-1"), ("METRICS", "false")], |log| {
        log.function(Role::AuthrepAsync).cannot_start(&"because");
    });
    let line = concat!(
        r#"{"level":"ERROR","message":"the function can't start","timestamp":"2026-11-23T12:00:00.007Z","#,
        r#""service":"authrep-async","function_name":"orders-dev-authorizer","region":"eu-west-1","error":"because"}"#,
    );
    assert_eq!(lines, [line]);
}

#[test]
fn every_line_is_as_the_schema_says() {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../../docs/log.schema.json")).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    });
    let stage = ("SERVERLESS_STAGE", "dev");
    for set in [&[][..], &[stage], &[("METRICS", "false")], &[stage, ("LOG_SAMPLE_RATE", "0"), ("LOG_LEVEL", "error")]]
    {
        for line in parsed(&logged(set, everything)) {
            assert!(SCHEMA.is_valid(&line), "{line}");
            let mut odd = line.clone();
            odd["other"] = Value::from(1);
            assert!(!SCHEMA.is_valid(&odd), "{odd}");
        }
    }
}

#[test]
fn each_metric_is_in_the_lines_that_the_table_names() {
    let mut found = BTreeMap::<_, BTreeSet<_>>::new();
    for tells_start in [
        everything as fn(&Log),
        |log| collected(log, Outcome::Nothing),
        |log| log.during(INVOCATION, Role::Authorizer).refusal(EventError::NoMethodArn),
        |log| log.during(INVOCATION, Role::Authorizer).refusal(EventError::Unauthorized(CredentialError::Empty)),
        |log| log.during(INVOCATION, Role::AuthrepAsync).bad_message(MessageError::NotAMessage, "item"),
        |log| log.during(INVOCATION, Role::AuthrepAsync).forgotten(&forget(), 1),
    ] {
        for line in parsed(&logged(&[("SERVERLESS_STAGE", "dev")], tells_start)) {
            for metric in metrics(&line) {
                found.entry(metric).or_default().insert(line["message"].as_str().unwrap().to_owned());
            }
        }
    }
    let lines = |metric: &Metric| metric.lines().iter().map(|line| (*line).to_owned()).collect();
    let table = Metric::ALL.iter().map(|metric| (metric.name().to_owned(), lines(metric)));
    assert_eq!(found, table.collect());
}

#[test]
fn only_decisions_are_counted_by_reason_and_without_a_stage_there_is_no_such_dimension() {
    let dimensions = |set: &[(&str, &str)]| {
        let lines = parsed(&logged(set, |log| decide(log, &Ok(allowed()), false)));
        let directives = lines[0]["_aws"]["CloudWatchMetrics"].as_array().unwrap().clone();
        directives.into_iter().map(|directive| directive["Dimensions"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        dimensions(&[("SERVERLESS_STAGE", "dev")]),
        [r#"[["service","stage"],["service","stage","reason"]]"#, r#"[["service","stage"]]"#]
    );
    assert_eq!(dimensions(&[]), [r#"[["service"],["service","reason"]]"#, r#"[["service"]]"#]);
}

#[test]
fn of_what_is_less_severe_than_asked_for_only_the_metrics_are_told() {
    let log = |log: &Log| {
        let authorizer = log.during(INVOCATION, Role::Authorizer);
        authorizer.refusal(EventError::NoMethodArn);
        authorizer.provider_key();
        authorizer.refusal(EventError::Unauthorized(CredentialError::Empty));
    };
    let messages = |level, metrics| {
        let lines = parsed(&logged(&[("LOG_LEVEL", level), ("METRICS", metrics)], log));
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let warning = "THREESCALE_PROVIDER_KEY opens the whole account";
    assert_eq!(messages("info", "true"), ["event not understood", warning, "unauthorized"]);
    assert_eq!(messages("warn", "true"), ["event not understood", warning, "metrics"]);
    assert_eq!(messages("error", "true"), ["event not understood", "metrics"]);
    assert_eq!(messages("error", "false"), ["event not understood"]);
}

#[test]
fn of_an_unremarkable_allow_outside_of_the_sample_only_the_metrics_are_told() {
    let log = |log: &Log| {
        for reply in [Ok(allowed()), Ok(reply(409, "")), Err(Failure::TimedOut)] {
            decide(log, &reply, false);
        }
        decide(log, &Ok(allowed()), true);
    };
    let messages = |rate, metrics| {
        let lines = parsed(&logged(&[("LOG_SAMPLE_RATE", rate), ("METRICS", metrics)], log));
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(messages("1", "true"), ["authorization"; 4]);
    assert_eq!(messages("0", "true"), ["metrics", "authorization", "authorization", "authorization"]);
    assert_eq!(messages("0", "false"), ["authorization"; 3]);
    let lines =
        logged(&[("LOG_SAMPLE_RATE", "0"), ("SERVERLESS_STAGE", "dev")], |log| decide(log, &Ok(allowed()), false));
    let begin = concat!(
        r#"{"level":"INFO","message":"metrics","timestamp":"2026-11-23T12:00:00.007Z","service":"authorizer","#,
        r#""stage":"dev","reason":"granted","_aws":"#,
    );
    assert!(lines[0].starts_with(begin), "{}", lines[0]);
}

#[test]
fn the_first_invocation_of_each_function_is_a_cold_start_and_counted_once() {
    let lines = parsed(&logged(&[], |log| {
        let batch = log.during(INVOCATION, Role::AuthrepAsync);
        batch.bad_message(MessageError::NotAMessage, "one");
        batch.bad_message(MessageError::NotAMessage, "two");
        decide(log, &Ok(allowed()), false);
        decide(log, &Ok(allowed()), false);
        log.function(Role::Authorizer).cannot_start(&"because");
    }));
    let cold: Vec<_> = lines.iter().map(|line| (line["cold_start"].as_bool(), line["ColdStarts"].as_u64())).collect();
    let first = (Some(true), Some(1));
    assert_eq!(cold, [first, (Some(true), None), first, (Some(false), None), (None, None)]);
}

#[test]
fn no_line_shows_a_credential() {
    let lines = logged(&[], everything).concat();
    assert!(!lines.contains("CANARY"), "{lines}");
}
