//! Who is let to the authorizer.

use std::collections::BTreeMap;

use authz_core::gateway::{Api, ApiKind, Gateway, Refusal};

use crate::world::{HTTP_2, KINDS, NOON, api, call, event, invoked, not_invoked, refusal, shown, sources, to, with};

/// "Configure a Lambda authorizer using the API Gateway console": what is missing or empty makes 401 without an
/// invocation; for HTTP APIs "Identity sources" says so, for WebSocket APIs "Control access to WebSocket APIs".
#[test]
fn without_its_identity_a_call_does_not_reach_the_authorizer() {
    for kind in KINDS {
        for headers in [&[][..], &[("apikey", "")], &[("apikey2", "k")]] {
            let mut gateway = Gateway::new(api(kind)).unwrap();
            let (why, answer) = refusal(not_invoked(&mut gateway, with(call(kind), headers), NOON));
            assert_eq!(why, Refusal::NoIdentity);
            let (status, body, _) = shown(&answer);
            assert_eq!((status, body.as_str()), (401, r#"{"message":"Unauthorized"}"#), "{kind:?}");
        }
    }
}

/// The same pages: all of them must be there.
#[test]
fn one_identity_source_of_several_is_not_enough() {
    let api = sources(ApiKind::RestRequest, &["method.request.header.apikey", "method.request.querystring.q"]);
    let mut gateway = Gateway::new(api).unwrap();
    assert_eq!(refusal(not_invoked(&mut gateway, to("/dev/a"), NOON)).0, Refusal::NoIdentity);
    assert_eq!(refusal(not_invoked(&mut gateway, to("/dev/a?q="), NOON)).0, Refusal::NoIdentity);
    let _ = invoked(&mut gateway, to("/dev/a?q=1"), NOON);
}

/// "Configure a Lambda authorizer using the API Gateway console": without a cache no identity source is needed.
#[test]
fn without_identity_sources_every_call_reaches_the_authorizer() {
    for kind in [ApiKind::RestRequest, ApiKind::Http1, HTTP_2, ApiKind::WebSocket] {
        let _ = invoked(&mut Gateway::new(Api::new(kind)).unwrap(), with(call(kind), &[]), NOON);
    }
}

/// "Identity sources" in "Control access to HTTP APIs": names of headers are alike in any case, names of parameters are
/// not.
#[test]
fn case_matters_in_the_query_and_not_in_headers() {
    let mut by_header = Gateway::new(sources(HTTP_2, &["$request.header.ApiKey"])).unwrap();
    let _ = invoked(&mut by_header, with(to("/dev/a"), &[("APIKEY", "k")]), NOON);
    let mut by_query = Gateway::new(sources(HTTP_2, &["$request.querystring.key"])).unwrap();
    let _ = invoked(&mut by_query, to("/dev/a?key=k"), NOON);
    let _ = not_invoked(&mut by_query, to("/dev/a?Key=k"), NOON);
}

/// "Configure a Lambda authorizer using the API Gateway console": stage variables and the context are identity sources
/// too.
#[test]
fn stage_variables_and_the_context_can_be_an_identity() {
    let texts = ["stageVariables.tenant", "context.identity.sourceIp", "context.httpMethod"];
    let mut api = sources(ApiKind::RestRequest, &texts);
    let _ = not_invoked(&mut Gateway::new(api.clone()).unwrap(), to("/dev/a"), NOON);
    api.stage_variables = BTreeMap::from([("tenant".to_owned(), "gold".to_owned())]);
    let _ = invoked(&mut Gateway::new(api).unwrap(), to("/dev/a"), NOON);
}

/// "Control access to HTTP APIs": `identitySource` holds the values in the order of the sources.
#[test]
fn the_identity_is_told_in_the_order_of_its_sources() {
    let api = sources(HTTP_2, &["$request.querystring.b", "$request.header.apikey", "$context.routeKey"]);
    let event = event(api, with(to("/dev/a?b=1&b=2"), &[("ApiKey", "x"), ("apikey", "y")]));
    assert_eq!(event["identitySource"], serde_json::json!(["1,2", "x,y", "$default"]));
}
