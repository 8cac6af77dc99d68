//! A client's call, and how API Gateway names it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::api::{Api, DEFAULT_STAGE, Protocol, Stage};
use super::identity::Place;
use super::time::request_time;
use crate::time::UnixTime;

/// What a client sends.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The verb.
    pub method: String,
    /// The path as it was sent, percent-encoded.
    pub path: String,
    /// What follows the `?`, as it was sent.
    pub query: String,
    /// The headers in their order, in the case they were sent in.
    pub headers: Vec<(String, String)>,
    /// The address it comes from.
    pub source_ip: String,
}

/// Shows no header and no query: there the credentials are.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// A call that has reached an API.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) api: Arc<Api>,
    pub(super) call: Call,
    pub(super) id: String,
    pub(super) at: UnixTime,
    /// Empty if the call names none.
    pub(super) stage: String,
    /// The path below the stage.
    pub(super) path: String,
}

impl Request {
    pub(super) fn new(api: Arc<Api>, call: Call, id: &str, at: UnixTime) -> Self {
        let (stage, path) = route(&api, &call.path).unwrap_or_default();
        Self { api, call, id: id.to_owned(), at, stage, path }
    }

    /// The name that policies cover. Source: "ARN format reference for API Gateway"; for WebSocket APIs, "Control
    /// access to WebSocket APIs with AWS Lambda REQUEST authorizers".
    pub(super) fn method_arn(&self) -> String {
        let Api { partition, region, account, id, .. } = &*self.api;
        let method = match self.api.kind.protocol() {
            Protocol::Rest | Protocol::Http => format!("{}{}", self.call.method, self.path),
            Protocol::WebSocket => "$connect".to_owned(),
        };
        format!("arn:{partition}:execute-api:{region}:{account}:{id}/{}/{method}", self.stage)
    }

    /// What the call shows at each identity source; `None` if anything is missing or empty.
    pub(super) fn identity(&self) -> Option<Vec<String>> {
        let shown = self.api.identity_sources.iter().map(|source| self.at(source.place()));
        shown.map(|value| value.filter(|value| !value.is_empty())).collect()
    }

    pub(super) fn at(&self, place: &Place) -> Option<String> {
        match place {
            Place::Header(name) => self.header(name),
            Place::Query(name) => self.one(self.query().0.get(name)?),
            Place::StageVariable(name) => self.api.stage_variables.get(name).cloned(),
            Place::Context(name) => self.context(name),
        }
    }

    /// A variable of `$context`. Source: "Variables for access logging for API Gateway".
    pub(super) fn context(&self, name: &str) -> Option<String> {
        let protocol = self.api.kind.protocol();
        let value = match (name, protocol) {
            ("accountId", _) => self.api.account.clone(),
            ("apiId", _) => self.api.id.clone(),
            ("domainName", _) => self.api.domain_name(),
            ("stage", _) => self.stage.clone(),
            ("requestId", _) | ("connectionId", Protocol::WebSocket) => self.id.clone(),
            ("requestTime", _) => request_time(self.at),
            ("requestTimeEpoch", _) => self.at.as_millis().to_string(),
            ("protocol", _) => "HTTP/1.1".to_owned(),
            ("identity.sourceIp", _) => self.call.source_ip.clone(),
            ("identity.userAgent", _) => self.header("user-agent")?,
            ("httpMethod", Protocol::Rest | Protocol::Http) => self.call.method.clone(),
            ("path", Protocol::Rest | Protocol::Http) => self.call.path.clone(),
            ("resourcePath", Protocol::Rest) => self.path.clone(),
            ("routeKey", Protocol::Http) => "$default".to_owned(),
            ("routeKey", Protocol::WebSocket) => "$connect".to_owned(),
            ("eventType", Protocol::WebSocket) => "CONNECT".to_owned(),
            _ => return None,
        };
        Some(value)
    }

    pub(super) fn headers(&self) -> Pairs {
        Pairs::of(self.call.headers.iter().cloned())
    }

    pub(super) fn query(&self) -> Pairs {
        Pairs::of(form_urlencoded::parse(self.call.query.as_bytes()).into_owned())
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.call.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let values: Vec<_> = headers.map(|(_, value)| value.clone()).collect();
        if values.is_empty() { None } else { self.one(&values) }
    }

    /// Of several values an HTTP API joins all, the others take the last.
    fn one(&self, values: &[String]) -> Option<String> {
        match self.api.kind.protocol() {
            Protocol::Http => Some(values.join(",")),
            Protocol::Rest | Protocol::WebSocket => values.last().cloned(),
        }
    }
}

/// Names and all their values.
pub(super) struct Pairs(BTreeMap<String, Vec<String>>);

impl Pairs {
    pub(super) fn of(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut all = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in pairs {
            all.entry(name).or_default().push(value);
        }
        Self(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn all(&self) -> &BTreeMap<String, Vec<String>> {
        &self.0
    }

    /// Of several values the last.
    pub(super) fn last(&self) -> BTreeMap<&str, &str> {
        self.0.iter().filter_map(|(name, values)| Some((name.as_str(), values.last()?.as_str()))).collect()
    }

    /// Several values with commas between.
    pub(super) fn joined(&self) -> BTreeMap<&str, String> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.join(","))).collect()
    }
}

/// Splits `/{stage}/{path}`. A WebSocket API has nothing below the stage.
fn route(api: &Api, path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix('/')?;
    if api.stage == Stage::Default {
        return Some((DEFAULT_STAGE.to_owned(), path.to_owned()));
    }
    let (stage, below) = rest.split_once('/').unwrap_or((rest, ""));
    let is_stage = !stage.is_empty() && stage.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let is_route = api.kind.protocol() != Protocol::WebSocket || below.is_empty();
    (is_stage && is_route).then(|| (stage.to_owned(), format!("/{below}")))
}
