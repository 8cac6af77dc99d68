//! Scenarios of the simulator, as text.

use serde_json::Value;

/// Evaluates any text.
///
/// There is always an answer, and twice the same. A scenario that is none has problems, and one that is one has a moment
/// for each of its own, in which what is shown agrees.
pub fn check(input: &[u8]) -> bool {
    let scenario = String::from_utf8_lossy(input);
    let text = wasm::evaluate(&scenario);
    assert_eq!(text, wasm::evaluate(&scenario), "the same scenario goes the same way");
    let result: Value = serde_json::from_str(&text).expect("a result is JSON");
    let is_ok = result["ok"].as_bool().expect("it says whether it is a scenario");
    let problems = result["problems"].as_array().map_or(0, Vec::len);
    assert_eq!(is_ok, problems == 0, "{text}");
    let moments = result["moments"].as_array().expect("there is a list of moments");
    if is_ok {
        let scenario: Value = serde_json::from_str(&scenario).expect("a scenario is JSON");
        assert_eq!(scenario["timeline"].as_array().map(Vec::len), Some(moments.len()));
        moments.iter().for_each(agrees);
    }
    is_ok
}

/// Asserts that what is shown of a moment does not contradict itself.
pub(crate) fn agrees(moment: &Value) {
    let outcome = moment["outcome"].as_str().expect("a moment has an outcome");
    if moment["client"].is_object() || moment["backend"].is_object() {
        let status = moment["client"]["status"].as_u64().unwrap_or(200);
        assert!(outcome.starts_with(&status.to_string()), "{moment:#}");
        assert_eq!(moment["backend"].is_object(), status == 200, "{moment:#}");
    }
    if let Some(answer) = moment.get("answer") {
        assert!(!answer.to_string().contains("null"), "API Gateway answers 500 to a null: {answer}");
    }
    for ledger in moment["ledgers"].as_array().into_iter().flatten() {
        assert!(ledger["told"].as_u64() <= ledger["uses"].as_u64(), "{ledger}");
    }
}
