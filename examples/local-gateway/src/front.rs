//! What API Gateway does with a request before the API sees it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authz_core::gateway::{Call, Ending, Gateway, Outcome, Protocol, Step};
use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use lambda_shell::{Clock, Collector};

use crate::account::Account;
use crate::backend::Backend;
use crate::call::call;
use crate::config::AccessLog;
use crate::function::Function;
use crate::queue::Queue;
use crate::websocket::Handshake;
use crate::{answer, local};

#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) gateway: Arc<Mutex<Gateway>>,
    pub(crate) function: Function,
    pub(crate) backend: Backend,
    pub(crate) queue: Queue,
    pub(crate) collector: Collector,
    pub(crate) account: Arc<Account>,
    pub(crate) clock: Clock,
    /// What moves the clock.
    pub(crate) hand: threescale_stub::Clock,
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
    if local::is_local(&request) {
        return local::answer(&front, request).await;
    }
    let (mut request, body) = request.into_parts();
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
        let request_id = request_id();
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
}

/// A name that no other request of this process has.
pub(crate) fn request_id() -> String {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    format!("local-{}", REQUESTS.fetch_add(1, Ordering::Relaxed))
}
