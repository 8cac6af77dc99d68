//! Whatever comes in as an event, the answer is a policy, `Unauthorized`, or an error that says what is wrong.

use lambda_shell::Refusal;

use crate::world::{CANARY, token_event, world};

#[tokio::test]
async fn a_key_that_can_not_be_one_is_unauthorized() {
    let world = world(&[]).await;
    for key in ["", &"k".repeat(60_000), &"<".repeat(3400), "a\u{0}b"] {
        let refusal = world.authorizer.answer(&token_event(key), "request").await.unwrap_err();
        assert_eq!(refusal, Refusal::Unauthorized);
        assert_eq!(refusal.to_string(), "Unauthorized", "API Gateway answers 401 to exactly this text");
    }
    assert_eq!(world.account.lock().unwrap().requests(threescale_stub::Endpoint::Authrep), 0);
}

#[tokio::test]
async fn what_is_no_event_is_said_to_be_none() {
    let world = world(&[]).await;
    let no_arn = format!(r#"{{"type":"TOKEN","authorizationToken":"{CANARY}"}}"#);
    let bad_arn = format!(r#"{{"type":"TOKEN","authorizationToken":"{CANARY}","methodArn":"{CANARY}"}}"#);
    let cut = &token_event(CANARY)[..60];
    for (event, text) in [
        ("", "the event is not understood at line 1 column 0"),
        ("not JSON", "the event is not understood at line 1 column 2"),
        (cut, "the event is not understood at line 1 column 60"),
        (no_arn.as_str(), "the event has neither `methodArn` nor `routeArn`"),
        (
            bad_arn.as_str(),
            "the method ARN does not have the form `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/VERB/PATH`",
        ),
    ] {
        assert_eq!(world.authorizer.answer(event, "request").await.unwrap_err().to_string(), text);
    }
    assert!(!world.log().contains("CANARY"), "{}", world.log());
}
