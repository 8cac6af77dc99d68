//! What the simulator shows, in a browser and in a terminal: both print members of one result.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::evidence::Evidence;
use crate::marks::{
    APP_KEY, CREDENTIAL_SECRET, FOREIGN_TEXT, MALFORMED_KEY, SERVICE_TOKEN, UNKNOWN_KEY, USER_KEY, WRONG_APP_KEY,
};
use crate::search::found;

#[test]
fn of_every_example_with_marked_credentials() {
    let (mut evidence, mut marked) = (Evidence::default(), 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut scenario: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        mark(&mut scenario);
        let text = scenario.to_string();
        marked += usize::from(found(text.as_bytes()).len() > 2);
        let result: Value = serde_json::from_str(&wasm::evaluate(&text)).unwrap();
        assert_eq!(result["ok"], true, "{}", path.display());
        evidence.add("results", result.to_string());
    }
    assert!(marked > 15, "scenarios have marked credentials beside settings: {marked}");
    evidence.is_clean(&["results"]);
}

/// Puts a marked credential wherever a scenario has one, and a foreign text wherever 3scale speaks.
fn mark(scenario: &mut Value) {
    let settings = scenario.as_object_mut().unwrap().entry("settings").or_insert(json!({}));
    settings["CREDENTIAL_SECRET"] = json!(CREDENTIAL_SECRET);
    if settings.get("SERVICES_MAP").is_none() {
        settings["THREESCALE_SERVICE_TOKEN"] = json!(SERVICE_TOKEN);
    }
    for moment in scenario["timeline"].as_array_mut().unwrap() {
        let headers = moment.pointer_mut("/call/headers").and_then(Value::as_object_mut).into_iter().flatten();
        // An app id is no secret: 3scale shows it everywhere.
        for (_, value) in headers.filter(|(name, _)| *name != "app_id") {
            *value = json!(marked(value.as_str().unwrap()));
        }
        for said in ["/threescale/body", "/collect/report/body"] {
            if let Some(Value::String(body)) = moment.pointer_mut(said) {
                let repeated = USER_KEY.replace('&', "&amp;").replace('<', "&lt;");
                *body = body.replace("demo-key", &repeated).replace("</error>", &format!("{FOREIGN_TEXT}</error>"));
            }
        }
    }
}

fn marked(header: &str) -> String {
    match header {
        "" => String::new(),
        "demo-key" => USER_KEY.to_owned(),
        "right" => APP_KEY.to_owned(),
        "wrong" => WRONG_APP_KEY.to_owned(),
        "Basic Z29sZDpyaWdodA==" => format!("Basic {}", STANDARD.encode(format!("gold:{APP_KEY}"))),
        "Basic Z29sZDp3cm9uZw==" => format!("Basic {}", STANDARD.encode(format!("gold:{WRONG_APP_KEY}"))),
        other => format!("{UNKNOWN_KEY}{other}"),
    }
}

#[test]
fn of_credentials_with_a_mistake() {
    let key = MALFORMED_KEY;
    let call = |path: &str, headers: Value| json!({ "call": { "path": path, "headers": headers } });
    let token = json!({ "type": "TOKEN", "authorizationToken": key, "methodArn": "arn:aws:execute-api:a:1:b/c/GET/" });
    let mut evidence = Evidence::default();
    for (sources, kind, moment) in [
        ("header:apikey", "rest-request", call("/dev/a", json!({ "ApiKey": key }))),
        ("header:app_id/app_key", "rest-request", call("/dev/a", json!({ "app_id": "gold", "app_key": UNKNOWN_KEY }))),
        ("query:user_key", "http-2.0", call(&format!("/a?user_key={}", key.replace('\u{7f}', "%7F")), json!({}))),
        ("header:authorization:Bearer", "http-2.0", call("/a", json!({ "authorization": format!("Bearer {key}") }))),
        ("basic", "rest-token", call("/dev/a", json!({ "authorization": format!("Basic {key}") }))),
        ("header:apikey", "rest-token", json!({ "event": token })),
    ] {
        let mode = if sources.contains('/') { "app_id" } else { "user_key" };
        let settings = json!({ "THREESCALE_AUTH_TYPE": mode, "CREDENTIAL_SOURCES": sources });
        let mut moment = moment;
        moment["at"] = json!(0);
        let scenario = json!({ "settings": settings, "api": { "kind": kind }, "timeline": [moment] });
        let result: Value = serde_json::from_str(&wasm::evaluate(&scenario.to_string())).unwrap();
        assert_eq!(result["ok"], true, "{sources}: {result:#}");
        assert!(result["moments"][0]["event"].to_string().contains("<key:"), "{sources}: {result:#}");
        evidence.add("results", result.to_string());
    }
    evidence.is_clean(&["results"]);
}

#[test]
fn of_scenarios_that_are_none() {
    let call = json!({ "call": { "path": "/dev/a", "headers": { "apikey": USER_KEY } } });
    let mut evidence = Evidence::default();
    for scenario in [
        json!({ "settings": { "THREESCALE_SERVICE_TOKEN": SERVICE_TOKEN, "FAIL_MOED": "open" }, "timeline": [call] }),
        json!({ "settings": { "CREDENTIAL_SECRET": CREDENTIAL_SECRET, "FAIL_MODE": "ajar" }, "timeline": [call] }),
        json!({ "settings": { "SERVICES_MAP": [{ "service_token": SERVICE_TOKEN }] }, "timeline": [call] }),
        json!({ "timeline": [{ "call": { "path": "/dev/a", "headers": { "apikey": [USER_KEY] } } }] }),
        json!({ "timeline": [{ "call": { "path": "/dev/a", "headers": [USER_KEY] } }] }),
        json!({ "timeline": [{ "call": USER_KEY }] }),
        json!({ "timeline": [{ "call": { "path": "/dev/a" }, "threescale": { "body": [UNKNOWN_KEY] } }] }),
    ] {
        let whole = scenario.to_string();
        for text in [&whole[..], &whole[..whole.len() - 3]] {
            let result: Value = serde_json::from_str(&wasm::evaluate(text)).unwrap();
            assert_eq!(result["ok"], false, "{text}");
            evidence.add("problems", result.to_string());
        }
    }
    evidence.is_clean(&["problems"]);
}
