//! The program as it is run: its output, its exit codes, and the schema it prints.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn simulate(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it has an input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_scenario_is_told_step_by_step() {
    let output = simulate(&["scenarios/first-and-cached-call.json"], "");
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output);
    for line in ["10:30:15.000  GET /dev/greetings", "3scale is asked: GET /transactions/authrep.xml?", "  ok told 3"] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn the_raw_result_is_json() {
    let output = simulate(&["--json"], r#"{ "timeline": [] }"#);
    assert_eq!(output.status.code(), Some(0));
    let expected = format!("{{\"ok\":true,\"version\":\"{}\",\"moments\":[],\"lints\":[]}}\n", wasm::version());
    assert_eq!(text(&output), expected);
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let unexpected = r#"{ "timeline": [{ "call": { "path": "/dev/a" }, "expect": "200" }] }"#;
    let output = simulate(&[], unexpected);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("NOT EXPECTED 401"), "{}", text(&output));
    let output = simulate(&[], "{\n]");
    assert_eq!((output.status.code(), text(&output).starts_with("2:1: ")), (Some(2), true), "{}", text(&output));
    let output = simulate(&["no/such/file.json"], "");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("no/such/file.json can't be read"));
}

/// With `UPDATE_SCENARIO_SCHEMA=1` the file is written anew; build once more for the program to know it.
#[test]
fn the_schema_beside_the_scenarios_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenario.schema.json");
    let schema = schemars::schema_for!(wasm::scenario::Scenario);
    let schema = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCENARIO_SCHEMA").is_some() {
        fs::write(&path, &schema).expect("it can be written");
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), schema, "run this test with UPDATE_SCENARIO_SCHEMA=1");
}

#[test]
fn the_program_prints_the_schema() {
    let printed = text(&simulate(&["--schema"], ""));
    assert_eq!(printed, wasm::schema());
    assert!(printed.contains("\"timeline\""), "{printed}");
}
