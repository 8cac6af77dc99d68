//! What the tests against real servers share.
//!
//! [`RedisServer`] is a Redis of a test's own, and [`RedisCluster`] are three; [`Probe`] looks into them past the cache,
//! [`Proxy`] is a network that misbehaves, and [`TlsFront`] TLS before a server that has none. [`Topic`] is a topic of a
//! test's own, [`binary`] a function's program, whose [`log_line`]s can be read, and [`packaged`] its package.
//! [`Ministack`] is all of AWS, [`Function`] a function of it, and [`Queue`] a queue. [`tool`] is one that deploys.

mod account;
mod binaries;
mod certificate;
mod deliveries;
mod log_line;
mod ministack;
mod port;
mod probe;
mod proxy;
mod redis_cluster;
mod redis_server;
mod tls_front;
mod tools;
mod topic;

pub use account::Account;
pub use binaries::{binary, floor, local_gateway, packaged};
pub use deliveries::{Record, sns_event, sqs_event};
pub use log_line::log_line;
pub use ministack::{Aws, Function, Ministack, Queue, Received, invocation_uri, mock_integration, zipped};
pub use port::{bound_again, free_port};
pub use probe::Probe;
pub use proxy::{Proxy, ProxyMode};
pub use redis_cluster::{RedisCluster, Step};
pub use redis_server::{RedisConfig, RedisServer};
pub use tls_front::TlsFront;
pub use tools::{config_gen, node_modules, run, tool};
pub use topic::{Publish, Topic};
