//! What AWS does not have: 3scale can be made to fail, its applications to change, and time to pass.
#![expect(clippy::unwrap_used, reason = "a gateway that can not be started fails its test")]

mod support;

use std::time::Duration;

use local_gateway::{ApiConfig, Config, Kind};
use serde_json::{Value, json};

use support::{Running, body, start_with, summary};

async fn start() -> Running {
    start_with(Config::default()).await.unwrap()
}

async fn post(gateway: &Running, path: &str, text: &str) -> Value {
    let url = format!("http://{}/_local/{path}", gateway.gateway.address());
    body(gateway.client.post(url).body(text.to_owned()).send().await.unwrap()).await
}

/// What a call of this key comes to.
async fn call(gateway: &Running, key: &str) -> String {
    summary(&gateway.get("/dev/greetings", Some(key)).await)
}

#[tokio::test]
async fn an_application_is_added_suspended_and_deleted() {
    let gateway = start_with(Config {
        variables: [("CACHE_GRANT_TTL_SECS", "0"), ("CACHE_DENIAL_TTL_SECS", "0")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
        ..Config::default()
    });
    let gateway = gateway.await.unwrap();
    assert_eq!(call(&gateway, "new-key").await, "403 deny user_key_invalid miss");
    assert_eq!(post(&gateway, "threescale?add=new-key", "").await, json!({}));
    assert_eq!(call(&gateway, "new-key").await, "200 allow granted miss");
    assert_eq!(post(&gateway, "threescale?suspend=new-key", "").await, json!({}));
    assert_eq!(call(&gateway, "new-key").await, "403 deny application_not_active miss");
    assert_eq!(post(&gateway, "threescale?delete=new-key", "").await, json!({}));
    assert_eq!(call(&gateway, "new-key").await, "403 deny user_key_invalid miss");
    let unknown = post(&gateway, "threescale?delete=new-key", "").await;
    assert_eq!(unknown, json!({ "message": "the service has no such application" }));
}

#[tokio::test]
async fn threescale_fails_until_it_is_told_not_to() {
    let gateway = start().await;
    for fault in ["503", "cut"] {
        assert_eq!(post(&gateway, &format!("threescale?fault={fault}"), "").await, json!({}));
        assert_eq!(call(&gateway, "demo-key").await, "403 deny backend_unavailable miss", "{fault}");
    }
    post(&gateway, "threescale?fault=503&path=/transactions.xml", "").await;
    assert_eq!(call(&gateway, "demo-key").await, "200 allow granted miss", "authreps have another path");
    post(&gateway, "threescale?fault=none", "").await;
    assert_eq!(call(&gateway, "trial-key").await, "200 allow granted miss");
}

#[tokio::test]
async fn time_passes_for_all_of_it() {
    let gateway = start().await;
    let now = gateway.hand.now_ms();
    assert_eq!(call(&gateway, "demo-key").await, "200 allow granted miss");
    assert_eq!(post(&gateway, "clock?advance=60", "").await, json!({}));
    assert_eq!(call(&gateway, "demo-key").await, "200 allow granted miss");
    assert_eq!(gateway.hand.now_ms(), now + 60_000);
}

#[tokio::test]
async fn any_event_can_be_sent_to_the_authorizer() {
    let gateway = start().await;
    let event = json!({
        "type": "TOKEN",
        "authorizationToken": "demo-key",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:api/dev/GET/a",
    });
    assert_eq!(post(&gateway, "authorizer", &event.to_string()).await["context"]["reason"], "granted");
    let error = post(&gateway, "authorizer", "{}").await;
    assert!(error["errorMessage"].as_str().is_some_and(|text| text.starts_with("the event is not")), "{error}");
    assert_eq!(gateway.access.lock().unwrap().len(), 0, "the API was not called");
}

#[tokio::test]
async fn what_3scale_said_of_a_key_can_be_forgotten() {
    let gateway = start().await;
    for cache in ["miss", "hit"] {
        assert_eq!(call(&gateway, "demo-key").await, format!("200 allow granted {cache}"));
    }
    gateway.hand.advance(Duration::from_millis(1));
    let forget = json!({ "forget": { "user_key": "demo-key" } }).to_string();
    assert_eq!(post(&gateway, "authrep-async", &forget).await, json!({ "forgotten": 1 }));
    gateway.hand.advance(Duration::from_millis(1));
    assert_eq!(call(&gateway, "demo-key").await, "200 allow granted miss");
    assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 3 } }));
    let mistake = post(&gateway, "authrep-async", r#"{"forget":{"app_id":"id"}}"#).await;
    let text = "`forget.app_id` is not what callers have: see `THREESCALE_AUTH_TYPE`";
    assert_eq!(mistake, json!({ "errorMessage": text }));
}

#[tokio::test]
async fn what_is_not_understood_names_what_is() {
    let gateway = start().await;
    for (path, remedy) in [
        ("nothing", "try GET `usage`"),
        ("usage", "try GET `usage`"),
        ("threescale", "try `fault=NAME`"),
        ("threescale?fault=ajar", "a fault is `hang`"),
        ("threescale?fault=99", "a fault is `hang`"),
        ("clock?advance=soon", "try `advance=SECS`"),
    ] {
        let answer = post(&gateway, path, "").await;
        assert!(answer["message"].as_str().is_some_and(|text| text.starts_with(remedy)), "{path}: {answer}");
    }
}

#[tokio::test]
async fn the_second_function_may_have_other_variables() {
    let authrep_async = [("THREESCALE_SERVICE_ID".to_owned(), "7".to_owned())].into();
    let gateway = start_with(Config { authrep_async, ..Config::default() }).await.unwrap();
    for _ in 0..2 {
        assert!(call(&gateway, "demo-key").await.starts_with("200 allow granted"));
    }
    assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 1 } }));
    let log = gateway.lines.lock().unwrap().join("\n");
    assert!(log.contains("the message is about a service that is not configured here"), "{log}");
}

#[tokio::test]
async fn a_token_of_ones_own_is_tried() {
    let variables = [("THREESCALE_SERVICE_TOKEN".to_owned(), "wrong".to_owned())].into();
    let gateway = start_with(Config { variables, ..Config::default() }).await.unwrap();
    assert_eq!(call(&gateway, "demo-key").await, "403 deny configuration_error miss");
}

#[tokio::test]
async fn an_http_api_may_take_another_form_of_answer_than_it_gets() {
    for (simple_responses, status) in [(Some(false), 500), (Some(true), 200), (None, 200)] {
        let api = ApiConfig { kind: Kind::Http2, simple_responses, ..ApiConfig::default() };
        let gateway = start_with(Config { api, ..Config::default() }).await.unwrap();
        assert_eq!(gateway.get("/dev/a", Some("demo-key")).await.status(), status, "{simple_responses:?}");
    }
}
