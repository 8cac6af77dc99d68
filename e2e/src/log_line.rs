//! What an operator reads, held to its schema.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../docs/log.schema.json")).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is one")
});

/// Reads a line of the functions' log, and fails if it is not as the published schema says.
///
/// # Panics
///
/// If it is no JSON, or other JSON.
pub fn log_line(line: &str) -> Value {
    let read: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    if let Err(error) = SCHEMA.validate(&read) {
        panic!("{error}: {line}");
    }
    read
}
