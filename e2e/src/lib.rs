//! What the tests against real servers share.
//!
//! [`RedisServer`] is a Redis of a test's own; [`Probe`] looks into it past the cache. [`Topic`] is a topic of a test's
//! own, and [`binary`] a function's program. [`Ministack`] is all of AWS.

mod binaries;
mod ministack;
mod port;
mod probe;
mod redis_server;
mod topic;

pub use binaries::binary;
pub use ministack::{Aws, Ministack};
pub use port::bound_again;
pub use probe::Probe;
pub use redis_server::{RedisConfig, RedisServer};
pub use topic::{Publish, Topic};
