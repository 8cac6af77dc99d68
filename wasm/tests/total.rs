//! Whatever comes in, an answer goes out.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

/// A few scenarios that together have every member.
fn scenarios() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("the scenario is there");
    ["mapping-rules.json", "limit-is-met.json", "report-without-an-answer.json", "exact-policy-is-replayed.json"]
        .map(read)
        .into()
}

/// Characters exchanged, and tokens put in place of others.
fn damaged() -> impl Strategy<Value = String> {
    let token =
        select(vec!["-1", "1e300", "18446744073709551615", "null", "{}", "[]", "\"\"", "\"\u{0}\"", "}", ",", "9"]);
    let change = (any::<Index>(), 0..20_usize, token);
    (select(scenarios()), vec(change, 1..5)).prop_map(|(mut text, changes)| {
        for (index, length, token) in changes {
            let mut at = index.index(text.len().max(1)).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let mut end = (at + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(at..end, token);
        }
        text
    })
}

/// A number in the place of another one: such a scenario is mostly still one.
fn renumbered() -> impl Strategy<Value = String> {
    let number = select(vec!["0", "-0.0", "0.0005", "31536000", "31536001", "1e18", "18446744073709551615", "5e-324"]);
    (select(scenarios()), any::<Index>(), number).prop_map(|(text, index, number)| {
        let places: Vec<_> = text.match_indices("\"at\": ").map(|(at, found)| at + found.len()).collect();
        let at = places[index.index(places.len())];
        let end = text[at..].find([',', '\n']).map_or(text.len(), |length| at + length);
        format!("{}{number}{}", &text[..at], &text[end..])
    })
}

fn is_answered(scenario: &str) {
    let result: Value = serde_json::from_str(&wasm::evaluate(scenario)).expect("a result is JSON");
    let is_ok = result["ok"].as_bool().expect("it says whether it is a scenario");
    let problems = result["problems"].as_array().map_or(0, Vec::len);
    assert_eq!(is_ok, problems == 0, "{result}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_scenario_is_answered(scenario in prop_oneof![damaged(), renumbered(), any::<String>()]) {
        is_answered(&scenario);
    }
}

#[test]
fn the_ends_of_time_are_answered() {
    for begins in ["0", "18446744073709551615", "18446744073709551", "-1"] {
        for at in ["0", "31536000", "1e300"] {
            is_answered(&format!(
                r#"{{ "begins": {begins}, "timeline": [
                    {{ "call": {{ "path": "/dev/a", "headers": {{ "apikey": "k" }} }}, "threescale": {{ "after_ms": 18446744073709551615 }} }},
                    {{ "at": {at}, "call": {{ "path": "/dev/a", "headers": {{ "apikey": "k" }} }} }},
                    {{ "at": {at}, "collect": {{}} }}
                ] }}"#
            ));
        }
    }
}
