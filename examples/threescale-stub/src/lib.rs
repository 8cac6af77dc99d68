//! 3scale's Service Management API in memory, for tests and demonstrations.
//!
//! [`Backend`] is a value: it takes a [`Request`] and the time, and gives the [`Response`] the 3scale backend
//! (apisonator 3.4.3) gives, down to what it escapes and what it does not. [`Server`] puts it behind a socket and can
//! misbehave on purpose ([`Fault`]).
//!
//! ```text
//!  Request, now_ms -> Backend::answer -> Response
//!                        | accepted authreps and reports
//!                        v  `lag` later
//!                     counters, per application, metric and calendar period in UTC
//! ```
//!
//! ```
//! use threescale_stub::{Application, Backend, Period, Plan, Request, Service, ServiceKind};
//!
//! let gold = Plan::new("Gold").limit("hits", Period::Minute, 1);
//! let mut backend = Backend::new("provider-key").with_service(
//!     Service::new("100", "token", ServiceKind::UserKey)
//!         .with_metric("hits")
//!         .with_application(Application::by_user_key("alice", &gold)),
//! );
//! let call = Request::get(
//!     "/transactions/authrep.xml",
//!     "service_token=token&service_id=100&user_key=alice&usage%5Bhits%5D=1",
//! );
//! assert_eq!(backend.answer(&call, 0).status, 200);
//! assert_eq!(backend.answer(&call, 1_000).status, 409);
//! assert_eq!(backend.answer(&call, 60_000).status, 200);
//! assert_eq!(backend.counted()["alice"]["hits"], 2);
//! ```
//!
//! # Does not do
//!
//! - More than one provider account; the first service is the provider's default service.
//! - The internal API, alerts, statistics by response code (`log[code]` is accepted and dropped), expiry of counters.
//! - `multipart/form-data`: accepted as a content type, but read as a form without parameters.
//! - The plain-text answers of the web framework to conflicting parameter shapes other than a list used as a map
//!   (`usage[a]=1&usage[]=1`): all of them are answered `bad_request`.
//! - Dates in any form Ruby understands: a transaction's time stamp is read as Unix seconds or as
//!   `YYYY-MM-DD[ HH:MM[:SS]][ offset]`; anything else counts as "now", as an unreadable date does in 3scale.
//! - Retries of failed jobs: an amount too large for a counter voids its batch.
//! - Usage amounts beyond 64 bits are taken as the largest 64-bit number.

mod account;
mod authorize;
mod backend;
mod calendar;
mod clock;
mod counters;
mod demo;
mod fault;
mod http;
mod limits;
mod params;
mod refusal;
mod report;
mod server;
mod socket;
mod usage;
mod xml;

pub use account::{Application, Plan, Service, ServiceKind};
pub use backend::{Backend, Unknown};
pub use calendar::Period;
pub use clock::Clock;
pub use demo::{
    DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, DEMO_SUSPENDED_USER_KEY, DEMO_TRIAL_USER_KEY, DEMO_USER_KEY, demo,
};
pub use fault::Fault;
pub use http::{Endpoint, Request, Response};
pub use report::Voided;
pub use server::{Served, Server};
