//! Every scenario of `examples/scenarios` goes as it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn scenarios() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let entries = fs::read_dir(folder).expect("the scenarios are there");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a scenario can be read");
        (path, text)
    };
    let mut scenarios: Vec<_> = paths.map(read).collect();
    scenarios.sort();
    scenarios
}

#[test]
fn every_scenario_goes_as_it_says() {
    let (mut titles, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    for (path, text) in scenarios() {
        let scenario: Value = serde_json::from_str(&text).expect("a scenario is JSON");
        assert!(titles.insert(scenario["title"].as_str().map(str::to_owned)), "{}: a title of its own", path.display());
        let result: Value = serde_json::from_str(&wasm::evaluate(&text)).expect("a result is JSON");
        assert_eq!(result["ok"], true, "{}: {:#}", path.display(), result["problems"]);
        for moment in result["moments"].as_array().expect("there are moments") {
            assert_eq!(moment["expected"], true, "{}: {moment:#}", path.display());
            reasons.extend(moment["answer"]["context"]["reason"].as_str().map(str::to_owned));
        }
    }
    assert!(titles.len() >= 15, "{titles:?}");
    assert!(reasons.len() >= 10, "{reasons:?}");
}

#[test]
fn every_scenario_is_one_of_the_examples() {
    let examples: Vec<Value> = serde_json::from_str(&wasm::examples()).expect("they are JSON");
    let names: Vec<_> = examples.iter().filter_map(|example| example["name"].as_str()).collect();
    let scenarios = scenarios();
    let files: Vec<_> = scenarios.iter().filter_map(|(path, _)| path.file_stem()?.to_str()).collect();
    assert_eq!(names, files);
    let first: Value = serde_json::from_str(&scenarios[0].1).expect("a scenario is JSON");
    assert_eq!(examples[0]["scenario"], first);
}

#[test]
fn a_scenario_that_goes_otherwise_is_noticed() {
    let scenario = r#"{ "timeline": [
        { "call": { "path": "/dev/a", "headers": { "apikey": "k" } }, "expect": "403" },
        { "call": { "path": "/dev/a", "headers": { "apikey": "k" } } }
    ] }"#;
    let result: Value = serde_json::from_str(&wasm::evaluate(scenario)).expect("a result is JSON");
    assert_eq!(result["moments"][0]["expected"], false);
    assert!(result["moments"][1].get("expected").is_none(), "nothing was expected");
}

#[test]
fn no_result_shows_a_key() {
    for (path, text) in scenarios() {
        let result = wasm::evaluate(&text.replace("demo-key", "CANARY-KEY").replace("another-key", "CANARY-OTHER"));
        assert!(!result.contains("CANARY"), "{}", path.display());
    }
}

#[test]
fn a_key_in_a_path_is_not_shown_either() {
    let scenario = r#"{ "settings": { "MAPPING_RULES": [{ "http_method": "POST", "pattern": "/a$", "metric": "hits" }] },
        "timeline": [{ "call": { "path": "/dev/a/CANARY-KEY?k=CANARY-KEY", "headers": { "apikey": "CANARY-KEY" } } }] }"#;
    let result = wasm::evaluate(scenario);
    assert!(result.contains("no_mapping_rule") && !result.contains("CANARY"), "{result}");
}

#[test]
fn a_key_is_not_shown_where_nobody_is_asked_about_it() {
    let scenario = r#"{ "settings": { "CREDENTIAL_SOURCES": "query:user_key" },
        "timeline": [{ "call": { "path": "/?user_key=CANARY%2DKEY" } }] }"#;
    let result = wasm::evaluate(scenario);
    assert!(result.contains("the authorizer was not asked") && !result.contains("CANARY"), "{result}");
}
