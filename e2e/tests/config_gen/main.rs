//! What config-gen renders, read by the tools that it is for.
#![expect(clippy::unwrap_used, reason = "a stage that can not be rendered fails its test")]

mod cloudformation;
mod functions;
mod schema;
mod serverless;
mod stage;
mod terraform;
