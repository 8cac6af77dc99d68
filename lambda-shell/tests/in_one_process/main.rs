//! Both functions in one process, in front of a 3scale stub.
#![expect(clippy::unwrap_used, reason = "a world that can not be made fails its test")]

mod bad_events_get_an_answer;
mod batches;
mod credentials;
mod faults_of_3scale;
mod metrics;
mod services_and_mapping_rules;
mod world;
