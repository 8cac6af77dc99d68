//! Both programs, run as Lambda runs them, in front of a Redis, a topic and a 3scale stub.
#![expect(clippy::unwrap_used, reason = "a world that can not be made fails its test")]

mod events_get_their_answer;
mod faults_of_3scale;
mod faults_of_redis;
mod frozen_between_events;
mod publishing_delays_nobody;
mod revoking;
mod starting;
mod support;
mod uses_reach_3scale;
mod what_is_logged;
