//! Whatever comes in, the answer is a policy, `Unauthorized`, or an error that says what is wrong.

use serde_json::json;
use threescale_stub::Endpoint;

use crate::support::{USER_KEY, World, ask, in_time, request_event, token_event};

#[tokio::test]
async fn a_first_call_asks_3scale_and_a_second_does_not() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        assert_eq!(ask(&authorizer, &request_event(USER_KEY)).await, "allow granted hit");
        assert_eq!(world.account.requests(Endpoint::Authrep), 1);
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_denial_is_remembered_too() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        assert_eq!(ask(&authorizer, &token_event("CANARY-unknown")).await, "deny user_key_invalid miss");
        assert_eq!(ask(&authorizer, &request_event("CANARY-unknown")).await, "deny user_key_invalid hit");
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn without_a_cache_every_call_asks_3scale() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[("ELASTICACHE_ENDPOINT", ""), ("SNS_TOPIC_ARN", "")]).await;
        for _ in 0..2 {
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted off");
        }
        assert_eq!(world.account.counted(USER_KEY), 2);
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_key_that_can_not_be_one_is_unauthorized() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        let long = "CANARY".repeat(1000);
        for key in ["", "CANARY\u{0}", "CANARY\n", long.as_str()] {
            assert_eq!(ask(&authorizer, &token_event(key)).await, "Unauthorized");
            assert_eq!(ask(&authorizer, &request_event(key)).await, "Unauthorized");
        }
        authorizer.settled().await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss", "the function lives on");
        assert_eq!(world.account.requests(Endpoint::Authrep), 1);
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_is_none_fails_with_another_text() {
    const OF_SOMETHING_ELSE: &str =
        "the event is not of an API Gateway authorizer: its `type` is neither `TOKEN` nor `REQUEST`";
    const UNNAMED: &str = "the event has neither `methodArn` nor `routeArn`";
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        for (event, text) in [
            (json!({}), OF_SOMETHING_ELSE),
            (json!({ "Records": [{ "body": USER_KEY }] }), OF_SOMETHING_ELSE),
            (json!({ "type": "COOKIE", "cookies": [USER_KEY] }), OF_SOMETHING_ELSE),
            (json!({ "version": "2.0", "cookies": [USER_KEY] }), UNNAMED),
            (json!({ "type": "TOKEN", "authorizationToken": USER_KEY }), UNNAMED),
            (json!({ "type": { "CANARY": 5 } }), "the event is not understood at line 1 column 8"),
            (json!(null), "the event is not understood at line 1 column 4"),
            (json!(USER_KEY), "the event is not understood at line 1 column 19"),
        ] {
            assert_eq!(ask(&authorizer, &event.to_string()).await, text);
        }
        authorizer.settled().await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss", "the function lives on");
        world.end([authorizer]).await;
    })
    .await;
}
