//! The two APIs over HTTP: reads a request, changes the [`State`], writes the answer.

use crate::outcome::{Answer, FunctionError};
use crate::state::{Event, Refusal, State};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;

/// Serves both APIs for one process, whose requests change `state`; extensions are told `about` the function.
///
/// Routes: Runtime API 2018-06-01 and Extensions API 2020-01-01.
pub(crate) fn router(state: watch::Sender<State>, about: Value) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(runtime_next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(runtime_response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(runtime_error))
        .route("/2018-06-01/runtime/init/error", post(runtime_init_error))
        .route("/2020-01-01/extension/register", post(extension_register))
        .route("/2020-01-01/extension/event/next", get(extension_next))
        .route("/2020-01-01/extension/init/error", post(extension_error))
        .route("/2020-01-01/extension/exit/error", post(extension_error))
        .layer(DefaultBodyLimit::disable())
        .with_state(Api { state, about: Arc::new(about) })
}

#[derive(Clone)]
struct Api {
    state: watch::Sender<State>,
    about: Arc<Value>,
}

async fn runtime_next(Shared(api): Shared<Api>) -> Result<Response, Refusal> {
    api.change(State::runtime_asks)?;
    let event = api.event(State::event_of_runtime).await?;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", event.request_id.clone()),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", event.function_arn.clone()),
        ("lambda-runtime-trace-id", event.trace_id.clone()),
    ];
    Ok((headers, event.payload.clone()).into_response())
}

async fn runtime_response(
    Shared(api): Shared<Api>,
    Path(request_id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let too_large = body.len() > MAX_ANSWER;
    let answer: Answer = if too_large {
        Err(FunctionError::answer_too_large(MAX_ANSWER))
    } else {
        Ok(String::from_utf8_lossy(&body).into_owned())
    };
    api.change(|state| state.runtime_answers(&request_id, answer))?;
    if too_large {
        return Err(Refusal {
            status: 413,
            error_type: "RequestEntityTooLarge",
            error_message: format!("Exceeded maximum allowed payload size ({MAX_ANSWER} bytes)."),
        });
    }
    Ok(accepted())
}

async fn runtime_error(
    Shared(api): Shared<Api>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let error = reported(&headers, RUNTIME_ERROR_TYPE, &body);
    api.change(|state| state.runtime_answers(&request_id, Err(error)))?;
    Ok(accepted())
}

async fn runtime_init_error(Shared(api): Shared<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let error = reported(&headers, RUNTIME_ERROR_TYPE, &body);
    api.change(|state| {
        state.fail(error);
        Ok(())
    })?;
    Ok(accepted())
}

async fn extension_register(Shared(api): Shared<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let name = text(&headers, "lambda-extension-name")
        .ok_or_else(|| Refusal::forbidden("Extension.InvalidExtensionName", "the name is missing"))?;
    let request: Value =
        serde_json::from_slice(&body).map_err(|why| Refusal::forbidden("InvalidRequestFormat", &why.to_string()))?;
    let events = request["events"].as_array().into_iter().flatten();
    let events = events.map(|event| event.as_str().unwrap_or_default());
    let id = api.change(|state| state.register(name, events))?;
    Ok(([("lambda-extension-identifier", id)], json_body(&api.about)).into_response())
}

async fn extension_next(Shared(api): Shared<Api>, headers: HeaderMap) -> Result<Response, Refusal> {
    let id = extension_id(&headers)?;
    api.change(|state| state.extension_asks(id))?;
    let event = api.event(|state| state.event_of_extension(id)).await?;
    let invoke = json!({
        "eventType": "INVOKE",
        "deadlineMs": event.deadline_ms,
        "requestId": event.request_id,
        "invokedFunctionArn": event.function_arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": event.trace_id },
    });
    Ok(([("lambda-extension-event-identifier", event.request_id.clone())], json_body(&invoke)).into_response())
}

async fn extension_error(Shared(api): Shared<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let error = reported(&headers, "lambda-extension-function-error-type", &body);
    api.change(|state| state.extension_fails(extension_id(&headers)?, error))?;
    Ok(accepted())
}

impl Api {
    fn change<T: Default>(&self, change: impl FnOnce(&mut State) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut outcome = Ok(T::default());
        self.state.send_modify(|state| outcome = change(state));
        outcome
    }

    /// Waits for an event to be there, for as long as it takes.
    async fn event(&self, event: impl Fn(&State) -> Option<Arc<Event>>) -> Result<Arc<Event>, Refusal> {
        let mut changes = self.state.subscribe();
        let arrived = changes.wait_for(|state| event(state).is_some()).await;
        let arrived = arrived.ok().and_then(|state| event(&state));
        arrived.ok_or_else(|| Refusal::forbidden("InvalidStateTransition", "the event was withdrawn"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::FORBIDDEN);
        let body = json!({ "errorMessage": self.error_message, "errorType": self.error_type });
        (status, json_body(&body)).into_response()
    }
}

/// The error in `body`, or as much of it as the header tells.
fn reported(headers: &HeaderMap, type_header: &str, body: &[u8]) -> FunctionError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error_type = body["errorType"].as_str().or_else(|| text(headers, type_header));
    FunctionError {
        error_type: error_type.unwrap_or("Runtime.Unknown").to_owned(),
        error_message: body["errorMessage"].as_str().unwrap_or_default().to_owned(),
    }
}

fn extension_id(headers: &HeaderMap) -> Result<&str, Refusal> {
    text(headers, "lambda-extension-identifier")
        .ok_or_else(|| Refusal::forbidden("Extension.MissingExtensionIdentifier", "the identifier is missing"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, json_body(&json!({ "status": "OK" }))).into_response()
}

fn json_body(body: &Value) -> impl IntoResponse + use<> {
    ([("content-type", "application/json")], body.to_string())
}

const RUNTIME_ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// 6 MB and what Lambda adds to it, for synchronous invocations.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_ANSWER: usize = 6 * 1024 * 1024 + 100;
