//! The gateway keeps the rules that AWS documents: a test for each rule, named as the rule, with the page that says so.
//!
//! The pages are those of the API Gateway developer guide; where they are silent, the test says what was chosen. Other
//! emulators break some of these rules: their tests say which.
#![expect(clippy::unwrap_used, reason = "a gateway that can not be put into operation fails its test")]

#[path = "gateway_conformance/answers.rs"]
mod answers;
#[path = "gateway_conformance/caching.rs"]
mod caching;
#[path = "gateway_conformance/configuration.rs"]
mod configuration;
#[path = "gateway_conformance/events.rs"]
mod events;
#[path = "gateway_conformance/identity.rs"]
mod identity;
#[path = "gateway_conformance/logging.rs"]
mod logging;
#[path = "gateway_conformance/matching.rs"]
mod matching;
#[path = "gateway_conformance/responses.rs"]
mod responses;
#[path = "gateway_conformance/surprises.rs"]
mod surprises;
#[path = "gateway_conformance/world.rs"]
mod world;
