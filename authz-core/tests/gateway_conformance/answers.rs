//! Which answers of an authorizer are taken.

use authz_core::gateway::{Answer, ApiKind, Ending, FunctionAnswer, Malformed, Refusal};
use serde_json::{Value, json};

use crate::world::{HTTP_2, KINDS, SIMPLE, api, outcome, policy, refusal, returned};

const SCALARS_ONLY: [ApiKind; 4] = [ApiKind::RestToken, ApiKind::RestRequest, ApiKind::Http1, ApiKind::WebSocket];

fn read(answer: &Value, kind: ApiKind) -> Option<Malformed> {
    Answer::read(&answer.to_string(), kind).err()
}

fn changed(change: impl Fn(&mut Value)) -> Value {
    let mut answer = policy(&[("Allow", "*")]);
    change(&mut answer);
    answer
}

fn backend(kind: ApiKind, answer: &Value) -> Value {
    match outcome(api(kind), &returned(answer)).ending {
        Ending::Forward { authorizer, .. } => authorizer,
        Ending::Answer { answer, .. } => panic!("it was not allowed: {answer:?}"),
    }
}

/// "Output from an API Gateway Lambda authorizer"; "Lambda authorizer response format" in "Control access to HTTP
/// APIs".
#[test]
fn a_policy_is_taken_by_all_but_simple_responses() {
    let answer = policy(&[("Allow", "*")]);
    for kind in KINDS.into_iter().filter(|kind| *kind != SIMPLE) {
        assert_eq!(read(&answer, kind), None, "{kind:?}");
    }
    assert_eq!(read(&answer, SIMPLE), Some(Malformed::IsAuthorized));
}

/// "Lambda authorizer response format" in "Control access to HTTP APIs".
#[test]
fn a_simple_response_is_taken_where_it_is_enabled() {
    for kind in KINDS {
        let taken = read(&json!({ "isAuthorized": true }), kind);
        assert_eq!(taken, (kind != SIMPLE).then_some(Malformed::PrincipalId), "{kind:?}");
    }
}

/// The same page: a boolean, and nothing that is merely like one.
#[test]
fn is_authorized_is_a_boolean() {
    for value in [json!("true"), json!(1), json!(null), json!({})] {
        assert_eq!(read(&json!({ "isAuthorized": value }), SIMPLE), Some(Malformed::IsAuthorized));
    }
    assert_eq!(read(&json!({}), SIMPLE), Some(Malformed::IsAuthorized));
}

/// "Control access to HTTP APIs": a simple response names no methods.
#[test]
fn a_simple_response_is_about_every_method() {
    let allowed = outcome(api(SIMPLE), &returned(&json!({ "isAuthorized": true })));
    assert!(matches!(allowed.ending, Ending::Forward { .. }));
    let denied = outcome(api(SIMPLE), &returned(&json!({ "isAuthorized": false, "context": { "reason": "no" } })));
    let Refusal::Denied(principal) = refusal(denied).0 else { panic!("it is no explicit deny") };
    assert_eq!(principal.variable("reason").as_deref(), Some("no"));
}

/// "Output from an API Gateway Lambda authorizer": the principal's id is required. Of API Gateway it is told that it
/// takes a policy without; this gateway does what the page says.
#[test]
fn a_principal_id_must_be_there() {
    for kind in KINDS.into_iter().filter(|kind| *kind != SIMPLE) {
        let without = changed(|answer| drop(answer.as_object_mut().unwrap().remove("principalId")));
        assert_eq!(read(&without, kind), Some(Malformed::PrincipalId));
        assert_eq!(read(&changed(|answer| answer["principalId"] = json!(7)), kind), Some(Malformed::PrincipalId));
    }
}

/// The same page: so is the policy document, with its list of statements.
#[test]
fn a_policy_document_must_be_there_and_whole() {
    for document in [
        json!(null),
        json!("{}"),
        json!({}),
        json!({ "Statement": null }),
        json!({ "Statement": [{}] }),
        json!({ "Statement": [{ "Effect": "Allow", "Resource": "*" }] }),
        json!({ "Statement": [{ "Effect": "Allow", "Action": "*" }] }),
        json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": null }] }),
        json!({ "Statement": [{ "Effect": "Allow", "NotAction": "s3:*", "NotResource": "a" }] }),
    ] {
        let answer = changed(|answer| answer["policyDocument"] = document.clone());
        assert_eq!(read(&answer, ApiKind::RestRequest), Some(Malformed::Policy), "{document}");
    }
}

/// "IAM JSON policy elements: Effect" in the IAM user guide: case matters.
#[test]
fn an_effect_is_allow_or_deny_in_exactly_this_case() {
    for effect in ["allow", "ALLOW", "Allow|Deny", ""] {
        let answer = policy(&[(effect, "*")]);
        assert_eq!(read(&answer, ApiKind::RestRequest), Some(Malformed::Policy), "{effect}");
    }
}

/// "IAM JSON policy elements: Condition": it is an object, or not there.
#[test]
fn a_null_condition_is_malformed() {
    let answer = changed(|answer| answer["policyDocument"]["Statement"][0]["Condition"] = json!(null));
    assert_eq!(read(&answer, ApiKind::RestRequest), Some(Malformed::NullCondition));
}

/// "Output from an API Gateway Lambda authorizer": no value of the context is an object or an array. Format 1.0 of HTTP
/// APIs is the one that is compatible with REST APIs, and taken to be so here.
#[test]
fn a_context_of_a_rest_api_has_texts_numbers_and_booleans_only() {
    for kind in SCALARS_ONLY {
        for value in [json!({}), json!(["a"]), json!(null)] {
            let answer = changed(|answer| answer["context"]["k"] = value.clone());
            assert_eq!(read(&answer, kind), Some(Malformed::Context), "{kind:?} {value}");
        }
    }
}

/// "Example Lambda authorizer functions" in "Control access to HTTP APIs" return an array and a map.
#[test]
fn a_context_of_format_2_may_be_nested() {
    let context = json!({ "arrayKey": ["value1"], "mapKey": { "value1": "value2" }, "numberKey": 1 });
    let answer = changed(|answer| answer["context"] = context.clone());
    assert_eq!(backend(HTTP_2, &answer), json!({ "lambda": context }));
    let simple = json!({ "isAuthorized": true, "context": context });
    assert_eq!(backend(SIMPLE, &simple), json!({ "lambda": context }));
}

/// "Output from an API Gateway Lambda authorizer": whatever they were, the backend reads them as texts.
#[test]
fn the_backend_of_a_rest_api_gets_the_context_as_texts() {
    for kind in SCALARS_ONLY {
        let told = backend(kind, &policy(&[("Allow", "*")]));
        assert_eq!(told, json!({ "principalId": "p", "reason": "granted", "n": "1", "b": "true" }));
    }
}

/// The same page: the context is optional.
#[test]
fn a_context_is_a_map_or_not_there() {
    assert_eq!(read(&changed(|answer| drop(answer.as_object_mut().unwrap().remove("context"))), HTTP_2), None);
    for context in [json!(null), json!("text"), json!([])] {
        let answer = changed(|answer| answer["context"] = context.clone());
        assert_eq!(read(&answer, HTTP_2), Some(Malformed::Context), "{context}");
    }
}

/// "Lambda function response for format 1.0" in "Control access to HTTP APIs": the name is reserved.
#[test]
fn claims_are_reserved_in_format_1() {
    let answer = changed(|answer| answer["context"]["claims"] = json!("c"));
    assert_eq!(read(&answer, ApiKind::Http1), Some(Malformed::Claims));
    assert_eq!(read(&answer, HTTP_2), None);
}

/// "Output from an API Gateway Lambda authorizer": a `usageIdentifierKey` is for usage plans.
#[test]
fn a_usage_identifier_key_is_taken_and_shown_to_nobody() {
    let answer = changed(|answer| answer["usageIdentifierKey"] = json!("CANARY"));
    let outcome = outcome(api(ApiKind::RestRequest), &returned(&answer));
    assert!(matches!(outcome.ending, Ending::Forward { .. }));
    assert!(!format!("{outcome:?}").contains("CANARY"));
}

/// "Output from an API Gateway Lambda authorizer": a resource has at most 512 characters.
#[test]
fn a_resource_has_at_most_512_characters() {
    assert_eq!(read(&policy(&[("Allow", &"x".repeat(512))]), ApiKind::RestRequest), None);
    for resource in ["x".repeat(513), format!("{}*", "x".repeat(512))] {
        let long = policy(&[("Deny", "*"), ("Allow", &resource)]);
        assert_eq!(read(&long, ApiKind::RestRequest), Some(Malformed::LongResource));
    }
}

/// "Quotas for configuring and running a WebSocket API", on the size of an authorizer's result.
#[test]
fn an_answer_has_at_most_8_kilobytes() {
    let sized = |bytes: usize| {
        let mut answer = policy(&[("Allow", "*")]);
        let empty = answer.to_string().len() + r#","k":"""#.len();
        answer["context"]["k"] = json!("x".repeat(bytes - empty));
        assert_eq!(answer.to_string().len(), bytes);
        read(&answer, HTTP_2)
    };
    assert_eq!(sized(8192), None);
    assert_eq!(sized(8193), Some(Malformed::TooLong));
}

/// "Troubleshooting Lambda authorizers" in "Control access to HTTP APIs", on answers of an invalid format.
#[test]
fn what_is_no_json_object_is_malformed() {
    for kind in KINDS {
        for text in ["", "null", "[]", "\"Unauthorized\"", "true", "{", "<html>"] {
            let returned = FunctionAnswer::Returned(text.to_owned());
            assert_eq!(refusal(outcome(api(kind), &returned)).0, Refusal::Malformed(Malformed::NotAnObject), "{text}");
        }
    }
}
