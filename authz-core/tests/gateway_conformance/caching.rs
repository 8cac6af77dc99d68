//! What is remembered of answers, and for whom.

use std::time::Duration;

use authz_core::gateway::{ApiKind, CacheUse, Call, Ending, FunctionAnswer, Gateway, Outcome, Refusal};
use authz_core::time::UnixTime;
use serde_json::json;

use crate::world::{
    ARN, HTTP_2, NOON, SIMPLE, STAGE, api, invoked, not_invoked, policy, refusal, remembering, returned, sources, to,
    with,
};

const CACHING: [ApiKind; 4] = [ApiKind::RestToken, ApiKind::RestRequest, ApiKind::Http1, HTTP_2];

fn secs(secs: u64) -> UnixTime {
    NOON.after(Duration::from_secs(secs))
}

/// Asks, and answers so if the authorizer is invoked.
fn ask(gateway: &mut Gateway, call: Call, answer: &FunctionAnswer, now: UnixTime) -> Outcome {
    invoked(gateway, call, now).answered(gateway, answer, now)
}

fn is_forwarded(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Forward { .. })
}

/// "Use API Gateway Lambda authorizers": with a cache the function is not invoked again while the policy is kept.
/// serverless-offline 14.8 and `sam local` have no such cache.
#[test]
fn an_answer_is_remembered_for_its_ttl_unlike_in_serverless_offline() {
    for kind in CACHING {
        let mut gateway = remembering(api(kind), 300);
        let first = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", STAGE)])), secs(0));
        assert_eq!((is_forwarded(&first), first.cache), (true, Some(CacheUse::Miss)));
        let second = not_invoked(&mut gateway, to("/dev/b"), secs(299));
        assert_eq!((is_forwarded(&second), second.cache), (true, Some(CacheUse::Hit)));
        let _ = invoked(&mut gateway, to("/dev/b"), secs(300));
    }
}

/// The time begins when the authorizer answers, not when it is asked. The pages do not say.
#[test]
fn the_ttl_begins_with_the_answer() {
    let mut gateway = remembering(api(ApiKind::RestToken), 10);
    let invocation = invoked(&mut gateway, to("/dev/a"), secs(0));
    let _ = invocation.answered(&mut gateway, &returned(&policy(&[("Allow", STAGE)])), secs(5));
    assert!(is_forwarded(&not_invoked(&mut gateway, to("/dev/a"), secs(14))));
}

/// "Configure a Lambda authorizer using the API Gateway console": a TTL of zero means no cache.
#[test]
fn with_a_ttl_of_zero_every_call_invokes() {
    for kind in CACHING {
        let mut gateway = remembering(api(kind), 0);
        for _ in 0..3 {
            let outcome = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", STAGE)])), NOON);
            assert_eq!(outcome.cache, None);
        }
    }
}

/// The same page asks for policies that are about all methods of an API: what is remembered is the policy, not what it
/// meant for one call. This is the trap of a narrow policy.
#[test]
fn a_remembered_policy_is_judged_for_each_method() {
    for kind in CACHING {
        let mut gateway = remembering(api(kind), 300);
        let answer = returned(&policy(&[("Allow", ARN)]));
        assert!(is_forwarded(&ask(&mut gateway, to("/dev/a/b"), &answer, NOON)));
        let (why, shown) = refusal(not_invoked(&mut gateway, to("/dev/a/c"), NOON));
        assert!(matches!(why, Refusal::Denied(_)), "{why:?}");
        assert_eq!(shown.status, 403);
        assert!(is_forwarded(&not_invoked(&mut gateway, to("/dev/a/b"), NOON)));
    }
}

/// "Caching authorizer responses" in "Control access to HTTP APIs": it allows or denies whatever shows the same
/// identity.
#[test]
fn a_remembered_simple_response_is_about_every_method() {
    for is_authorized in [true, false] {
        let mut gateway = remembering(api(SIMPLE), 300);
        let answer = returned(&json!({ "isAuthorized": is_authorized }));
        assert_eq!(is_forwarded(&ask(&mut gateway, to("/dev/a"), &answer, NOON)), is_authorized);
        assert_eq!(is_forwarded(&not_invoked(&mut gateway, to("/dev/b"), NOON)), is_authorized);
    }
}

/// A Deny is a policy like any other.
#[test]
fn a_denial_is_remembered_too() {
    for kind in CACHING {
        let mut gateway = remembering(api(kind), 300);
        let _ = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Deny", STAGE)])), NOON);
        assert!(!is_forwarded(&not_invoked(&mut gateway, to("/dev/b"), secs(1))));
    }
}

/// "Configure a Lambda authorizer using the API Gateway console": it is policies that are cached; errors are none.
#[test]
fn failures_are_not_remembered() {
    let failures = [
        FunctionAnswer::Failed("Unauthorized".to_owned()),
        FunctionAnswer::Failed("boom".to_owned()),
        FunctionAnswer::TimedOut,
        FunctionAnswer::Returned("{}".to_owned()),
    ];
    for kind in CACHING {
        let mut gateway = remembering(api(kind), 300);
        for failure in &failures {
            assert!(!is_forwarded(&ask(&mut gateway, to("/dev/a"), failure, NOON)));
        }
        let _ = invoked(&mut gateway, to("/dev/a"), NOON);
    }
}

/// The same page: the key is the header that holds the token.
#[test]
fn another_token_is_another_caller() {
    let mut gateway = remembering(api(ApiKind::RestToken), 300);
    let _ = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", STAGE)])), NOON);
    let _ = invoked(&mut gateway, with(to("/dev/a"), &[("apikey", "K")]), NOON);
}

/// The same page: every one of them is part of the key.
#[test]
fn all_identity_sources_together_are_the_key() {
    let texts = ["method.request.querystring.a", "method.request.querystring.b"];
    let mut gateway = remembering(sources(ApiKind::RestRequest, &texts), 300);
    let _ = ask(&mut gateway, to("/dev/x?a=1&b=23"), &returned(&policy(&[("Allow", STAGE)])), NOON);
    let _ = not_invoked(&mut gateway, to("/dev/x?b=23&c=3&a=1"), NOON);
    for query in ["a=23&b=1", "a=1&b=2", "a=2&b=23", "a=12&b=3", "a=1%2C23&b=x"] {
        let _ = invoked(&mut gateway, to(&format!("/dev/x?{query}")), NOON);
    }
}

/// The pages do not say. An answer names a stage, so answers of different stages are kept apart here.
#[test]
fn another_stage_has_another_cache() {
    let mut gateway = remembering(api(ApiKind::RestRequest), 300);
    let _ = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", "*")])), NOON);
    let _ = invoked(&mut gateway, to("/prod/a"), NOON);
}

/// "Caching authorizer responses" in "Control access to HTTP APIs": the cache is for all routes, unless
/// `$context.routeKey` is an identity source.
#[test]
fn the_context_can_be_part_of_the_key() {
    let mut gateway = remembering(sources(HTTP_2, &["$request.header.apikey", "$context.httpMethod"]), 300);
    let _ = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", "*")])), NOON);
    let _ = not_invoked(&mut gateway, to("/dev/b"), NOON);
    let _ = invoked(&mut gateway, Call { method: "POST".to_owned(), ..to("/dev/a") }, NOON);
}

/// "Output from an API Gateway Lambda authorizer": the context is part of what is cached.
#[test]
fn the_context_is_remembered_with_the_policy() {
    let mut gateway = remembering(api(ApiKind::RestToken), 300);
    let first = ask(&mut gateway, to("/dev/a"), &returned(&policy(&[("Allow", STAGE)])), NOON);
    let second = not_invoked(&mut gateway, to("/dev/a"), secs(1));
    assert_eq!(first.ending, second.ending);
}

#[test]
fn what_is_remembered_by_is_shown_to_nobody() {
    let mut gateway = remembering(sources(HTTP_2, &["$request.header.apikey", "$request.querystring.key"]), 300);
    let call = with(to("/dev/a?key=CANARY"), &[("apikey", "CANARY")]);
    let invocation = invoked(&mut gateway, call, NOON);
    assert!(!format!("{invocation:?}").contains("CANARY"));
    let _ = invocation.answered(&mut gateway, &returned(&policy(&[("Allow", "*")])), NOON);
    assert!(!format!("{gateway:?}").contains("CANARY"));
}
