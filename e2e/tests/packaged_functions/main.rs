//! The very zips that are deployed, wired as they are deployed.
//!
//! ```text
//!  client -> API Gateway -> authorizer.zip ──> Redis, 3scale
//!                               └ SNS ── raw ──> SQS ──> authrep-async.zip ──> Redis, 3scale
//!                                                 └────> dead letters
//! ```
#![expect(clippy::unwrap_used, reason = "a cloud that can't be set up fails its test")]

mod calls_reach_3scale;
mod cloud;
mod contents;
