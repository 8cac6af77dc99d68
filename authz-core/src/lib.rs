//! Decides whether a credential may call a method of an API, from what 3scale said just now or a moment ago.
//!
//! This crate takes values and returns values. It reads no clock, no variable and no socket: what it needs it **asks**
//! for, as a value, and what should happen it **orders**, as a value. A question must be answered before there is a
//! verdict; an order comes with the verdict, and its failure can no longer change it.
//!
//! ```text
//!   event ──▶ Request ──▶ authorize::begin ──▶ Step ◀─────────┐
//!                                               │             │ the shell looks up, calls, records,
//!                                               ├─ a question ┘ and hands the answer back
//!                                               └─ Done(Verdict) ──▶ policy, and orders: store, publish
//!
//!   Message ──▶ collect::begin ──▶ Step ◀─┐
//!                                   ├─────┘  claim, authorize, store, report, acknowledge
//!                                   └─ Done(Outcome)
//! ```
//!
//! The loop that runs a machine is the same in the Lambda functions, in the simulator and in the tests; here it is with
//! a ledger and an answer of 3scale that are just values:
//!
//! ```
//! use authz_core::authorize::{self, Step};
//! use authz_core::event;
//! use authz_core::ledger::Ledger;
//! use authz_core::settings::Settings;
//! use authz_core::threescale::Reply;
//! use authz_core::time::UnixTime;
//! use authz_core::verdict::{CacheState, Decision};
//!
//! let variables = [("THREESCALE_SERVICE_ID", "2555417700000"), ("THREESCALE_SERVICE_TOKEN", "token")];
//! let settings = Settings::read(&variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into())?;
//! let event = r#"{"type": "TOKEN", "authorizationToken": "demo-key",
//!                 "methodArn": "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings"}"#;
//!
//! let mut ledger = Ledger::default();
//! let mut run = |now: UnixTime| -> Result<_, Box<dyn std::error::Error>> {
//!     let request = event::read(event, &settings.sources, "request-1")?;
//!     let mut step = authorize::begin(&settings, &request, now);
//!     let verdict = loop {
//!         step = match step {
//!             Step::LookUp(question) => {
//!                 let taken = ledger.take(question.take());
//!                 question.found(&taken)
//!             }
//!             Step::Call(question) => {
//!                 let body = "<status><authorized>true</authorized><plan>Basic</plan></status>".to_owned();
//!                 let limit_remaining = Some("-1".to_owned());
//!                 question.replied(&Reply { status: 200, body, limit_remaining, ..Reply::default() }, now)
//!             }
//!             Step::Admit(question) => question.refused(),
//!             Step::Record(question) => {
//!                 let ring = ledger.record(question.record());
//!                 question.recorded(ring)
//!             }
//!             Step::Done(verdict) => break verdict,
//!         }
//!     };
//!     if let Some((_key, store)) = &verdict.orders.store {
//!         ledger.store(store.clone());
//!     }
//!     Ok(verdict)
//! };
//!
//! let first = run(UnixTime::from_secs(1))?;
//! assert_eq!((first.decision, first.cache), (Decision::Allow, CacheState::Miss));
//! let second = run(UnixTime::from_secs(2))?;
//! assert_eq!((second.decision, second.cache), (Decision::Allow, CacheState::Hit));
//! assert!(second.orders.publish.is_some(), "the first use that 3scale does not know rings for a collection");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

pub mod authorize;
pub mod cache;
pub mod collect;
pub mod credential;
pub mod delivery;
pub mod event;
pub mod forget;
pub mod gateway;
pub mod keyring;
pub mod ledger;
pub mod mapping;
pub mod message;
pub mod method_arn;
pub mod policy;
pub mod settings;
pub mod threescale;
pub mod time;
pub mod verdict;
