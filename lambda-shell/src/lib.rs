//! Carries out what `authz-core` asks and orders, and decides nothing.
//!
//! - [`Authorizer`] runs the machine of one question of API Gateway.
//! - [`Collector`] runs the machine of one message: uses that 3scale does not know yet are told.
//! - [`Cache`], [`Threescale`] and the [`Outbox`] are what they act on; [`Clock`] is the only clock.
//!
//! The Lambda functions, the local gateway and the tests put the same parts together.

mod authorizer;
mod aws;
mod breaker;
mod cache;
mod clock;
mod collector;
mod courier;
mod files;
mod http;
pub mod lambda;
mod outbox;
mod telemetry;
mod threescale;

pub use authorizer::{Answer, Authorizer, Refusal};
pub use aws::{
    AwsRefusal, Environment, PublishError, SecretFailure, SecretsError, Sns, Unresolved, refers_to_secrets,
    resolve_secrets,
};
pub use cache::{Cache, CacheError, MemoryCache, RedisCache};
pub use clock::Clock;
pub use collector::{Collector, NoAnswer};
pub use courier::Courier;
pub use files::read_files;
pub use http::{HttpError, http_client, tls};
pub use outbox::{Inbox, NobodyDelivers, Outbox};
#[cfg(feature = "schema")]
pub use telemetry::log_schema;
pub use telemetry::{Invocation, Log, Metric, Unit};
pub use threescale::Threescale;
