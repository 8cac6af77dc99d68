//! How API Gateway reads an authorizer's answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::api::ApiKind;
use super::policy::Policy;

/// An answer that API Gateway takes.
///
/// Sources: "Output from an API Gateway Lambda authorizer", and "Lambda authorizer response format" in "Control access
/// to HTTP APIs with AWS Lambda authorizers". A `usageIdentifierKey` is for usage plans, which are not here: it is not
/// read.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whom it is about.
    pub principal: Principal,
    rule: Rule,
}

/// What the backend, the log and the templates of gateway responses are told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Principal {
    /// The answer's `principalId`; a simple response has none.
    pub id: Option<String>,
    /// The answer's `context`.
    pub context: BTreeMap<String, Value>,
}

/// What an answer means for one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The call may pass.
    Allowed,
    /// Nothing allows it.
    Denied,
    /// A Deny covers it, whatever else allows it.
    ExplicitlyDenied,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Policy(Policy),
    Simple { is_authorized: bool },
}

impl Answer {
    /// API Gateway takes no longer answer, in bytes. Source: "Quotas for configuring and running a WebSocket API"; for
    /// the other kinds the limit is not documented, and taken to be the same.
    pub const MAX_BYTES: usize = 8192;

    /// Reads what an authorizer of this kind returned.
    pub fn read(text: &str, kind: ApiKind) -> Result<Self, Malformed> {
        if text.len() > Self::MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Err(Malformed::NotAnObject) };
        let context = context(&members, kind)?;
        if let ApiKind::Http2 { simple_responses: true } = kind {
            let is_authorized = members.get("isAuthorized").and_then(Value::as_bool).ok_or(Malformed::IsAuthorized)?;
            return Ok(Self { principal: Principal { id: None, context }, rule: Rule::Simple { is_authorized } });
        }
        let id = members.get("principalId").and_then(Value::as_str).ok_or(Malformed::PrincipalId)?.to_owned();
        let policy = Policy::read(members.get("policyDocument").unwrap_or(&Value::Null))?;
        Ok(Self { principal: Principal { id: Some(id), context }, rule: Rule::Policy(policy) })
    }

    /// Judges a call of `method_arn`: an explicit Deny wins, and without a matching Allow the call is denied. A simple
    /// response is about every method.
    pub fn judge(&self, method_arn: &str) -> Judgement {
        match &self.rule {
            Rule::Policy(policy) => policy.judge(method_arn),
            Rule::Simple { is_authorized: true } => Judgement::Allowed,
            Rule::Simple { is_authorized: false } => Judgement::Denied,
        }
    }
}

impl Principal {
    /// Returns a variable `$context.authorizer.{name}`, as a text.
    pub fn variable(&self, name: &str) -> Option<String> {
        if name == "principalId" { self.id.clone() } else { self.context.get(name).map(text) }
    }

    /// Returns what the backend finds in `requestContext.authorizer`: all values as texts, but with payload format 2.0
    /// as they are, in `lambda`.
    pub fn for_backend(&self, kind: ApiKind) -> Value {
        match kind {
            ApiKind::Http2 { .. } => json!({ "lambda": self.context }),
            ApiKind::RestToken | ApiKind::RestRequest | ApiKind::Http1 | ApiKind::WebSocket => {
                let id = self.id.iter().map(|id| ("principalId".to_owned(), json!(id)));
                let context = self.context.iter().map(|(name, value)| (name.clone(), json!(text(value))));
                context.chain(id).collect::<Map<_, _>>().into()
            }
        }
    }
}

/// Why an answer is none that API Gateway takes: the client gets 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Longer than [`Answer::MAX_BYTES`].
    #[error("the answer is longer than {} bytes", Answer::MAX_BYTES)]
    TooLong,
    /// It is no JSON, or no object.
    #[error("the answer is not a JSON object")]
    NotAnObject,
    /// The page says that it must be there; of API Gateway itself it is told that it passes without.
    #[error("the answer has no `principalId`")]
    PrincipalId,
    /// It is missing, or something in it is.
    #[error("the answer has no `policyDocument` that API Gateway understands")]
    Policy,
    /// A statement without conditions has no `Condition`.
    #[error("the answer has a `Condition` that is null")]
    NullCondition,
    /// Longer than [`MAX_RESOURCE_BYTES`](crate::policy::MAX_RESOURCE_BYTES).
    #[error("the answer has a `Resource` of more than {} characters", crate::policy::MAX_RESOURCE_BYTES)]
    LongResource,
    /// Only payload format 2.0 has other values.
    #[error("the answer's `context` has something else than texts, numbers and booleans")]
    Context,
    /// The name is reserved in HTTP APIs.
    #[error("the answer's `context` has `claims`, which is reserved")]
    Claims,
    /// It is missing, or no boolean.
    #[error("the answer's `isAuthorized` is neither true nor false")]
    IsAuthorized,
}

fn context(members: &Map<String, Value>, kind: ApiKind) -> Result<BTreeMap<String, Value>, Malformed> {
    let context = match members.get("context") {
        None => return Ok(BTreeMap::new()),
        Some(Value::Object(context)) => context,
        Some(_) => return Err(Malformed::Context),
    };
    let is_scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    match kind {
        ApiKind::Http1 if context.contains_key("claims") => Err(Malformed::Claims),
        ApiKind::RestToken | ApiKind::RestRequest | ApiKind::Http1 | ApiKind::WebSocket
            if !context.values().all(is_scalar) =>
        {
            Err(Malformed::Context)
        }
        _ => Ok(context.clone().into_iter().collect()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
