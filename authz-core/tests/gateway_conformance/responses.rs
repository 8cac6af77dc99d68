//! What a client gets.

use authz_core::gateway::{
    Api, ApiKind, ClientAnswer, Ending, FunctionAnswer, Gateway, GatewayResponse, GatewayResponses, ResponseType,
};
use serde_json::{Value, json};

use crate::world::{
    ARN, HTTP_2, KINDS, NOON, SIMPLE, api, call, not_invoked, outcome, policy, refusal, returned, shown, with,
};

const REST: [ApiKind; 2] = [ApiKind::RestToken, ApiKind::RestRequest];
const REST_OR_WEBSOCKET: [ApiKind; 3] = [ApiKind::RestToken, ApiKind::RestRequest, ApiKind::WebSocket];
const HTTP: [ApiKind; 3] = [ApiKind::Http1, HTTP_2, SIMPLE];

fn failed(text: &str) -> FunctionAnswer {
    FunctionAnswer::Failed(text.to_owned())
}

fn answer(api: Api, of: &FunctionAnswer) -> ClientAnswer {
    refusal(outcome(api, of)).1
}

fn rest(status: u16, body: &Value, kind: &str) -> (u16, String, Option<String>) {
    (status, body.to_string(), Some(kind.to_owned()))
}

fn http(status: u16, message: &str) -> (u16, String, Option<String>) {
    (status, json!({ "message": message }).to_string(), None)
}

fn replacing(of: ResponseType, response: GatewayResponse) -> Api {
    let mut api = api(ApiKind::RestRequest);
    api.responses = GatewayResponses::none().with(of, response);
    api
}

fn body(body: &str) -> GatewayResponse {
    GatewayResponse { status: None, headers: Vec::new(), body: body.to_owned() }
}

fn header<'a>(answer: &'a ClientAnswer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// "Use API Gateway Lambda authorizers", its example of a TOKEN authorizer: failing with `Unauthorized` makes 401.
#[test]
fn an_authorizer_that_fails_with_unauthorized_makes_401() {
    for kind in REST_OR_WEBSOCKET {
        let unauthorized = rest(401, &json!({ "message": "Unauthorized" }), "UnauthorizedException");
        assert_eq!(shown(&answer(api(kind), &failed("Unauthorized"))), unauthorized);
    }
    for kind in HTTP {
        assert_eq!(shown(&answer(api(kind), &failed("Unauthorized"))), http(401, "Unauthorized"));
    }
}

/// The same page: any other text makes 500. serverless-offline 14.8 makes 401 of every error.
#[test]
fn an_authorizer_that_fails_otherwise_makes_500_unlike_in_serverless_offline() {
    for of in [failed("boom"), failed("unauthorized"), failed("Unauthorized: k"), failed(""), FunctionAnswer::TimedOut]
    {
        for kind in REST_OR_WEBSOCKET {
            let error = rest(500, &json!({ "message": null }), "AuthorizerConfigurationException");
            assert_eq!(shown(&answer(api(kind), &of)), error);
        }
        for kind in HTTP {
            assert_eq!(shown(&answer(api(kind), &of)), http(500, "Internal Server Error"));
        }
    }
}

/// "Gateway response types for API Gateway"; "Troubleshooting Lambda authorizers" in "Control access to HTTP APIs".
#[test]
fn a_malformed_answer_makes_500() {
    let malformed = FunctionAnswer::Returned("{}".to_owned());
    for kind in REST_OR_WEBSOCKET {
        let error = rest(500, &json!({ "message": null }), "AuthorizerConfigurationException");
        assert_eq!(shown(&answer(api(kind), &malformed)), error);
    }
    for kind in HTTP {
        assert_eq!(shown(&answer(api(kind), &malformed)), http(500, "Internal Server Error"));
    }
}

/// "Use API Gateway Lambda authorizers": access denied makes 403. The text with its capital letter is not documented.
#[test]
fn without_an_allow_a_client_gets_403() {
    let nothing = returned(&policy(&[]));
    for kind in REST_OR_WEBSOCKET {
        let denied = json!({ "Message": "User is not authorized to access this resource" });
        assert_eq!(shown(&answer(api(kind), &nothing)), rest(403, &denied, "AccessDeniedException"));
    }
    for kind in [ApiKind::Http1, HTTP_2] {
        assert_eq!(shown(&answer(api(kind), &nothing)), http(403, "Forbidden"));
    }
}

/// The same; a REST API tells an explicit Deny from a missing Allow.
#[test]
fn an_explicit_deny_is_told_apart_by_rest_apis_only() {
    let deny = returned(&policy(&[("Deny", "*")]));
    for kind in REST_OR_WEBSOCKET {
        let (status, text, error_type) = shown(&answer(api(kind), &deny));
        assert!(text.starts_with(r#"{"Message":"User is not authorized"#) && text.contains("explicit deny"), "{text}");
        assert_eq!((status, error_type.as_deref()), (403, Some("AccessDeniedException")));
    }
    for kind in [ApiKind::Http1, HTTP_2] {
        assert_eq!(shown(&answer(api(kind), &deny)), http(403, "Forbidden"));
    }
    let not_authorized = returned(&json!({ "isAuthorized": false }));
    assert_eq!(shown(&answer(api(SIMPLE), &not_authorized)), http(403, "Forbidden"));
}

#[test]
fn every_answer_of_api_gateway_itself_is_json() {
    for kind in KINDS {
        let unauthorized = answer(api(kind), &failed("Unauthorized"));
        assert_eq!(header(&unauthorized, "content-type"), Some("application/json"));
    }
}

/// An allowed call goes to the backend, with its path below the stage as it was sent.
#[test]
fn an_allowed_call_is_forwarded() {
    for kind in KINDS.into_iter().filter(|kind| *kind != SIMPLE) {
        let resource = if kind == ApiKind::WebSocket { ARN.replace("GET/a/b", "$connect") } else { ARN.to_owned() };
        let Ending::Forward { path, principal, .. } =
            outcome(api(kind), &returned(&policy(&[("Allow", &resource)]))).ending
        else {
            panic!("{kind:?} is not allowed")
        };
        assert_eq!(path, if kind == ApiKind::WebSocket { "/" } else { "/a/b" });
        assert_eq!(principal.id.as_deref(), Some("p"));
    }
}

/// "Gateway responses for REST APIs in API Gateway": what the templates of this project make of a denial.
#[test]
fn the_recommended_denial_says_why_and_when_to_come_again() {
    let mut deny = policy(&[("Deny", "*")]);
    deny["context"] = json!({ "reason": "limits_exceeded", "limitReset": 23 });
    for kind in REST {
        let recommended = Api { responses: GatewayResponses::recommended(), ..api(kind) };
        let denied = answer(recommended.clone(), &returned(&deny));
        assert_eq!(shown(&denied), rest(403, &json!({ "message": "limits_exceeded" }), "AccessDeniedException"));
        assert_eq!(header(&denied, "retry-after"), Some("23"));
        let without = answer(recommended, &returned(&policy(&[("Deny", "*")])));
        assert_eq!((header(&without, "retry-after"), without.body.as_str()), (None, r#"{"message":"granted"}"#));
    }
}

/// The same page: gateway responses are of REST APIs. HTTP APIs and WebSocket APIs have none.
#[test]
fn only_rest_apis_have_gateway_responses() {
    for kind in [ApiKind::Http1, HTTP_2, ApiKind::WebSocket] {
        let plain = answer(api(kind), &returned(&policy(&[("Deny", "*")])));
        let recommended = Api { responses: GatewayResponses::recommended(), ..api(kind) };
        assert_eq!(answer(recommended, &returned(&policy(&[("Deny", "*")]))), plain, "{kind:?}");
    }
}

/// "Gateway response types for API Gateway".
#[test]
fn each_type_of_gateway_response_replaces_its_own_answers() {
    let cases = [
        (ResponseType::Unauthorized, failed("Unauthorized"), "UNAUTHORIZED"),
        (ResponseType::AccessDenied, returned(&policy(&[])), "ACCESS_DENIED"),
        (ResponseType::AccessDenied, returned(&policy(&[("Deny", "*")])), "ACCESS_DENIED"),
        (ResponseType::AuthorizerFailure, failed("boom"), "AUTHORIZER_FAILURE"),
        (ResponseType::AuthorizerFailure, FunctionAnswer::TimedOut, "AUTHORIZER_FAILURE"),
        (ResponseType::AuthorizerConfigurationError, failed_to_answer(), "AUTHORIZER_CONFIGURATION_ERROR"),
    ];
    for (of, function, code) in &cases {
        for (other, _, _) in &cases {
            let replaced = answer(replacing(*other, body("$context.error.responseType")), function);
            assert_eq!(replaced.body == *code, of == other, "{code} {replaced:?}");
        }
    }
}

fn failed_to_answer() -> FunctionAnswer {
    FunctionAnswer::Returned("null".to_owned())
}

/// The same page: a missing identity is `UNAUTHORIZED`.
#[test]
fn a_missing_identity_has_a_gateway_response_too() {
    let mut gateway = Gateway::new(replacing(ResponseType::Unauthorized, body("no key"))).unwrap();
    let call = with(call(ApiKind::RestRequest), &[]);
    assert_eq!(refusal(not_invoked(&mut gateway, call, NOON)).1.body, "no key");
}

/// "Gateway responses for REST APIs in API Gateway": a status, headers and a body; `x-amzn-errortype` stays.
#[test]
fn a_gateway_response_sets_status_headers_and_body() {
    let headers = [
        ("Access-Control-Allow-Origin", "'*'"),
        ("Content-Type", "'text/plain'"),
        ("X-Reason", "context.authorizer.reason"),
        ("X-Agent", "method.request.header.apikey"),
        ("X-Query", "method.request.querystring.q"),
        ("X-Id", "context.requestId"),
        ("X-Nothing", "context.nothing"),
        ("X-Empty", "''"),
    ];
    let headers = headers.map(|(name, from)| (name.to_owned(), from.to_owned())).to_vec();
    let api =
        replacing(ResponseType::AccessDenied, GatewayResponse { status: Some(404), headers, body: String::new() });
    let denied = answer(api, &returned(&policy(&[])));
    assert_eq!((denied.status, denied.body.as_str()), (404, ""));
    let told: Vec<_> = denied.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("x-amzn-errortype", "AccessDeniedException"),
        ("access-control-allow-origin", "*"),
        ("content-type", "text/plain"),
        ("x-reason", "granted"),
        ("x-agent", "k"),
        ("x-id", "id"),
    ];
    assert_eq!(told, expected);
}

/// The same page: simple substitution of variables, no template language.
#[test]
fn a_template_substitutes_variables_and_nothing_else() {
    for (template, filled) in [
        ("", ""),
        ("$", "$"),
        ("$$context.stage$", "$dev$"),
        ("$context.authorizer.n.", "1."),
        ("$context.authorizer.b,$context.authorizer.principalId", "true,p"),
        ("[$context.authorizer.nothing$context.unknown]", "[]"),
        ("#if($context.stage)\u{e9}#end", "#if(dev)\u{e9}#end"),
        ("$input.body $util.escape $contextual", "$input.body $util.escape $contextual"),
        ("$context.error.messageString", "\"User is not authorized to access this resource\""),
        ("$context.error.message", "User is not authorized to access this resource"),
        ("$stageVariables.tenant|$context.resourcePath|$context.path", "|/a/b|/dev/a/b"),
    ] {
        let denied = answer(replacing(ResponseType::AccessDenied, body(template)), &returned(&policy(&[])));
        assert_eq!(denied.body, filled, "{template}");
    }
}

/// A text that has quotes stays as it is: `$context.authorizer.plan` in a JSON template is not escaped.
#[test]
fn values_in_a_template_are_not_escaped() {
    let mut deny = policy(&[("Deny", "*")]);
    deny["context"]["plan"] = json!("Gold \"x\" $context.stage");
    let api = replacing(ResponseType::AccessDenied, body(r#"{"plan":"$context.authorizer.plan"}"#));
    assert_eq!(answer(api, &returned(&deny)).body, r#"{"plan":"Gold "x" $context.stage"}"#);
}

/// A failure has no message: the quoted message is `null`.
#[test]
fn a_failure_has_no_message_to_show() {
    let api = replacing(ResponseType::AuthorizerFailure, body("$context.error.message|$context.error.messageString"));
    assert_eq!(answer(api, &failed("secret")).body, "|null");
}

#[test]
fn what_an_authorizer_fails_with_is_shown_to_nobody() {
    for kind in KINDS {
        let outcome = outcome(api(kind), &failed("CANARY"));
        assert!(!format!("{outcome:?}").contains("CANARY") && !outcome.log.line(500).contains("CANARY"));
    }
}
