//! What an authorizer is sent: one whole event of each shape, and what varies in them.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::gateway::{Api, ApiKind, Call, Gateway, Refusal, Stage};
use serde_json::{Value, json};

use crate::world::{HTTP_2, KINDS, NOON, api, event, invoked, not_invoked, policy, refusal, returned, to, with};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A call with everything that the shapes tell apart: case, names that come twice, cookies, escapes.
fn rich(path: &str) -> Call {
    let headers = [("ApiKey", "k"), ("Accept", "a"), ("Accept", "b"), ("Cookie", "c=1; d=2"), ("User-Agent", "curl")];
    Call { method: "POST".to_owned(), ..with(to(path), &headers) }
}

fn with_variables(api: Api) -> Api {
    Api { stage_variables: BTreeMap::from([("tenant".to_owned(), "gold".to_owned())]), ..api }
}

/// "Input to an API Gateway Lambda authorizer".
#[test]
fn the_event_of_a_token_authorizer() {
    let event = event(with_variables(api(ApiKind::RestToken)), rich("/dev/a%20b/c?x=1&x=2&y=%2A"));
    assert_eq!(event, fixture(include_str!("events/rest_token.json")));
}

/// "Input to an API Gateway Lambda authorizer": names of headers as they were sent, of several values the last.
#[test]
fn the_event_of_a_request_authorizer() {
    let event = event(with_variables(api(ApiKind::RestRequest)), rich("/dev/a%20b/c?x=1&x=2&y=%2A"));
    assert_eq!(event, fixture(include_str!("events/rest_request.json")));
}

/// "Payload format version" in "Control access to HTTP APIs with AWS Lambda authorizers".
#[test]
fn the_event_of_payload_format_1() {
    let event = event(with_variables(api(ApiKind::Http1)), rich("/dev/a%20b/c?x=1&x=2&y=%2A"));
    assert_eq!(event, fixture(include_str!("events/http_1.json")));
}

/// The same page; "Create AWS Lambda proxy integrations for HTTP APIs": names of headers in lower case, values of one
/// name joined by commas, cookies apart.
#[test]
fn the_event_of_payload_format_2() {
    let event = event(with_variables(api(HTTP_2)), rich("/dev/a%20b/c?x=1&x=2&y=%2A"));
    assert_eq!(event, fixture(include_str!("events/http_2.json")));
}

/// "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers": no verb, no path, `$connect`.
#[test]
fn the_event_of_a_websocket_authorizer() {
    let event =
        event(with_variables(api(ApiKind::WebSocket)), Call { method: "GET".to_owned(), ..rich("/dev?x=1&x=2") });
    assert_eq!(event, fixture(include_str!("events/websocket.json")));
}

/// "Stages for HTTP APIs in API Gateway": the stage `$default` is at the root, and its name is in the ARN all the same.
#[test]
fn the_default_stage_is_not_in_the_path() {
    let event = event(Api { stage: Stage::Default, ..api(HTTP_2) }, to("/my/path"));
    assert_eq!((&event["rawPath"], &event["requestContext"]["stage"]), (&json!("/my/path"), &json!("$default")));
    let arn = "arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/my/path";
    assert_eq!(event["routeArn"], arn);
}

/// "ARN format reference for API Gateway". serverless-offline 14.8 has `arn:aws:` in its source.
#[test]
fn an_arn_is_of_its_own_partition_unlike_in_serverless_offline() {
    for (partition, region) in [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")] {
        for kind in KINDS {
            let (partition, region) = (partition.to_owned(), region.to_owned());
            let start = format!("arn:{partition}:execute-api:{region}:123456789012:local/dev/");
            let event = event(Api { partition, region, ..api(kind) }, crate::world::call(kind));
            let arn = event.get("methodArn").or(event.get("routeArn")).and_then(Value::as_str).unwrap();
            assert!(arn.starts_with(&start), "{arn}");
        }
    }
}

/// "ARN format reference for API Gateway": the root has an empty path.
#[test]
fn the_arn_of_the_root_ends_with_a_slash() {
    for path in ["/dev", "/dev/"] {
        let event = event(api(ApiKind::RestToken), to(path));
        assert_eq!(event["methodArn"], "arn:aws:execute-api:us-east-1:123456789012:local/dev/GET/");
    }
}

/// "Control access to HTTP APIs with AWS Lambda authorizers": no identity source, no identity.
#[test]
fn without_identity_sources_the_identity_is_null() {
    assert_eq!(event(Api::new(HTTP_2), to("/dev"))["identitySource"], Value::Null);
    assert_eq!(event(Api::new(ApiKind::Http1), to("/dev"))["authorizationToken"], Value::Null);
}

/// Which members may be missing is not documented of format 2.0; these are missing in practice.
#[test]
fn format_2_leaves_out_what_a_call_does_not_have() {
    let event = event(api(HTTP_2), to("/dev/a"));
    assert_eq!((event.get("cookies"), event.get("queryStringParameters")), (None, None));
    assert_eq!(event["rawQueryString"], "");
}

/// "Quotas for configuring and running a REST API": 1,600 bytes is the longest ARN of a method with an authorizer.
#[test]
fn too_long_an_arn_is_answered_414() {
    for kind in KINDS.into_iter().filter(|kind| *kind != ApiKind::WebSocket) {
        let mut gateway = Gateway::new(api(kind)).unwrap();
        let prefix = "arn:aws:execute-api:us-east-1:123456789012:local/dev/GET/".len();
        let path = |bytes: usize| format!("/dev/{}", "x".repeat(bytes - prefix));
        let _ = invoked(&mut gateway, to(&path(1600)), NOON);
        let (why, answer) = refusal(not_invoked(&mut gateway, to(&path(1601)), NOON));
        assert_eq!((why, answer.status), (Refusal::MethodArnTooLong, 414));
    }
}

/// "Stages" and the invoke URL: `https://{api}.execute-api.{region}.amazonaws.com/{stage}/`. What an unknown path gets
/// is told by "Gateway response types" of REST APIs; the other two answers are not documented.
#[test]
fn what_names_no_stage_is_answered_without_the_authorizer() {
    for kind in KINDS {
        for path in ["", "/", "//a", "/*/a", "/a%20b/c", "*"] {
            let mut gateway = Gateway::new(api(kind)).unwrap();
            let (why, answer) = refusal(not_invoked(&mut gateway, to(path), NOON));
            let status = if matches!(kind, ApiKind::Http1 | ApiKind::Http2 { .. }) { 404 } else { 403 };
            assert_eq!((why, answer.status), (Refusal::NoRoute, status), "{kind:?} {path}");
        }
    }
}

/// "Control access to WebSocket APIs": the path is fixed.
#[test]
fn a_websocket_api_has_nothing_below_its_stage() {
    let mut gateway = Gateway::new(api(ApiKind::WebSocket)).unwrap();
    let _ = invoked(&mut gateway, to("/dev/"), NOON);
    assert_eq!(refusal(not_invoked(&mut gateway, to("/dev/a"), NOON)).0, Refusal::NoRoute);
}

/// "Control access to WebSocket APIs": only `$connect` has an authorizer, and each connection asks it.
#[test]
fn every_connection_asks_the_authorizer() {
    let mut gateway = Gateway::new(api(ApiKind::WebSocket)).unwrap();
    for second in 0..3 {
        let now = NOON.after(Duration::from_secs(second));
        let outcome =
            invoked(&mut gateway, to("/dev"), now).answered(&mut gateway, &returned(&policy(&[("Allow", "*")])), now);
        assert_eq!(outcome.cache, None);
    }
}
