//! Every kind of credential reaches 3scale as it was shown, and finds only what it left itself.

use authz_core::verdict::{CacheState, Decision, Reason};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_shell::Refusal;
use serde_json::{Value, json};

use crate::world::{CANARY, World, world};

const APPLICATIONS: [(&str, &str); 2] = [("THREESCALE_SERVICE_ID", "8"), ("THREESCALE_AUTH_TYPE", "app_id")];
const FILTERED: [(&str, &str); 3] =
    [("THREESCALE_SERVICE_ID", "9"), ("THREESCALE_AUTH_TYPE", "app_id"), ("THREESCALE_REFERRER", "referer")];

const GRANTED: (Decision, Reason) = (Decision::Allow, Reason::Granted);

async fn ask(world: &World, headers: Value) -> Result<(Decision, Reason, CacheState), Refusal> {
    let method_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
    let event = json!({ "type": "REQUEST", "methodArn": method_arn, "headers": headers }).to_string();
    let verdict = world.authorizer.answer(&event, "request").await?.verdict;
    Ok((verdict.decision, verdict.reason, verdict.cache))
}

async fn outcome(world: &World, headers: Value) -> (Decision, Reason) {
    let (decision, reason, _) = ask(world, headers).await.unwrap();
    (decision, reason)
}

#[tokio::test]
async fn a_wrong_app_key_is_never_served_from_what_a_right_one_left() {
    let world = world(&APPLICATIONS).await;
    let with = |key: &str| json!({ "app_id": "gold", "app_key": key });
    assert_eq!(ask(&world, with(CANARY)).await.unwrap(), (Decision::Allow, Reason::Granted, CacheState::Miss));
    assert_eq!(ask(&world, with(CANARY)).await.unwrap(), (Decision::Allow, Reason::Granted, CacheState::Hit));
    for wrong in ["CANARY-wrong", &CANARY.to_lowercase()] {
        let refused = (Decision::Deny, Reason::ApplicationKeyInvalid, CacheState::Miss);
        assert_eq!(ask(&world, with(wrong)).await.unwrap(), refused, "{wrong}");
    }
    let missing = outcome(&world, json!({ "app_id": "gold" })).await;
    assert_eq!(missing, (Decision::Deny, Reason::ApplicationKeyInvalid));
    assert!(!world.log().contains("CANARY"), "{}", world.log());
}

#[tokio::test]
async fn an_application_without_keys_needs_none_and_an_unknown_one_is_refused() {
    let world = world(&APPLICATIONS).await;
    assert_eq!(outcome(&world, json!({ "App_Id": "open" })).await, GRANTED);
    let unknown = outcome(&world, json!({ "app_id": "nobody", "app_key": "x" })).await;
    assert_eq!(unknown, (Decision::Deny, Reason::ApplicationNotFound));
    assert_eq!(ask(&world, json!({ "app_key": CANARY })).await, Err(Refusal::Unauthorized));
}

#[tokio::test]
async fn basic_and_bearer_are_taken_where_they_are_looked_for() {
    let world_of = |sources: &'static str| async move {
        let [service, mode] = APPLICATIONS;
        world(&[service, mode, ("CREDENTIAL_SOURCES", sources)]).await
    };
    let basic = world_of("basic").await;
    let header = |plain: &str| json!({ "Authorization": format!("Basic {}", STANDARD.encode(plain)) });
    assert_eq!(outcome(&basic, header(&format!("gold:{CANARY}"))).await, GRANTED);
    assert_eq!(outcome(&basic, header("gold:wrong")).await.0, Decision::Deny);
    assert_eq!(ask(&basic, json!({ "Authorization": "Basic ???" })).await, Err(Refusal::Unauthorized));
    let bearer = world(&[("CREDENTIAL_SOURCES", "bearer")]).await;
    assert_eq!(outcome(&bearer, json!({ "authorization": format!("Bearer {CANARY}") })).await, GRANTED);
    assert_eq!(ask(&bearer, json!({ "authorization": CANARY })).await, Err(Refusal::Unauthorized));
}

#[tokio::test]
async fn keys_that_differ_in_case_or_blanks_are_different_keys() {
    let world = world(&[]).await;
    assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow);
    for other in [CANARY.to_lowercase(), format!(" {CANARY}"), format!("{CANARY} ")] {
        assert_eq!(world.ask(&other).await.unwrap().1, Reason::UserKeyInvalid, "`{other}`");
    }
}

#[tokio::test]
async fn a_referrer_opens_only_to_its_own_host() {
    let world = world(&FILTERED).await;
    let from = |referer: &str| json!({ "app_id": "shop", "Referer": referer });
    assert_eq!(outcome(&world, from("https://www.example.com/page")).await, GRANTED);
    for elsewhere in ["https://evil.test/?www.example.com", "*", "https://*/", "www.example.com", ""] {
        let refused = outcome(&world, from(elsewhere)).await;
        assert_eq!(refused, (Decision::Deny, Reason::ReferrerNotAllowed), "`{elsewhere}`");
    }
}

#[tokio::test]
async fn uses_of_an_application_are_told_without_its_key_or_referrer() {
    let mut world = world(&FILTERED).await;
    let headers = json!({ "app_id": "shop", "Referer": "https://www.example.com/" });
    for _ in 0..3 {
        assert_eq!(outcome(&world, headers.clone()).await, GRANTED);
    }
    world.collect_next().await;
    assert_eq!(world.account.lock().unwrap().counted()["shop"]["hits"], 3);
}
