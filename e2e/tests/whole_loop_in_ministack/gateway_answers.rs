//! What a client gets from API Gateway.

use reqwest::Method;
use serde_json::{Value, json};

use crate::account::{GOLD, ONCE, SUSPENDED, UNKNOWN};
use crate::api::{Answer, Api, mock, proxy, request, token};
use crate::cloud::Cloud;
use crate::eventually;

#[tokio::test]
async fn a_token_authorizer_lets_in_whom_3scale_knows() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy("authorizer").await;
    let api = Api::create(&cloud, &token(&authorizer), &proxy(&cloud.deploy_backend().await)).await;
    answers_follow_3scale(&cloud, &api, "", &explicit_deny()).await;
    let asked = cloud.invocations("authorizer").await;
    for key in [None, Some(""), Some("refused!")] {
        assert_eq!(api.get("/greetings", key).await, unauthorized(), "{key:?}");
    }
    assert_eq!(cloud.invocations("authorizer").await, asked, "API Gateway answers by itself");
    let too_long = "x".repeat(257);
    assert_eq!(api.get("/greetings", Some(&too_long)).await, unauthorized());
    assert_eq!(cloud.invocations("authorizer").await, asked + 1);
}

#[tokio::test]
async fn a_request_authorizer_finds_the_key_in_the_header_or_in_the_query() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy("authorizer").await;
    let api = Api::create(&cloud, &request(&authorizer), &proxy(&cloud.deploy_backend().await)).await;
    answers_follow_3scale(&cloud, &api, "", &explicit_deny()).await;
    assert_eq!(status(&api.get(&format!("/greetings?user_key={GOLD}"), None).await), 200);
    assert_eq!(status(&api.get(&format!("/greetings?user_key={UNKNOWN}"), None).await), 403);
    let too_long = "x".repeat(257);
    for key in [None, Some(""), Some(too_long.as_str())] {
        assert_eq!(api.get("/greetings", key).await, unauthorized());
    }
}

/// The table that all kinds of authorizers share. The backend is told `at` a place in what it hears of its authorizer.
pub(crate) async fn answers_follow_3scale(cloud: &Cloud, api: &Api, at: &str, denial: &Value) {
    let calls = [
        (GOLD, 200, "allow granted miss"),
        (GOLD, 200, "allow granted hit"),
        (UNKNOWN, 403, "deny user_key_invalid miss"),
        (SUSPENDED, 403, "deny application_not_active miss"),
        (SUSPENDED, 403, "deny application_not_active hit"),
        (ONCE, 200, "allow granted miss"),
        (ONCE, 403, "deny limits_exceeded "),
    ];
    for (number, (key, status, decision)) in calls.into_iter().enumerate() {
        let answer = api.get("/greetings", Some(key)).await;
        assert_eq!(answer.status, status, "call {number}: {answer:?}");
        match status {
            200 => assert_told(answer.body.pointer(at).unwrap(), decision),
            _ => assert_eq!(answer.body, *denial, "call {number}"),
        }
    }
    let logged = eventually("a line for each decision", async || {
        let logged = cloud.lines("authorizer", "authorization").await;
        if logged.len() < calls.len() {
            api.get("/greetings", Some(GOLD)).await;
        }
        (logged.len() >= calls.len()).then_some(logged)
    })
    .await;
    for (line, (_, _, decision)) in logged.iter().zip(calls) {
        let text = |field: &str| line[field].as_str().unwrap();
        let logged = format!("{} {} {}", text("decision"), text("reason"), text("cache"));
        assert!(logged.starts_with(decision), "{logged} instead of {decision}");
    }
}

/// The API hears why it is called.
pub(crate) fn assert_told(told: &Value, decision: &str) {
    let text = |field: &str| told[field].as_str().unwrap();
    assert_eq!(format!("allow {} {}", text("reason"), text("cache")), decision);
    assert!(["Gold", "Once"].contains(&text("plan")), "{told}");
    assert!(!text("principalId").is_empty(), "{told}");
}

#[tokio::test]
async fn a_policy_that_api_gateway_keeps_covers_the_stage() {
    let cloud = Cloud::start().await;
    let mut authorizer = token(&cloud.deploy("authorizer").await);
    authorizer["authorizerResultTtlInSeconds"] = json!(300);
    let api = Api::create(&cloud, &authorizer, &mock()).await;
    for (method, path) in [(Method::GET, "/a"), (Method::POST, "/b/c"), (Method::DELETE, "/d?e=f")] {
        assert_eq!(status(&api.send(method, path, Some(GOLD)).await), 200, "{path}");
    }
    assert_eq!(cloud.invocations("authorizer").await, 1);
    assert_eq!(cloud.counted(GOLD), 1, "who lets API Gateway keep policies does not count every call");
}

#[tokio::test]
async fn a_function_that_can_not_start_lets_nobody_in() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy_with("authorizer", |variables| drop(variables.remove("SNS_TOPIC_ARN"))).await;
    for authorizer in [token(&authorizer), request(&authorizer)] {
        let api = Api::create(&cloud, &authorizer, &mock()).await;
        let failed = Answer { status: 500, body: json!({ "message": null }) };
        assert_eq!(api.get("/greetings", Some(GOLD)).await, failed);
    }
    assert_eq!(cloud.counted(GOLD), 0);
}

fn status(answer: &Answer) -> u16 {
    answer.status
}

pub(crate) fn unauthorized() -> Answer {
    Answer { status: 401, body: json!({ "message": "Unauthorized" }) }
}

fn explicit_deny() -> Value {
    let message = "User is not authorized to access this resource with an explicit deny in an identity-based policy";
    json!({ "Message": message })
}
