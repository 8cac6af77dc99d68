//! API Gateway as a value: what it asks an authorizer, and what it makes of the answer.
//!
//! ```text
//!   Call ─▶ ask ─┬─ no stage, no identity, too long an ARN ───────────────────────▶ Done(Outcome)
//!                ├─ an answer is remembered ─▶ judged for this method ────────────▶ Done(Outcome)
//!                └─ Invoke(Invocation) ─▶ answered ─▶ read, judged, remembered ───▶ Outcome
//! ```
//!
//! It is held to what AWS documents; each rule is a test of `tests/gateway_conformance.rs`. Whoever runs it does the
//! HTTP and invokes the function, and tells it the time.
//!
//! ```
//! use authz_core::gateway::{Api, ApiKind, Call, Ending, FunctionAnswer, Gateway, Step};
//! use authz_core::time::UnixTime;
//!
//! let mut gateway = Gateway::new(Api::new(ApiKind::Http2 { simple_responses: true }))?;
//! let call = Call {
//!     method: "GET".to_owned(),
//!     path: "/dev/greetings".to_owned(),
//!     query: String::new(),
//!     headers: vec![("apikey".to_owned(), "demo-key".to_owned())],
//!     source_ip: "192.0.2.1".to_owned(),
//! };
//! let outcome = match gateway.ask(call, "request-1", UnixTime::from_secs(1)) {
//!     Step::Invoke(invocation) => {
//!         assert!(invocation.event().contains(r#""rawPath":"/dev/greetings""#));
//!         let answer = FunctionAnswer::Returned(r#"{"isAuthorized":false}"#.to_owned());
//!         invocation.answered(&mut gateway, &answer, UnixTime::from_secs(2))
//!     }
//!     Step::Done(outcome) => outcome,
//! };
//! let Ending::Answer { answer, .. } = outcome.ending else { panic!("it was not authorized") };
//! assert_eq!((answer.status, answer.body.as_str()), (403, r#"{"message":"Forbidden"}"#));
//! # Ok::<(), authz_core::gateway::ApiError>(())
//! ```

mod access_log;
mod answer;
mod api;
mod cache;
mod call;
mod event;
mod gateway_response;
mod identity;
mod policy;
mod response;
mod time;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::method_arn::MethodArn;
use crate::time::UnixTime;
pub use access_log::LogEntry;
pub use answer::{Answer, Judgement, Malformed, Principal};
pub use api::{Api, ApiError, ApiKind, Protocol, Stage};
use cache::{Cache, Key};
pub use call::Call;
use call::Request;
pub use gateway_response::{GatewayResponse, GatewayResponses, ResponseType};
pub use identity::{IdentitySource, IdentitySourceError, Place};
pub use response::{ClientAnswer, Refusal};

/// An API in operation, with what it remembers of its authorizer's answers.
#[derive(Clone, Debug)]
pub struct Gateway {
    api: Arc<Api>,
    cache: Cache,
}

/// Where a call stands.
#[derive(Clone, Debug)]
#[must_use = "a call that is not driven to `Done` is not answered"]
pub enum Step {
    /// The authorizer must be invoked.
    Invoke(Invocation),
    /// It is decided.
    Done(Outcome),
}

/// What comes of a call.
#[derive(Clone, Debug)]
#[must_use = "an outcome has to be carried out"]
pub struct Outcome {
    /// Where the call goes.
    pub ending: Ending,
    /// Whether the answer was remembered; `None` where nobody looked.
    pub cache: Option<CacheUse>,
    /// What the access log tells.
    pub log: LogEntry,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// To the backend.
    Forward {
        /// The path below the stage, as it was sent.
        path: String,
        /// Who calls.
        principal: Principal,
        /// What the backend finds in `requestContext.authorizer`.
        authorizer: Value,
    },
    /// Back to the client.
    Answer {
        /// Why.
        refusal: Refusal,
        /// What the client gets.
        answer: ClientAnswer,
    },
}

/// What the cache had to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// An earlier answer was judged anew.
    Hit,
    /// The authorizer was invoked.
    Miss,
}

impl Gateway {
    /// Puts an API into operation, unless API Gateway would refuse it.
    pub fn new(api: Api) -> Result<Self, ApiError> {
        api.check()?;
        Ok(Self { api: Arc::new(api), cache: Cache::default() })
    }

    /// Returns the API.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Takes a call; `request_id` is what it is called from now on.
    pub fn ask(&mut self, call: Call, request_id: &str, now: UnixTime) -> Step {
        let request = Request::new(Arc::clone(&self.api), call, request_id, now);
        if request.stage.is_empty() {
            return Step::Done(request.refused(Refusal::NoRoute, Asked::Nobody));
        }
        if request.method_arn().len() > MethodArn::MAX_BYTES {
            return Step::Done(request.refused(Refusal::MethodArnTooLong, Asked::Nobody));
        }
        let Some(identity) = request.identity() else {
            return Step::Done(request.refused(Refusal::NoIdentity, Asked::Nobody));
        };
        let key = (!self.api.ttl.is_zero()).then(|| Key::of(&request, &identity));
        if let Some(answer) = key.as_ref().and_then(|key| self.cache.find(key, now)) {
            return Step::Done(request.judged(answer, Asked::Cache));
        }
        let event = event::write(&request, &identity);
        Step::Invoke(Invocation { request, key, event })
    }
}

/// Needs what the function answers to [`Invocation::event`].
#[derive(Clone)]
pub struct Invocation {
    request: Request,
    /// `None` if answers are not remembered.
    key: Option<Key>,
    event: String,
}

/// The event holds what the client sent.
impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation").field("request", &self.request).finish_non_exhaustive()
    }
}

/// How a function answers.
#[derive(Clone, PartialEq, Eq)]
pub enum FunctionAnswer {
    /// With JSON.
    Returned(String),
    /// With an error of this text.
    Failed(String),
    /// Not in the time it had.
    TimedOut,
}

/// What a function says may be about credentials.
impl fmt::Debug for FunctionAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Returned(_) => "Returned(..)",
            Self::Failed(_) => "Failed(..)",
            Self::TimedOut => "TimedOut",
        })
    }
}

impl Invocation {
    /// Returns what the function is sent.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The function answered. An answer that is taken is remembered in the gateway that asked, whatever it says;
    /// failures are not.
    pub fn answered(self, gateway: &mut Gateway, answer: &FunctionAnswer, now: UnixTime) -> Outcome {
        let Self { request, key, event: _ } = self;
        let asked = Asked::Function { latency: now.since(request.at), missed: key.is_some() };
        let refusal = match answer {
            FunctionAnswer::Returned(text) => match Answer::read(text, request.api.kind) {
                Ok(answer) => {
                    let outcome = request.judged(&answer, asked);
                    if let Some(key) = key {
                        gateway.cache.keep(key, answer, now.after(request.api.ttl), now);
                    }
                    return outcome;
                }
                Err(malformed) => Refusal::Malformed(malformed),
            },
            // Documented of REST and WebSocket APIs; HTTP APIs are taken to do the same.
            FunctionAnswer::Failed(text) if text == "Unauthorized" => Refusal::Unauthorized,
            FunctionAnswer::Failed(_) => Refusal::Failed,
            FunctionAnswer::TimedOut => Refusal::TimedOut,
        };
        request.refused(refusal, asked)
    }
}

/// Who had a say in an outcome.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Nobody,
    Cache,
    Function { latency: Duration, missed: bool },
}

impl Asked {
    fn cache(self) -> Option<CacheUse> {
        match self {
            Self::Nobody | Self::Function { missed: false, .. } => None,
            Self::Cache => Some(CacheUse::Hit),
            Self::Function { missed: true, .. } => Some(CacheUse::Miss),
        }
    }

    fn latency(self) -> Option<Duration> {
        match self {
            Self::Nobody | Self::Cache => None,
            Self::Function { latency, .. } => Some(latency),
        }
    }
}

impl Request {
    fn judged(&self, answer: &Answer, asked: Asked) -> Outcome {
        let principal = answer.principal.clone();
        match answer.judge(&self.method_arn()) {
            Judgement::Allowed => {
                let log = LogEntry::forwarded(self, &principal, asked.latency());
                let authorizer = principal.for_backend(self.api.kind);
                let ending = Ending::Forward { path: self.path.clone(), principal, authorizer };
                Outcome { ending, cache: asked.cache(), log }
            }
            Judgement::Denied => self.refused(Refusal::Denied(principal), asked),
            Judgement::ExplicitlyDenied => self.refused(Refusal::ExplicitlyDenied(principal), asked),
        }
    }

    fn refused(&self, refusal: Refusal, asked: Asked) -> Outcome {
        let log = LogEntry::refused(self, &refusal, asked.latency());
        let answer = refusal.answer(self);
        Outcome { ending: Ending::Answer { refusal, answer }, cache: asked.cache(), log }
    }
}
