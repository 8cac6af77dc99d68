//! What must hold whatever comes in: one check for each way in.
//!
//! A check takes any bytes and panics where something does not hold that has to. The fuzzer feeds it what it makes up,
//! and `cargo test` what was found worth keeping, under `corpus/`:
//!
//! ```sh
//! CARGO_PROFILE_RELEASE_LTO=off cargo +nightly fuzz run --features libfuzzer event -- -max_total_time=600
//! ```
//!
//! | target | an input is |
//! |---|---|
//! | [`event`] | what API Gateway sends to the authorizer |
//! | [`reply`] | an answer of 3scale: status, headers, body |
//! | [`entry`] | what a ledger in Redis says, damaged or not |
//! | [`message`] | what a topic or a queue brings |
//! | [`mapping_rules`] | a call, and the rules it meets |
//! | [`settings`] | the variables of a function |
//! | [`evaluate`] | a scenario of the simulator, as text |
//! | [`timeline`] | a scenario of the simulator that is one, from bytes |
//!
//! Secrets in inputs begin with [`CANARY`], so that they are known wherever they come out.

#![expect(clippy::missing_panics_doc, reason = "a check panics if it found something")]

pub mod entry;
pub mod evaluate;
pub mod event;
mod judged;
pub mod mapping_rules;
pub mod message;
pub mod reply;
pub mod settings;
pub mod timeline;

/// How every secret of an input begins.
pub const CANARY: &str = "CANARY-";

/// A check, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its binary and of its corpus.
    pub name: &'static str,
    /// Checks an input. Returns whether it was understood, so that a corpus which no longer is can be told.
    pub check: fn(&[u8]) -> bool,
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target { name: "entry", check: entry::check },
    Target { name: "evaluate", check: evaluate::check },
    Target { name: "event", check: event::check },
    Target { name: "mapping_rules", check: mapping_rules::check },
    Target { name: "message", check: message::check },
    Target { name: "reply", check: reply::check },
    Target { name: "settings", check: settings::check },
    Target { name: "timeline", check: timeline::check },
];

/// Asserts that a text shows no secret.
fn keeps_secrets(text: &str) {
    assert!(!text.contains(CANARY), "a secret is shown: {text}");
}
