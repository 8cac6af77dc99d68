//! One authorizer for several services, and rules that say what a call uses.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::verdict::{CacheState, Decision, Reason};
use serde_json::json;
use threescale_stub::Endpoint;

use crate::world::{CANARY, CANARY_OTHER_TOKEN, World, world};

/// A stage of service 7, and one of service 10, in which reading is free of charge.
async fn two_services() -> World {
    let map = json!([
        { "gateway": "api", "stage": "read", "service_id": "7" },
        { "gateway": "api", "stage": "write", "service_id": "10", "service_token": CANARY_OTHER_TOKEN, "mapping_rules": [
            { "http_method": "POST", "pattern": "/orders", "metric": "hits" },
            { "http_method": "POST", "pattern": "/orders/{id}/lines$", "metric": "write", "delta": 3 },
        ] },
    ]);
    world(&[("THREESCALE_SERVICE_ID", ""), ("SERVICES_MAP", &map.to_string())]).await
}

async fn ask(world: &World, key: &str, operation: &str) -> (Decision, Reason, CacheState) {
    let method_arn = format!("arn:aws:execute-api:us-east-1:123456789012:{operation}");
    let event = json!({ "type": "TOKEN", "authorizationToken": key, "methodArn": method_arn }).to_string();
    let verdict = world.authorizer.answer(&event, "request").await.unwrap().verdict;
    (verdict.decision, verdict.reason, verdict.cache)
}

fn counted(world: &World, key: &str) -> BTreeMap<String, u64> {
    world.account.lock().unwrap().counted().remove(key).unwrap_or_default()
}

#[tokio::test]
async fn each_service_is_asked_and_told_of_its_own_calls() {
    let mut world = two_services().await;
    let calls = [(CANARY, "api/read/GET/a"), ("CANARY-writer", "api/write/POST/orders/7/lines")];
    for cache in [CacheState::Miss, CacheState::Hit] {
        for (key, operation) in calls {
            assert_eq!(ask(&world, key, operation).await, (Decision::Allow, Reason::Granted, cache), "{operation}");
        }
    }
    let mut records = Vec::new();
    for id in ["1", "2"] {
        records.push(json!({ "messageId": id, "body": world.inbox.next().await.unwrap().encode() }));
    }
    let (event, deadline) = (json!({ "Records": records }).to_string(), world.collector.clock.now());
    let deadline = deadline.after(Duration::from_secs(10));
    let answer = world.collector.answer(&event, "worker", deadline, Duration::ZERO).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(counted(&world, CANARY), [("hits".to_owned(), 2)].into());
    assert_eq!(counted(&world, "CANARY-writer"), [("hits".to_owned(), 2), ("write".to_owned(), 6)].into());
    assert_eq!(world.account.lock().unwrap().requests(Endpoint::Report), 2);
    assert!(!world.log().contains("CANARY"), "{}", world.log());
}

#[tokio::test]
async fn a_call_that_no_rule_matches_is_denied_and_nobody_is_asked() {
    let world = two_services().await;
    let denied = (Decision::Deny, Reason::NoMappingRule, CacheState::Unused);
    assert_eq!(ask(&world, "CANARY-writer", "api/write/GET/orders").await, denied);
    assert_eq!(world.account.lock().unwrap().requests(Endpoint::Authrep), 0);
}

#[tokio::test]
async fn a_stage_that_nobody_mapped_is_denied_and_told_as_an_error() {
    let world = two_services().await;
    let denied = (Decision::Deny, Reason::GatewayNotMapped, CacheState::Unused);
    assert_eq!(ask(&world, CANARY, "api/prod/GET/a").await, denied);
    let log = world.log();
    assert!(log.contains(r#""level":"ERROR""#) && log.contains("gateway_not_mapped"), "{log}");
    assert!(log.contains(":api/prod/GET/a"), "{log}");
}
