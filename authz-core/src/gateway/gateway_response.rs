//! Gateway responses: what a REST API answers in place of API Gateway's own answers.

use std::collections::BTreeMap;

use serde_json::json;

use super::api::Protocol;
use super::call::Request;
use super::identity::Place;
use super::response::{ClientAnswer, Refusal};

/// What a REST API answers in place of API Gateway's own answers. The other kinds have no such thing.
///
/// Source: "Gateway responses for REST APIs in API Gateway". `DEFAULT_4XX` and `DEFAULT_5XX` are not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewayResponses(BTreeMap<ResponseType, GatewayResponse>);

/// Which answers a gateway response replaces. Source: "Gateway response types for API Gateway".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResponseType {
    /// `ACCESS_DENIED`: a policy denies.
    AccessDenied,
    /// `AUTHORIZER_CONFIGURATION_ERROR`: the answer is none.
    AuthorizerConfigurationError,
    /// `AUTHORIZER_FAILURE`: the authorizer failed.
    AuthorizerFailure,
    /// `UNAUTHORIZED`: the identity is missing, or the authorizer says so.
    Unauthorized,
}

/// A gateway response: one for all answers of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayResponse {
    /// The status in place of API Gateway's own.
    pub status: Option<u16>,
    /// Names, and where their values come from: `context.authorizer.limitReset`, `stageVariables.NAME`,
    /// `method.request.header.NAME`, `method.request.querystring.NAME`, or a literal in single quotes.
    pub headers: Vec<(String, String)>,
    /// The body, in which `$context.NAME` and `$stageVariables.NAME` stand for their values: no quotes are added or
    /// escaped.
    pub body: String,
}

impl GatewayResponses {
    /// API Gateway's own answers.
    pub fn none() -> Self {
        Self::default()
    }

    /// What this project recommends: a denial says why, and for limits when to come again.
    pub fn recommended() -> Self {
        let denial = GatewayResponse {
            status: None,
            headers: vec![("Retry-After".to_owned(), "context.authorizer.limitReset".to_owned())],
            body: r#"{"message":"$context.authorizer.reason"}"#.to_owned(),
        };
        Self::none().with(ResponseType::AccessDenied, denial)
    }

    /// Puts a response in place of API Gateway's own.
    #[must_use]
    pub fn with(mut self, of: ResponseType, response: GatewayResponse) -> Self {
        self.0.insert(of, response);
        self
    }

    /// Puts the response that the API has for this in the place of API Gateway's own answer.
    pub(super) fn replace(own: ClientAnswer, refusal: &Refusal, request: &Request) -> ClientAnswer {
        let Some(of) = refusal.response_type() else { return own };
        match (request.api.kind.protocol(), request.api.responses.0.get(&of)) {
            (Protocol::Rest, Some(response)) => response.answer(own, refusal, request),
            (Protocol::Rest, None) | (Protocol::Http | Protocol::WebSocket, _) => own,
        }
    }
}

impl ResponseType {
    /// Returns the name that API Gateway has for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::AuthorizerConfigurationError => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::AuthorizerFailure => "AUTHORIZER_FAILURE",
            Self::Unauthorized => "UNAUTHORIZED",
        }
    }
}

impl GatewayResponse {
    /// A header whose value is empty or none is left out. What API Gateway does with one is not documented.
    fn answer(&self, own: ClientAnswer, refusal: &Refusal, request: &Request) -> ClientAnswer {
        let ClientAnswer { status, mut headers, .. } = own;
        for (name, from) in &self.headers {
            let name = name.to_ascii_lowercase();
            if let Some(value) = header_value(from, refusal, request).filter(|value| !value.is_empty()) {
                headers.retain(|(other, _)| *other != name);
                headers.push((name, value));
            }
        }
        ClientAnswer { status: self.status.unwrap_or(status), headers, body: filled(&self.body, refusal, request) }
    }
}

fn header_value(from: &str, refusal: &Refusal, request: &Request) -> Option<String> {
    if let Some(literal) = from.strip_prefix('\'').and_then(|from| from.strip_suffix('\'')) {
        return Some(literal.to_owned());
    }
    if let Some(name) = from.strip_prefix("method.request.header.") {
        return request.at(&Place::Header(name.to_owned()));
    }
    match from.strip_prefix("method.request.querystring.") {
        Some(name) => request.at(&Place::Query(name.to_owned())),
        None => variable(from, refusal, request),
    }
}

/// Puts values in the place of variables, and nothing in the place of those that have none.
fn filled(template: &str, refusal: &Refusal, request: &Request) -> String {
    let mut parts = template.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(part.len());
        let (name, rest) = part.split_at(part.get(..end).map_or(0, |name| name.trim_end_matches('.').len()));
        if name.starts_with("context.") || name.starts_with("stageVariables.") {
            text.push_str(&variable(name, refusal, request).unwrap_or_default());
        } else {
            text.extend(["$", name]);
        }
        text.push_str(rest);
    }
    text
}

/// Source: "Variables for access logging for API Gateway", and those of `$context.error` for gateway responses.
fn variable(name: &str, refusal: &Refusal, request: &Request) -> Option<String> {
    if let Some(name) = name.strip_prefix("stageVariables.") {
        return request.at(&Place::StageVariable(name.to_owned()));
    }
    let name = name.strip_prefix("context.")?;
    if let Some(name) = name.strip_prefix("authorizer.") {
        return refusal.principal()?.variable(name);
    }
    match name {
        "error.message" => refusal.message(Protocol::Rest).map(str::to_owned),
        "error.messageString" => Some(json!(refusal.message(Protocol::Rest)).to_string()),
        "error.responseType" => refusal.response_type().map(|kind| kind.code().to_owned()),
        name => request.context(name),
    }
}
