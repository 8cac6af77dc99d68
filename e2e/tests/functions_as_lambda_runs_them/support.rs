//! What the themes share.

mod account;
mod ask;
mod parameter_store;
mod world;

use std::time::Duration;

use e2e::binary;
use tokio::time::timeout;

pub(crate) use account::{USER_KEY, account, user_key};
pub(crate) use ask::{ask, request_event, token_event};
pub(crate) use parameter_store::ParameterStore;
pub(crate) use world::{Ledger, SERVICE_TOKEN, World, assert_nothing_leaked};

/// Runs a test with a time limit that only a standstill exceeds. Building the programs does not count.
pub(crate) async fn in_time(test: impl Future<Output = ()>) {
    binary("authorizer");
    timeout(Duration::from_secs(60), test).await.expect("a test that comes to its end");
}
