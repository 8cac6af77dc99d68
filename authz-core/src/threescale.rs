//! 3scale's Service Management API as values: what is asked of it, and what its answers mean.

mod call;
mod reply;
mod service;
mod usage;
mod xml;

pub use call::{Method, ServiceCall, Transaction};
pub use reply::{Answer, Failure, Fault, Limit, Reply};
pub use service::{Access, Service, ServiceId};
pub use usage::{Usage, UsageError};
