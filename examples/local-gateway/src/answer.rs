//! What goes back to the client.

use authz_core::gateway::{CacheUse, ClientAnswer, Ending, Outcome, Principal, Refusal};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// Puts an answer of API Gateway on the wire, with an end of line for whoever reads it in a terminal.
pub(crate) fn response(answer: &ClientAnswer) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{}\n", answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        // A template may make something of a context that is no header.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Tells in headers what only the backend and the log would show in AWS.
pub(crate) fn with_verdict(mut response: Response<Body>, outcome: &Outcome) -> Response<Body> {
    let variable = |name| principal(&outcome.ending)?.variable(name)?.parse::<HeaderValue>().ok();
    let cache = outcome.cache.map(|cache| match cache {
        CacheUse::Hit => "hit",
        CacheUse::Miss => "miss",
    });
    let told = [
        ("x-authorizer-decision", decision(&outcome.ending).map(HeaderValue::from_static)),
        ("x-authorizer-reason", variable("reason")),
        ("x-authorizer-cache", variable("cache")),
        ("x-authorizer-gateway-cache", cache.map(HeaderValue::from_static)),
    ];
    let told = told.into_iter().filter_map(|(name, value)| Some((HeaderName::from_static(name), value?)));
    response.headers_mut().extend(told);
    response
}

fn principal(ending: &Ending) -> Option<&Principal> {
    match ending {
        Ending::Forward { principal, .. } => Some(principal),
        Ending::Answer { refusal, .. } => refusal.principal(),
    }
}

fn decision(ending: &Ending) -> Option<&'static str> {
    let refusal = match ending {
        Ending::Forward { .. } => return Some("allow"),
        Ending::Answer { refusal, .. } => refusal,
    };
    match refusal {
        Refusal::Denied(_) | Refusal::ExplicitlyDenied(_) => Some("deny"),
        Refusal::NoIdentity => Some("not_invoked"),
        Refusal::Unauthorized => Some("unauthorized"),
        Refusal::NoRoute | Refusal::MethodArnTooLong | Refusal::Failed | Refusal::TimedOut | Refusal::Malformed(_) => {
            None
        }
    }
}
