//! What goes together badly is said, with a place in the documentation and a fix that mends it.

use serde_json::{Value, json};

const API_GATEWAY: &str = include_str!("../../docs/api-gateway.md");

/// Returns what is said of settings and an API with nothing in their timeline: codes and fixes.
fn lints(setup: &Value) -> Vec<(String, Value)> {
    let mut scenario = setup.clone();
    scenario["timeline"] = json!([]);
    let result: Value = serde_json::from_str(&wasm::evaluate(&scenario.to_string())).expect("a result is JSON");
    assert_eq!(result["ok"], true, "{result:#}");
    let lints = result["lints"].as_array().expect("there is a list");
    lints.iter().map(|lint| (lint["code"].as_str().unwrap_or_default().to_owned(), lint["fix"].clone())).collect()
}

fn codes(setup: &Value) -> Vec<String> {
    lints(setup).into_iter().map(|(code, _)| code).collect()
}

/// Lays a fix over a scenario, as the page does.
fn mended(setup: &Value, fix: &Value) -> Value {
    let mut mended = setup.clone();
    for (part, members) in fix.as_object().expect("a fix has members") {
        for (name, value) in members.as_object().expect("so has each part") {
            mended[part][name] = value.clone();
        }
    }
    mended
}

fn app_keys(identity_sources: &[&str]) -> Value {
    json!({
        "settings": { "THREESCALE_AUTH_TYPE": "app_id", "CREDENTIAL_SOURCES": "header:app_id/app_key" },
        "api": { "kind": "rest-request", "authorizer_ttl_secs": 300, "identity_sources": identity_sources },
    })
}

#[test]
fn each_has_its_place_and_a_fix_that_mends_it() {
    let rules = r#"[{"http_method": "GET", "pattern": "/", "metric": "hits"}]"#;
    let setups = [
        ("app_key_is_not_checked", app_keys(&["method.request.header.app_id"])),
        (
            "exact_policy_is_replayed",
            json!({ "settings": { "POLICY_SCOPE": "exact" }, "api": { "kind": "rest-token" } }),
        ),
        (
            "mapping_rules_are_bypassed",
            json!({ "settings": { "MAPPING_RULES": rules }, "api": { "kind": "http-1.0" } }),
        ),
        ("calls_are_not_counted", json!({ "settings": {}, "api": { "kind": "rest-request" } })),
    ];
    for (code, mut setup) in setups {
        setup["api"]["authorizer_ttl_secs"] = json!(300);
        let lints = lints(&setup);
        let (_, fix) = lints.iter().find(|(found, _)| found == code).expect(code);
        assert!(!codes(&mended(&setup, fix)).contains(&code.to_owned()), "{code}: {fix}");
        assert!(API_GATEWAY.contains(&format!(r#"<a id="{code}"></a>"#)), "{code} has no place in the documentation");
        setup["api"]["authorizer_ttl_secs"] = json!(0);
        assert_eq!(codes(&setup), [""; 0]);
    }
}

#[test]
fn an_app_key_that_is_an_identity_source_is_checked() {
    let both = ["method.request.header.App_Id", "method.request.header.App_Key"];
    assert_eq!(codes(&app_keys(&both)), ["calls_are_not_counted"]);
    let elsewhere = ["method.request.header.app_id", "method.request.querystring.app_key"];
    assert_eq!(codes(&app_keys(&elsewhere)), ["app_key_is_not_checked", "calls_are_not_counted"]);
}
