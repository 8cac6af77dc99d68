//! Both functions over a real Redis, in front of a 3scale stub.
#![expect(clippy::unwrap_used, reason = "a world that can not be made fails its test")]

mod one_caller;
mod one_limit_many_authorizers;
mod world;
