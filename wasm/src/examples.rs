//! The scenarios that everybody gets.

use std::fmt::Write as _;

/// Bundles scenarios: their names and their texts.
macro_rules! bundled {
    ($($name:literal,)+) => {
        &[$(($name, include_str!(concat!("../../examples/scenarios/", $name, ".json")))),+]
    };
}

const ALL: &[(&str, &str)] = bundled![
    "answer-that-is-not-3scales",
    "app-id-and-key",
    "app-key-is-not-checked",
    "cache-down",
    "deleted-application",
    "exact-policy-is-replayed",
    "first-and-cached-call",
    "http-api",
    "last-call-of-a-period",
    "limit-is-met",
    "malformed-key",
    "mapping-rules",
    "method-that-no-policy-can-name",
    "missing-key",
    "replayed-calls-are-not-counted",
    "report-without-an-answer",
    "several-services",
    "stale-grant",
    "suspended-application",
    "threescale-down-closed",
    "threescale-down-open",
    "unknown-key",
    "web-socket",
    "without-a-cache",
    "wrong-service-token",
];

/// Returns the examples as a JSON list of `name` and `scenario`.
pub fn examples() -> String {
    let mut list = String::new();
    for (index, (name, scenario)) in ALL.iter().enumerate() {
        // Writing into a text does not fail.
        let _ = write!(list, r#"{}{{"name":"{name}","scenario":{scenario}}}"#, if index == 0 { '[' } else { ',' });
    }
    list.push(']');
    list
}
