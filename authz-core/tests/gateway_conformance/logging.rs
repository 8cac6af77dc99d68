//! What the access log tells.

use authz_core::gateway::{ApiKind, FunctionAnswer, Gateway};
use serde_json::{Value, json};

use crate::world::{HTTP_2, KINDS, NOON, api, call, not_invoked, outcome, policy, remembering, returned, to, with};

fn line(outcome: &authz_core::gateway::Outcome, status: u16) -> Value {
    serde_json::from_str(&outcome.log.line(status)).unwrap()
}

/// "Variables for access logging for API Gateway".
#[test]
fn a_line_names_its_members_as_the_variables_of_api_gateway() {
    let allowed = outcome(api(ApiKind::RestRequest), &returned(&policy(&[("Allow", "*")])));
    let expected = json!({
        "requestId": "id",
        "requestTime": "23/Nov/2026:12:00:00 +0000",
        "ip": "192.0.2.1",
        "httpMethod": "GET",
        "path": "/dev/a/b",
        "resourcePath": "/a/b",
        "protocol": "HTTP/1.1",
        "stage": "dev",
        "status": 200,
        "authorizer.principalId": "p",
        "authorizer.reason": "granted",
        "authorizer.latency": 7,
    });
    assert_eq!(line(&allowed, 200), expected);
}

/// The same page, and those on logging of HTTP and WebSocket APIs: there it is the route that has a name.
#[test]
fn a_route_is_logged_by_its_key() {
    let http = line(&outcome(api(HTTP_2), &FunctionAnswer::TimedOut), 500);
    assert_eq!((&http["routeKey"], http.get("resourcePath")), (&json!("$default"), None));
    let websocket = line(&outcome(api(ApiKind::WebSocket), &FunctionAnswer::TimedOut), 500);
    assert_eq!((&websocket["routeKey"], websocket.get("httpMethod")), (&json!("$connect"), None));
}

/// `$context.authorizer.error` says what was wrong, `$context.error.responseType` which gateway response it was.
#[test]
fn a_refusal_is_logged_with_its_cause() {
    let logged = |answer: &FunctionAnswer| {
        let line = line(&outcome(api(ApiKind::RestRequest), answer), 500);
        ["authorizer.error", "error.responseType"].map(|name| line[name].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(logged(&FunctionAnswer::TimedOut)[0], "the authorizer did not answer in time");
    assert_eq!(logged(&FunctionAnswer::Failed("boom".to_owned())), ["the authorizer failed", "AUTHORIZER_FAILURE"]);
    assert_eq!(logged(&FunctionAnswer::Failed("Unauthorized".to_owned())), ["Unauthorized", "UNAUTHORIZED"]);
    assert_eq!(logged(&returned(&policy(&[]))), ["", "ACCESS_DENIED"]);
    let malformed = logged(&returned(&json!({})));
    assert_eq!(malformed, ["the answer has no `principalId`", "AUTHORIZER_CONFIGURATION_ERROR"]);
}

/// What names no stage has neither stage nor resource.
#[test]
fn what_a_call_does_not_have_is_not_in_its_line() {
    let refused = line(&not_invoked(&mut Gateway::new(api(ApiKind::RestRequest)).unwrap(), to("/"), NOON), 403);
    assert_eq!((refused.get("stage"), refused.get("resourcePath"), &refused["path"]), (None, None, &json!("/")));
}

/// Without an invocation there is no latency.
#[test]
fn a_remembered_answer_took_no_time() {
    let mut gateway = remembering(api(ApiKind::RestToken), 300);
    let first = crate::world::invoked(&mut gateway, to("/dev"), NOON);
    let first = first.answered(&mut gateway, &returned(&policy(&[("Allow", "*")])), NOON);
    assert_eq!(line(&first, 200)["authorizer.latency"], 0);
    let second = line(&not_invoked(&mut gateway, to("/dev"), NOON), 200);
    assert_eq!((second.get("authorizer.latency"), &second["authorizer.principalId"]), (None, &json!("p")));
}

#[test]
fn no_header_and_no_query_is_logged() {
    for kind in KINDS {
        let mut call = with(call(kind), &[("apikey", "CANARY"), ("User-Agent", "CANARY"), ("X", "CANARY")]);
        call.query = "user_key=CANARY".to_owned();
        let mut gateway = Gateway::new(api(kind)).unwrap();
        let invocation = crate::world::invoked(&mut gateway, call.clone(), NOON);
        let outcome = invocation.answered(&mut gateway, &FunctionAnswer::TimedOut, NOON);
        assert!(!outcome.log.line(500).contains("CANARY"));
        assert!(!format!("{outcome:?} {call:?}").contains("CANARY"));
    }
}
