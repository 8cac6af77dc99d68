//! The main job over real HTTP: keys are authorized, cached, limited and counted.
#![expect(clippy::unwrap_used, reason = "a gateway that can not be started fails its test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use local_gateway::{Config, StartError};
use serde_json::json;

use support::{Running, body, start_with, summary};

async fn start() -> Running {
    start_with(Config::default()).await.unwrap()
}

async fn before(upstream: String) -> Result<Running, StartError> {
    start_with(Config { upstream: Some(upstream), ..Config::default() }).await
}

#[tokio::test]
async fn a_known_key_reaches_the_api_first_by_3scale_then_by_the_cache() {
    let gateway = start().await;
    let first = gateway.get("/dev/greetings?x=1", Some("demo-key")).await;
    assert_eq!(summary(&first), "200 allow granted miss");
    let echo = body(first).await;
    assert_eq!((&echo["method"], &echo["path"]), (&json!("GET"), &json!("/greetings")));
    assert_eq!((&echo["context"]["reason"], &echo["context"]["plan"]), (&json!("granted"), &json!("Unlimited")));
    let second = gateway.get("/dev/other", Some("demo-key")).await;
    assert_eq!(summary(&second), "200 allow granted hit");
}

#[tokio::test]
async fn an_unknown_and_a_suspended_key_are_denied_with_the_reason() {
    let gateway = start().await;
    let unknown = gateway.get("/dev/greetings", Some("unknown-key")).await;
    assert_eq!(summary(&unknown), "403 deny user_key_invalid miss");
    assert_eq!(body(unknown).await, json!({ "message": "user_key_invalid" }));
    let suspended = gateway.get("/dev/greetings", Some("suspended-key")).await;
    assert_eq!(summary(&suspended), "403 deny application_not_active miss");
}

#[tokio::test]
async fn without_a_key_the_function_is_not_invoked() {
    let gateway = start().await;
    for key in [None, Some("")] {
        let answer = gateway.get("/dev/greetings", key).await;
        assert_eq!(summary(&answer), "401 not_invoked - -");
        assert_eq!(body(answer).await, json!({ "message": "Unauthorized" }));
    }
    assert_eq!(gateway.lines.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_key_that_can_not_be_one_is_unauthorized() {
    let gateway = start().await;
    let answer = gateway.get("/dev/greetings", Some(&"<".repeat(3400))).await;
    assert_eq!(summary(&answer), "401 unauthorized - -");
}

#[tokio::test]
async fn the_sixth_call_of_a_trial_in_a_minute_is_denied_until_the_next() {
    let gateway = start().await;
    gateway.hand.advance(Duration::from_secs(20));
    for call in 1..=5 {
        let answer = gateway.get("/dev/greetings", Some("trial-key")).await;
        assert_eq!(summary(&answer), format!("200 allow granted {}", if call == 1 { "miss" } else { "hit" }));
    }
    let sixth = gateway.get("/dev/greetings", Some("trial-key")).await;
    assert_eq!(summary(&sixth), "403 deny limits_exceeded hit");
    assert_eq!(sixth.headers()["retry-after"], "40");
    assert_eq!(gateway.usage().await, json!({ "trial-key": { "hits": 5 } }));
    gateway.hand.advance(Duration::from_secs(40));
    let next_minute = gateway.get("/dev/greetings", Some("trial-key")).await;
    assert_eq!(summary(&next_minute), "200 allow granted miss");
}

#[tokio::test]
async fn a_thousand_calls_in_parallel_are_counted_as_a_thousand() {
    let gateway = Arc::new(start().await);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move {
                for _ in 0..50 {
                    assert_eq!(gateway.get("/dev/greetings", Some("demo-key")).await.status(), 200);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 1000 } }));
}

#[tokio::test]
async fn an_upstream_gets_what_is_allowed_and_nothing_else() {
    let upstream = start().await;
    let url = format!("http://{}/dev", upstream.gateway.address());
    let gateway = before(url).await.unwrap();
    let answer = gateway.get("/prod/a/b?c=d", Some("demo-key")).await;
    assert_eq!(summary(&answer), "200 allow granted miss");
    assert_eq!(body(answer).await["path"], "/a/b", "what the upstream, an echo, was asked for");
    assert_eq!(gateway.get("/prod/a/b", Some("suspended-key")).await.status(), 403);
    assert_eq!(upstream.usage().await, json!({ "demo-key": { "hits": 1 } }));
}

#[tokio::test]
async fn what_api_gateway_would_not_route_is_not_authorized() {
    let gateway = start().await;
    assert_eq!(gateway.get("/", Some("demo-key")).await.status(), 403);
    assert_eq!(gateway.get(&format!("/dev/{}", "x".repeat(1600)), Some("demo-key")).await.status(), 414);
    assert_eq!(gateway.usage().await, json!({}));
}

#[tokio::test]
async fn a_key_is_in_no_line_of_the_log() {
    let gateway = start().await;
    for key in ["demo-key", "suspended-key", "CANARY-key"] {
        gateway.get("/dev/greetings", Some(key)).await;
        gateway.get("/dev/greetings", Some(key)).await;
    }
    gateway.usage().await;
    let log = [&gateway.lines, &gateway.access].map(|lines| lines.lock().unwrap().join("\n")).join("\n");
    assert!(log.contains(r#""outcome":"collected""#) && log.contains(r#""resourcePath":"/greetings""#), "{log}");
    for secret in ["demo-key", "suspended-key", "CANARY", "demo-service-token"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[tokio::test]
async fn an_upstream_that_is_no_url_is_refused() {
    let error = before("localhost".to_owned()).await.err().unwrap();
    assert_eq!(error.to_string(), "`--upstream` must be a URL such as `http://127.0.0.1:8080`");
}
