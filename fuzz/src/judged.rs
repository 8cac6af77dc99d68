//! An authorization from its request to the answer, and what must hold of both.

use std::sync::LazyLock;

use authz_core::authorize::{self, Step};
use authz_core::credential::Credential;
use authz_core::event::{self, EventKind, Request};
use authz_core::gateway::{self, ApiKind, Judgement};
use authz_core::ledger::Taken;
use authz_core::message::Message;
use authz_core::policy::{self, AnswerForm, MAX_RESOURCE_BYTES, PolicyScope};
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Reply};
use authz_core::time::UnixTime;
use authz_core::verdict::{Decision, Verdict};

use crate::{CANARY, keeps_secrets};

/// When every question is asked.
pub(crate) const ASKED: UnixTime = UnixTime::from_secs(1000);

/// When 3scale answers.
pub(crate) const ANSWERED: UnixTime = UnixTime::from_secs(1001);

/// A request of the user key `CANARY-KEY` in each fail mode: closed, then open.
pub(crate) static CASES: LazyLock<[(Settings, Request); 2]> = LazyLock::new(|| {
    let event = r#"{"type":"TOKEN","authorizationToken":"CANARY-KEY",
        "methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings"}"#;
    ["closed", "open"].map(|fail_mode| {
        let settings = settings(&[("FAIL_MODE", fail_mode)]);
        let request = event::read(event, &settings.sources, "request-1").expect("it is an event");
        (settings, request)
    })
});

/// Reads settings that are right; the service token is a secret, the rest is `more`.
pub(crate) fn settings(more: &[(&str, &str)]) -> Settings {
    let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "CANARY-TOKEN")];
    let variables = least.iter().chain(more).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Settings::read(&variables.collect()).expect("the settings are right")
}

/// Drives an authorization to its end, with a cache that says `taken` and a 3scale that says `reply`.
pub(crate) fn verdict(
    settings: &Settings,
    request: &Request,
    taken: &Taken,
    reply: Result<&Reply, Failure>,
) -> Verdict {
    let mut step = authorize::begin(settings, request, ASKED);
    loop {
        step = match step {
            Step::LookUp(question) => question.found(taken),
            Step::Call(question) => match reply {
                Ok(reply) => question.replied(reply, ANSWERED),
                Err(failure) => question.failed(failure, ANSWERED),
            },
            Step::Admit(question) => question.admitted(),
            Step::Record(question) => question.recorded(true),
            Step::Done(verdict) => break verdict,
        }
    }
}

/// Asserts that API Gateway takes the answer to a verdict as it is meant, and that nothing that is said shows a secret.
pub(crate) fn is_told_rightly(settings: &Settings, request: &Request, verdict: &Verdict) {
    let answer = policy::render(settings, request, verdict);
    let form = settings.answer_form(request.kind);
    let kind = match request.kind {
        EventKind::Token => ApiKind::RestToken,
        EventKind::Request => ApiKind::RestRequest,
        EventKind::Http1 => ApiKind::Http1,
        EventKind::Http2 => ApiKind::http2(settings),
        EventKind::WebSocket => ApiKind::WebSocket,
    };
    match gateway::Answer::read(&answer, kind) {
        Ok(answer) => {
            let is_allowed = answer.judge(request.method_arn.as_str()) == Judgement::Allowed;
            assert_eq!(is_allowed, verdict.decision == Decision::Allow, "{verdict:?}");
            if let AnswerForm::Policy(scope) = form {
                allows_nothing_else(&answer, request, scope);
            }
        }
        Err(malformed) => {
            let stage_wide = request.method_arn.stage_wide();
            let is_unnamed = stage_wide.bytes() > MAX_RESOURCE_BYTES && verdict.decision == Decision::Deny;
            assert!(is_unnamed, "{malformed}: {answer}");
        }
    }
    if is_secret(request, verdict) {
        keeps_secrets(&format!("{answer} {request:?} {verdict:?}"));
    }
    if let Some(message) = &verdict.orders.publish {
        reaches_the_collector(settings, request, message);
    }
}

/// Asserts that a policy is about its scope alone.
fn allows_nothing_else(answer: &gateway::Answer, request: &Request, scope: PolicyScope) {
    let arn = &request.method_arn;
    let api = arn.api_wide().to_string();
    let stage = arn.stage_wide().to_string();
    let (api, stage) = (api.trim_end_matches("/*"), stage.trim_end_matches('*'));
    let is_allowed = |method_arn: &str| answer.judge(method_arn) == Judgement::Allowed;
    assert!(!is_allowed(&format!("{api}2/dev/GET/")), "another API is allowed");
    if scope != PolicyScope::Api {
        assert!(!is_allowed(&format!("{api}/{}2/GET/", arn.stage())), "another stage is allowed");
    }
    if scope == PolicyScope::Exact {
        assert!(!is_allowed(&format!("{}2", arn.as_str())), "another path is allowed");
        assert!(!is_allowed(&format!("{stage}2")), "another method is allowed");
    }
}

/// Asserts that a message goes to the one who may open it, and shows nothing to others.
fn reaches_the_collector(settings: &Settings, request: &Request, message: &Message) {
    let text = message.encode();
    keeps_secrets(&text.replace(&request.correlation_id, ""));
    assert_eq!(Message::decode(&text).as_ref(), Ok(message));
    assert_eq!(message.caller(&settings.keyring).as_ref(), Ok(&request.caller));
}

/// Whether what comes of a request may not show the mark: its secret has it, and nothing that may be shown does.
fn is_secret(request: &Request, verdict: &Verdict) -> bool {
    let id = match &request.caller.credential {
        Credential::UserKey(_) => "",
        Credential::Application { id, .. } => id.as_str(),
    };
    let operation = request.operation.as_ref();
    let names = operation.and_then(|operation| operation.query.as_ref()).into_iter().flatten().map(|(name, _)| name);
    let referrer = request.caller.referrer.as_ref().map_or("", |referrer| referrer.as_str());
    let told = [id, referrer, request.method_arn.as_str(), verdict.plan.as_deref().unwrap_or_default()];
    let path = operation.map_or("", |operation| operation.path.as_str());
    let method = operation.map_or("", |operation| operation.method.as_str());
    !told.into_iter().chain([path, method]).chain(names.map(String::as_str)).any(|text| text.contains(CANARY))
}
