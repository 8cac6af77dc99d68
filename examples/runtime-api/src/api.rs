//! The Runtime API over HTTP: reads a request, changes the [`State`], writes the answer.

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

/// Serves the Runtime API, version 2018-06-01, for one process, whose requests change `state`.
pub(crate) fn router(state: watch::Sender<State>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::disable())
        .with_state(Api(state))
}

#[derive(Clone)]
struct Api(watch::Sender<State>);

async fn next(Shared(api): Shared<Api>) -> Result<Response, Refusal> {
    api.change(State::runtime_asks)?;
    let event = api.event().await?;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", event.request_id.clone()),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", event.function_arn.clone()),
        ("lambda-runtime-trace-id", event.trace_id.clone()),
    ];
    Ok((headers, event.payload.clone()).into_response())
}

async fn response(Shared(api): Shared<Api>, Path(request_id): Path<String>, body: Bytes) -> Result<Response, Refusal> {
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

async fn error(
    Shared(api): Shared<Api>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let error = reported(&headers, &body);
    api.change(|state| state.runtime_answers(&request_id, Err(error)))?;
    Ok(accepted())
}

async fn init_error(Shared(api): Shared<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let error = reported(&headers, &body);
    api.change(|state| state.runtime_fails(error))?;
    Ok(accepted())
}

impl Api {
    fn change(&self, change: impl FnOnce(&mut State) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let mut outcome = Ok(());
        self.0.send_modify(|state| outcome = change(state));
        outcome
    }

    /// Waits for an event to be there, for as long as it takes.
    async fn event(&self) -> Result<Arc<Event>, Refusal> {
        let mut changes = self.0.subscribe();
        let arrived = changes.wait_for(|state| state.event().is_some()).await;
        let event = arrived.ok().and_then(|state| state.event());
        event.ok_or_else(|| Refusal::invalid_transition("the event was withdrawn"))
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
fn reported(headers: &HeaderMap, body: &[u8]) -> FunctionError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let error_type = body["errorType"].as_str().or(header.filter(|text| !text.is_empty()));
    FunctionError {
        error_type: error_type.unwrap_or("Runtime.Unknown").to_owned(),
        error_message: body["errorMessage"].as_str().unwrap_or_default().to_owned(),
    }
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, json_body(&json!({ "status": "OK" }))).into_response()
}

fn json_body(body: &Value) -> impl IntoResponse + use<> {
    ([("content-type", "application/json")], body.to_string())
}

/// 6 MB and what Lambda adds to it, for synchronous invocations.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_ANSWER: usize = 6 * 1024 * 1024 + 100;
