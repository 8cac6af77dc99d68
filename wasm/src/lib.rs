//! The policy simulator: the functions' own code in a world of values.
//!
//! [`evaluate`] takes a scenario as JSON and returns what happens in it, as JSON. It runs the machines, the ledger and the
//! gateway that the Lambda functions and the local gateway run; only clock, cache, 3scale and API Gateway are simulated. It
//! is total: whatever comes in, an answer goes out.
//!
//! ```
//! let scenario = r#"{ "timeline": [
//!     { "call": { "path": "/dev/greetings", "headers": { "apikey": "demo-key" } } },
//!     { "at": 1, "call": { "path": "/dev/greetings", "headers": { "apikey": "demo-key" } } }
//! ] }"#;
//! let result: serde_json::Value = serde_json::from_str(&wasm::evaluate(scenario))?;
//! assert_eq!(result["moments"][0]["outcome"], "200 allow granted miss");
//! assert_eq!(result["moments"][1]["outcome"], "200 allow granted hit");
//! # Ok::<(), serde_json::Error>(())
//! ```

#[cfg(target_arch = "wasm32")]
pub mod bindings;
mod evaluation;
mod examples;
mod lint;
mod problem;
mod redaction;
pub mod scenario;
mod view;
mod world;

pub use evaluation::evaluate;
pub use examples::examples;

/// Returns the version of this build.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Returns the JSON Schema of a [`Scenario`](scenario::Scenario).
pub fn schema() -> &'static str {
    include_str!("../../examples/scenario.schema.json")
}
