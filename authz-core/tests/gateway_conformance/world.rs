//! One API, one client, and answers that an authorizer may give.

use std::time::Duration;

use authz_core::gateway::{
    Api, ApiKind, Call, ClientAnswer, Ending, FunctionAnswer, Gateway, IdentitySource, Invocation, Judgement, Outcome,
    Refusal, Step,
};
use authz_core::time::UnixTime;
use serde_json::{Value, json};

pub(crate) const HTTP_2: ApiKind = ApiKind::Http2 { simple_responses: false };
pub(crate) const SIMPLE: ApiKind = ApiKind::Http2 { simple_responses: true };
pub(crate) const KINDS: [ApiKind; 6] =
    [ApiKind::RestToken, ApiKind::RestRequest, ApiKind::Http1, HTTP_2, SIMPLE, ApiKind::WebSocket];

/// 2026-11-23 12:00:00 UTC.
pub(crate) const NOON: UnixTime = UnixTime::from_secs(1_795_435_200);
pub(crate) const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:local/dev/GET/a/b";
pub(crate) const STAGE: &str = "arn:aws:execute-api:us-east-1:123456789012:local/dev/*";

pub(crate) fn api(kind: ApiKind) -> Api {
    let source = IdentitySource::new(kind.protocol(), authz_core::gateway::Place::Header("apikey".to_owned()));
    Api { identity_sources: vec![source], ..Api::new(kind) }
}

pub(crate) fn sources(kind: ApiKind, texts: &[&str]) -> Api {
    let sources = texts.iter().map(|text| IdentitySource::parse(kind.protocol(), text).unwrap());
    Api { identity_sources: sources.collect(), ..Api::new(kind) }
}

pub(crate) fn remembering(mut api: Api, secs: u64) -> Gateway {
    api.ttl = Duration::from_secs(secs);
    Gateway::new(api).unwrap()
}

/// A call with the header `apikey: k`, to a path that `kind` has.
pub(crate) fn call(kind: ApiKind) -> Call {
    to(if kind == ApiKind::WebSocket { "/dev" } else { "/dev/a/b" })
}

pub(crate) fn to(path_and_query: &str) -> Call {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    Call {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("apikey".to_owned(), "k".to_owned())],
        source_ip: "192.0.2.1".to_owned(),
    }
}

pub(crate) fn with(mut call: Call, headers: &[(&str, &str)]) -> Call {
    call.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    call
}

pub(crate) fn invoked(gateway: &mut Gateway, call: Call, now: UnixTime) -> Invocation {
    match gateway.ask(call, "id", now) {
        Step::Invoke(invocation) => invocation,
        Step::Done(outcome) => panic!("it ended without an invocation: {outcome:?}"),
    }
}

pub(crate) fn not_invoked(gateway: &mut Gateway, call: Call, now: UnixTime) -> Outcome {
    match gateway.ask(call, "id", now) {
        Step::Invoke(invocation) => panic!("it invoked: {invocation:?}"),
        Step::Done(outcome) => outcome,
    }
}

/// The event of a call.
pub(crate) fn event(api: Api, call: Call) -> Value {
    let invocation = invoked(&mut Gateway::new(api).unwrap(), call, NOON);
    serde_json::from_str(invocation.event()).unwrap()
}

pub(crate) fn returned(answer: &Value) -> FunctionAnswer {
    FunctionAnswer::Returned(answer.to_string())
}

/// What comes of a call whose authorizer answers so.
pub(crate) fn outcome(api: Api, answer: &FunctionAnswer) -> Outcome {
    let call = call(api.kind);
    let mut gateway = Gateway::new(api).unwrap();
    invoked(&mut gateway, call, NOON).answered(&mut gateway, answer, NOON.after(Duration::from_millis(7)))
}

pub(crate) fn refusal(outcome: Outcome) -> (Refusal, ClientAnswer) {
    match outcome.ending {
        Ending::Answer { refusal, answer } => (refusal, answer),
        Ending::Forward { .. } => panic!("it was allowed"),
    }
}

/// Status, body, and `x-amzn-errortype`.
pub(crate) fn shown(answer: &ClientAnswer) -> (u16, String, Option<String>) {
    let kind = answer.headers.iter().find(|(name, _)| name == "x-amzn-errortype");
    (answer.status, answer.body.clone(), kind.map(|(_, value)| value.clone()))
}

pub(crate) fn policy(statements: &[(&str, &str)]) -> Value {
    let statements = statements
        .iter()
        .map(|(effect, resource)| json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource }));
    let document = json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() });
    json!({ "principalId": "p", "policyDocument": document, "context": { "reason": "granted", "n": 1, "b": true } })
}

/// What a policy of one kind of answer means for [`ARN`].
pub(crate) fn judgement(answer: &Value) -> Judgement {
    authz_core::gateway::Answer::read(&answer.to_string(), ApiKind::RestRequest).unwrap().judge(ARN)
}
