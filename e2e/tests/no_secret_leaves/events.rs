//! What API Gateway sends, with a marked credential wherever it may be.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::marks::{MALFORMED_KEY, STRAY};

/// A REST API's TOKEN event.
pub(crate) fn token(user_key: &str) -> String {
    json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": METHOD_ARN }).to_string()
}

/// A REST API's REQUEST event, with these headers and parameters of the query.
pub(crate) fn request(headers: &Value, query: &Value) -> String {
    json!({
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "path": "/greetings",
        "httpMethod": "GET",
        "headers": headers,
        "queryStringParameters": query,
        "requestContext": { "stage": "dev", "identity": { "apiKey": STRAY, "userAgent": STRAY } },
    })
    .to_string()
}

/// The events of the examples.
pub(crate) fn examples(user_key: &str) -> Vec<String> {
    let within = |text: &str| json!(text).to_string().trim_matches('"').to_owned();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/events");
    let texts = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    texts
        .map(|text| text.replace("demo-key", &within(user_key)).replace(r"demo\u007fkey", &within(MALFORMED_KEY)))
        .collect()
}

/// A user key in each other place that [`SOURCES`] names, and in some that they do not.
pub(crate) fn elsewhere(user_key: &str) -> Vec<String> {
    let none = json!({});
    vec![
        request(&none, &json!({ "user_key": user_key })),
        request(&json!({ "Authorization": format!("Bearer {user_key}") }), &none),
        request(&basic(&format!("{user_key}:")), &none),
        request(&basic(&format!(":{user_key}")), &none),
        request(&json!({ "apikey": user_key, "Cookie": STRAY, "Referer": format!("https://{STRAY}/") }), &none),
        request(&json!({ "cookie": user_key, "x-api-key": user_key }), &json!({ "other": user_key })),
    ]
}

pub(crate) const SOURCES: &str = "header:apikey,query:user_key,bearer,basic";

/// The header of Basic authentication.
pub(crate) fn basic(pair: &str) -> Value {
    json!({ "authorization": format!("Basic {}", STANDARD.encode(pair)) })
}

/// What is no event, or has no credential that is one.
pub(crate) fn malformed() -> Vec<String> {
    let stray = json!({ "apikey": STRAY });
    vec![
        json!({ "type": STRAY, "methodArn": METHOD_ARN, "headers": stray }).to_string(),
        json!({ "type": "REQUEST", "methodArn": STRAY, "headers": stray }).to_string(),
        json!({ "type": "TOKEN", "authorizationToken": { "key": STRAY }, "methodArn": METHOD_ARN }).to_string(),
        json!({ "type": "TOKEN", "authorizationToken": MALFORMED_KEY, "methodArn": METHOD_ARN }).to_string(),
        json!({ "type": "TOKEN", "authorizationToken": STRAY.repeat(20), "methodArn": METHOD_ARN }).to_string(),
        json!({ "type": "REQUEST", "methodArn": METHOD_ARN, "headers": STRAY }).to_string(),
        json!({ "type": "REQUEST", "methodArn": METHOD_ARN, "headers": { "apikey": [STRAY] } }).to_string(),
        json!({ "version": STRAY, "routeArn": METHOD_ARN, "identitySource": STRAY }).to_string(),
        json!({ STRAY: STRAY }).to_string(),
        json!([STRAY]).to_string(),
        json!(STRAY).to_string(),
        request(&json!({ "authorization": format!("Basic {STRAY}") }), &json!({})),
        request(&json!({ "authorization": format!("Bearer {MALFORMED_KEY}") }), &json!({})),
    ]
}

/// What an operator asks of `authrep-async`.
pub(crate) fn forgetting(user_key: &str, app_key: &str) -> Vec<String> {
    [
        json!({ "user_key": user_key }),
        json!({ "user_key": user_key, "service_id": STRAY }),
        json!({ "app_id": "gold", "app_key": app_key }),
        json!({ "credential": user_key }),
        json!({ "user_key": MALFORMED_KEY }),
        json!({ "user_key": [user_key] }),
        json!({ user_key: STRAY }),
        json!(user_key),
    ]
    .map(|forgotten| json!({ "forget": forgotten }).to_string())
    .into()
}

const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
