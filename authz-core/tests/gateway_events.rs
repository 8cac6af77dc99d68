//! Each event of `examples/events` is read and answered as it is written down in `gateway_events`.
//!
//! With `UPDATE_GATEWAY_EVENTS=1` the files are written anew; look at what changed.
#![expect(clippy::disallowed_methods, reason = "the events are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use authz_core::authorize::{self, Step};
use authz_core::event::{self, EventKind, Request};
use authz_core::policy;
use authz_core::settings::Settings;
use authz_core::threescale::Reply;
use authz_core::time::UnixTime;
use serde_json::{Value, json};

const NOW: UnixTime = UnixTime::from_secs(1_784_543_415);

#[test]
fn every_event_is_answered_as_it_is_written_down() {
    let mut kinds = Vec::new();
    for path in events() {
        let event = fs::read_to_string(&path).expect("an event can be read");
        let name = path.file_name().expect("it has a name");
        let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway_events").join(name);
        let told = format!("{:#}\n", told(&event, &mut kinds));
        if std::env::var_os("UPDATE_GATEWAY_EVENTS").is_some() {
            fs::write(&written, told).expect("it can be written");
            continue;
        }
        let expected = fs::read_to_string(&written).unwrap_or_default();
        assert_eq!(told, expected, "\n{} is answered otherwise now", written.display());
    }
    for kind in [EventKind::Token, EventKind::Request, EventKind::Http1, EventKind::Http2, EventKind::WebSocket] {
        assert!(kinds.contains(&kind), "{kind:?} is one of the events");
    }
}

fn events() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/events");
    let entries = fs::read_dir(folder).expect("the events are there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    paths.sort();
    assert!(paths.len() >= 13, "{paths:?}");
    paths
}

/// What is read of an event, and what it is answered while 3scale allows the call.
fn told(event: &str, kinds: &mut Vec<EventKind>) -> Value {
    let settings = settings("stage", "simple");
    let request = match event::read(event, &settings.sources, "request-1") {
        Ok(request) => request,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    kinds.push(request.kind);
    let operation = request.operation.as_ref().map(
        |operation| json!({ "method": operation.method, "path": operation.path.to_string(), "query": operation.query }),
    );
    json!({
        "kind": format!("{:?}", request.kind),
        "operation": operation,
        "answer": answer(&settings, &request),
        "answer_with_an_exact_policy": answer(&self::settings("exact", "iam"), &request),
    })
}

fn settings(scope: &str, http_api_response: &str) -> Settings {
    let variables = [
        ("THREESCALE_SERVICE_ID", "2555417700000"),
        ("THREESCALE_SERVICE_TOKEN", "token"),
        ("POLICY_SCOPE", scope),
        ("HTTP_API_RESPONSE", http_api_response),
    ];
    let variables: BTreeMap<_, _> = variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    Settings::read(&variables).expect("the settings are right")
}

fn answer(settings: &Settings, request: &Request) -> Value {
    let mut step = authorize::begin(settings, request, NOW);
    let verdict = loop {
        step = match step {
            Step::LookUp(question) => question.uncached(),
            Step::Call(question) => question.replied(&allowed(), NOW),
            Step::Done(verdict) => break verdict,
            Step::Admit(_) | Step::Record(_) => panic!("3scale answers"),
        }
    };
    serde_json::from_str(&policy::render(settings, request, &verdict)).expect("an answer is JSON")
}

fn allowed() -> Reply {
    Reply {
        status: 200,
        limit_remaining: Some("9".to_owned()),
        limit_reset: Some("45".to_owned()),
        limit_max_value: Some("10".to_owned()),
        body: "<status><authorized>true</authorized><plan>Basic</plan></status>".to_owned(),
        ..Reply::default()
    }
}
