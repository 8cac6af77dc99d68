//! The templates of `examples/deploy`: read by the tools that they are for, and held to what they promise.
#![expect(clippy::unwrap_used, reason = "a template that can not be read fails its test")]

mod api;
mod cache;
mod environment;
mod linters;
mod messages;
mod network;
mod permissions;
mod stack;
mod terraform;
mod watch;
mod workbench;
