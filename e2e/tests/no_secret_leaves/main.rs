//! No secret is shown anywhere but where it has to be.
//!
//! Every secret has a mark of its own. The tests run what there is, collect all that is written, and search it for each
//! mark in every form and in part. Where a secret must be is left out, or looked at apart:
//!
//! | place | what may be there | why |
//! |---|---|---|
//! | requests to 3scale | credentials, the token or provider key | it judges them; without them nothing was tested |
//! | `AUTH` to Redis, and Redis' own configuration | `ELASTICACHE_AUTH_TOKEN` | a password is shown to whom it opens |
//! | the headers of a request to AWS | the session token | as AWS wants it signed |
//! | what is wrong with mapping rules | the rules | they are no secret |
//! | results of the simulator | what was sent as a key and can't be one | who wrote the scenario reads them |
#![expect(clippy::unwrap_used, reason = "a world that can not be made fails its test")]

mod debug_forms;
mod events;
mod evidence;
mod functions;
mod local_gateway;
mod marks;
mod scenarios;
mod search;
mod stages;
mod starting;
mod threescale;
mod types;
mod world;

use std::time::Duration;

use e2e::binary;
use tokio::time::timeout;

/// Runs a test with a time limit that only a standstill exceeds. Building the programs does not count.
async fn in_time(test: impl Future<Output = ()>) {
    binary("authorizer");
    timeout(Duration::from_secs(240), test).await.expect("a test that comes to its end");
}
