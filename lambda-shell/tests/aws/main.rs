//! Publishing and secrets, in front of a stand-in for AWS.
#![expect(clippy::unwrap_used, reason = "a stand-in that can not be made fails its test")]

mod fake_aws;
mod messages_reach_the_topic;
mod publishing_ends_in_time;
mod secrets_replace_references;
mod signature;
mod unresolved_secrets_are_told;
