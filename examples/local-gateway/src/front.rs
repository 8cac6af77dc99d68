//! What API Gateway does with a request before the API sees it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authz_core::gateway::{Call, Ending, Gateway, Outcome, Protocol, Step};
use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use lambda_shell::Clock;
use serde_json::json;

use crate::answer;
use crate::backend::Backend;
use crate::call::call;
use crate::config::AccessLog;
use crate::function::Function;
use crate::queue::Queue;
use crate::websocket::Handshake;

#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) gateway: Arc<Mutex<Gateway>>,
    pub(crate) function: Function,
    pub(crate) backend: Backend,
    pub(crate) queue: Queue,
    /// What the stub has counted; `None` where a real 3scale counts.
    pub(crate) account: Option<Arc<Mutex<threescale_stub::Backend>>>,
    pub(crate) clock: Clock,
    pub(crate) access_log: AccessLog,
}

impl Front {
    pub(crate) fn service(self) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
        Router::new().fallback(handle).with_state(self).into_make_service_with_connect_info()
    }
}

async fn handle(
    State(front): State<Front>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (mut request, body) = request.into_parts();
    if request.uri.path() == "/_local/usage" {
        return front.usage(&request).await;
    }
    let protocol = front.gateway().api().kind.protocol();
    let handshake = match protocol {
        Protocol::Rest | Protocol::Http => None,
        Protocol::WebSocket => match Handshake::of(&mut request).await {
            Ok(handshake) => Some(handshake),
            Err(refusal) => return refusal,
        },
    };
    let outcome = front.authorize(call(&request, peer.ip())).await;
    let response = match (&outcome.ending, handshake) {
        (Ending::Answer { answer, .. }, _) => answer::response(answer),
        (Ending::Forward { authorizer, .. }, Some(handshake)) => handshake.accept(authorizer),
        (Ending::Forward { path, authorizer, .. }, None) => {
            front.backend.answer(&request, body, path, authorizer).await
        }
    };
    front.access_log.line(&outcome.log.line(response.status().as_u16()));
    answer::with_verdict(response, &outcome)
}

impl Front {
    async fn authorize(&self, call: Call) -> Outcome {
        static REQUESTS: AtomicU64 = AtomicU64::new(1);
        let request_id = format!("local-{}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        let step = self.gateway().ask(call, &request_id, self.clock.now());
        match step {
            Step::Invoke(invocation) => {
                let answer = self.function.answer(invocation.event(), &request_id).await;
                invocation.answered(&mut self.gateway(), &answer, self.clock.now())
            }
            Step::Done(outcome) => outcome,
        }
    }

    fn gateway(&self) -> MutexGuard<'_, Gateway> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `GET /_local/usage`: what 3scale has counted; with `?flush=1` once it was told of everything.
    async fn usage(&self, request: &Parts) -> Response<Body> {
        if request.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "flush=1")) {
            self.queue.flush().await;
        }
        match &self.account {
            Some(account) => {
                let counted = account.lock().unwrap_or_else(PoisonError::into_inner).counted();
                answer::json(StatusCode::OK, &json!(counted))
            }
            None => {
                answer::json(StatusCode::NOT_FOUND, &json!({ "message": "see the analytics of 3scale's admin portal" }))
            }
        }
    }
}
