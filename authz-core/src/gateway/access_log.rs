//! What the access log of a stage tells of a call.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answer::Principal;
use super::api::Protocol;
use super::call::Request;
use super::response::Refusal;

/// Everything about a call but the status, which the backend may choose.
#[derive(Clone, Debug)]
pub struct LogEntry(Map<String, Value>);

impl LogEntry {
    /// Writes one line of JSON, whose members are named as API Gateway names the variables of `$context`.
    ///
    /// What a call does not have is left out. It shows no header, no query and no text that the authorizer failed with.
    /// Source: "Variables for access logging for API Gateway".
    pub fn line(&self, status: u16) -> String {
        let mut members = self.0.clone();
        members.insert("status".to_owned(), json!(status));
        Value::Object(members).to_string()
    }

    pub(super) fn forwarded(request: &Request, principal: &Principal, latency: Option<Duration>) -> Self {
        Self::new(request, Some(principal), latency)
    }

    pub(super) fn refused(request: &Request, refusal: &Refusal, latency: Option<Duration>) -> Self {
        let mut entry = Self::new(request, refusal.principal(), latency);
        entry.tell("authorizer.error", error(refusal));
        if request.api.kind.protocol() == Protocol::Rest {
            entry.tell("error.responseType", refusal.response_type().map(|kind| kind.code().to_owned()));
        }
        entry
    }

    fn new(request: &Request, principal: Option<&Principal>, latency: Option<Duration>) -> Self {
        let mut entry = Self(Map::new());
        entry.tell("ip", request.context("identity.sourceIp"));
        for name in ["requestId", "requestTime", "httpMethod", "path", "resourcePath", "routeKey", "protocol", "stage"]
        {
            entry.tell(name, request.context(name));
        }
        for name in ["principalId", "reason"] {
            entry.tell(&format!("authorizer.{name}"), principal.and_then(|principal| principal.variable(name)));
        }
        if let Some(millis) = latency.and_then(|latency| u64::try_from(latency.as_millis()).ok()) {
            entry.0.insert("authorizer.latency".to_owned(), json!(millis));
        }
        entry
    }

    fn tell(&mut self, name: &str, value: Option<String>) {
        self.0.extend(value.filter(|value| !value.is_empty()).map(|value| (name.to_owned(), json!(value))));
    }
}

fn error(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::Unauthorized => Some("Unauthorized".to_owned()),
        Refusal::Failed => Some("the authorizer failed".to_owned()),
        Refusal::TimedOut => Some("the authorizer did not answer in time".to_owned()),
        Refusal::Malformed(malformed) => Some(malformed.to_string()),
        Refusal::NoRoute
        | Refusal::MethodArnTooLong
        | Refusal::NoIdentity
        | Refusal::Denied(_)
        | Refusal::ExplicitlyDenied(_) => None,
    }
}
