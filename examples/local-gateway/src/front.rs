//! What API Gateway does with a request before the API sees it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use authz_core::event::Place;
use authz_core::gateway::{self, Outcome, Principal};
use authz_core::method_arn::MethodArn;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::event::Call;
use crate::function::{Answer, Function};
use crate::queue::Queue;

#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) function: Function,
    pub(crate) backend: Backend,
    pub(crate) queue: Queue,
    /// What the stub has counted; `None` where a real 3scale counts.
    pub(crate) account: Option<Arc<Mutex<threescale_stub::Backend>>>,
}

impl Front {
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(handle).with_state(self)
    }
}

async fn handle(State(front): State<Front>, request: Request) -> Response<Body> {
    let (request, body) = request.into_parts();
    if request.uri.path() == "/_local/usage" {
        return front.usage(&request).await;
    }
    let Some(call) = Call::of(&request) else {
        return failure(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", "Missing Authentication Token");
    };
    if call.method_arn.len() > MethodArn::MAX_BYTES {
        return failure(StatusCode::URI_TOO_LONG, "RequestTooLongException", "Request-URI Too Large");
    }
    if !front.has_identity(&request) {
        let answer = failure(StatusCode::UNAUTHORIZED, "UnauthorizedException", "Unauthorized");
        return with_verdict(answer, "not_invoked", &BTreeMap::new());
    }
    front.authorized(&request, body, &call).await
}

impl Front {
    /// API Gateway does not invoke the authorizer without the identity source, which is the header or parameter that the
    /// authorizer reads. With more than one to choose from none can be demanded.
    fn has_identity(&self, request: &Parts) -> bool {
        let [source] = self.function.settings().sources.credential.as_slice() else { return true };
        match source.place {
            Place::Header => request.headers.get(&source.name).is_some_and(|value| !value.is_empty()),
            Place::Query => {
                let query = request.uri.query().unwrap_or_default();
                form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == source.name && !value.is_empty())
            }
        }
    }

    async fn authorized(&self, request: &Parts, body: Body, call: &Call) -> Response<Body> {
        static REQUESTS: AtomicU64 = AtomicU64::new(1);
        let request_id = format!("local-{}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        let outcome = match self.function.answer(&call.event(request, &request_id), &request_id).await {
            Answer::Policy(policy) => gateway::read(&policy, &call.method_arn),
            Answer::Failed => Outcome::Malformed,
            Answer::Unauthorized => {
                let answer = failure(StatusCode::UNAUTHORIZED, "UnauthorizedException", "Unauthorized");
                return with_verdict(answer, "unauthorized", &BTreeMap::new());
            }
        };
        match outcome {
            Outcome::Allowed(principal) => {
                let answer = self.backend.answer(request, body, call, &principal).await;
                with_verdict(answer, "allow", &principal.context)
            }
            Outcome::Denied(principal) => with_verdict(denial(&principal), "deny", &principal.context),
            Outcome::Malformed => {
                let answer = json_answer(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": null }));
                with_error_type(answer, "AuthorizerConfigurationException")
            }
        }
    }

    /// `GET /_local/usage`: what 3scale has counted; with `?flush=1` once it was told of everything.
    async fn usage(&self, request: &Parts) -> Response<Body> {
        if request.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "flush=1")) {
            self.queue.flush().await;
        }
        match &self.account {
            Some(account) => {
                let counted = account.lock().unwrap_or_else(PoisonError::into_inner).counted();
                json_answer(StatusCode::OK, &json!(counted))
            }
            None => failure(StatusCode::NOT_FOUND, "NotFoundException", "see the analytics of 3scale's admin portal"),
        }
    }
}

/// What the gateway response `ACCESS_DENIED` answers with the templates that we recommend: the reason, and for limits when
/// to come again.
fn denial(principal: &Principal) -> Response<Body> {
    let reason = principal.context.get("reason").cloned().unwrap_or_default();
    let mut answer = json_answer(StatusCode::FORBIDDEN, &json!({ "message": reason }));
    if let Some(reset) = principal.context.get("limitReset").and_then(Value::as_u64) {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(reset));
    }
    with_error_type(answer, "AccessDeniedException")
}

fn failure(status: StatusCode, error_type: &'static str, message: &str) -> Response<Body> {
    with_error_type(json_answer(status, &json!({ "message": message })), error_type)
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("{body}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn with_error_type(mut answer: Response<Body>, error_type: &'static str) -> Response<Body> {
    let name = HeaderName::from_static("x-amzn-errortype");
    answer.headers_mut().insert(name, HeaderValue::from_static(error_type));
    answer
}

/// Tells in headers what only the backend and the log would show in AWS.
fn with_verdict(
    mut answer: Response<Body>,
    decision: &'static str,
    context: &BTreeMap<String, Value>,
) -> Response<Body> {
    let headers = answer.headers_mut();
    headers.insert("x-authorizer-decision", HeaderValue::from_static(decision));
    for (name, key) in [("x-authorizer-reason", "reason"), ("x-authorizer-cache", "cache")] {
        if let Some(value) = context.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok()) {
            headers.insert(name, value);
        }
    }
    answer
}
