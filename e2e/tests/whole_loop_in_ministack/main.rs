//! The whole loop as it is deployed: API Gateway, both Lambda functions, SNS and SQS, Redis and 3scale.
//!
//! ```text
//!  client -> API Gateway -> authorizer ──> Redis, 3scale
//!                               └ SNS ──> (SQS) ──> authrep-async ──> Redis, 3scale
//!                                  └────> witness: a queue of the test's, with a copy of every message
//! ```
#![expect(clippy::unwrap_used, reason = "a cloud that can't be set up fails its test")]

mod account;
mod api;
mod calls;
mod cloud;
mod collector;
mod gateway_answers;
mod gateway_responses;
mod http_apis;
mod mapping_rules;
mod secrets;
mod services_map;
mod uses_are_told_by_a_queue;
mod uses_are_told_by_a_topic;
mod web_sockets;
mod what_policies_cover;

use std::time::{Duration, Instant};

/// Looks again and again until it is there.
async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);
