//! The answer to API Gateway.

use serde::Serialize;

use crate::credential::AppId;
use crate::event::{EventKind, Request};
use crate::method_arn::{MethodArn, MethodPattern};
use crate::settings::{Settings, UsageIdentifier};
use crate::verdict::{Decision, Reason, Verdict};

/// Which methods a policy covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyScope {
    /// Every method of the stage that was called: safe with API Gateway's own cache.
    Stage,
    /// The method that was called, and no other.
    Exact,
    /// Every method of the API, in every stage.
    Api,
}

/// How API Gateway is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// By an IAM policy that covers so much.
    Policy(PolicyScope),
    /// By yes or no.
    Simple,
}

/// API Gateway refuses a policy with a longer resource, in bytes. Source: "Output from an API Gateway Lambda
/// authorizer" in the API Gateway developer guide.
pub const MAX_RESOURCE_BYTES: usize = 512;

/// Names the methods that a policy covers, or tells why a policy can't.
pub fn resource(scope: PolicyScope, method_arn: &MethodArn) -> Result<MethodPattern<'_>, Reason> {
    let resource = match scope {
        PolicyScope::Stage => method_arn.stage_wide(),
        PolicyScope::Api => method_arn.api_wide(),
        PolicyScope::Exact => method_arn.exact(),
    };
    match (resource.is_literal(), resource.bytes() <= MAX_RESOURCE_BYTES) {
        (true, true) => Ok(resource),
        (false, _) => Err(Reason::MethodArnNotLiteral),
        (true, false) => Err(Reason::MethodArnTooLong),
    }
}

/// Writes the answer, as JSON without any `null`.
///
/// The context tells the backend, and the templates of gateway responses, `reason` and `cache`, and where they are known
/// `appId`, `plan`, `limitMax`, `limitRemaining` and `limitReset` (seconds): texts and numbers only, because API Gateway
/// answers 500 to anything else. `principalId` is the app id, or the credential's fingerprint: never a secret; a simple
/// answer has it in its context. A denial covers the stage where the scope can't be named; an Allow is never written
/// then. Sources: "Output from an API Gateway Lambda authorizer" and "Control access to HTTP APIs with AWS Lambda
/// authorizers" in the API Gateway developer guide.
pub fn render(settings: &Settings, request: &Request, verdict: &Verdict) -> String {
    let (app_id, limit) = (verdict.app_id.as_ref().map(AppId::as_str), verdict.limit);
    let principal_id = app_id.unwrap_or(verdict.credential.as_str());
    let context = Context {
        principal_id: None,
        reason: verdict.reason,
        app_id,
        cache: verdict.cache.code(),
        plan: verdict.plan.as_deref(),
        limit_max: limit.and_then(|limit| limit.max),
        limit_remaining: limit.map(|limit| limit.remaining),
        limit_reset: limit.and_then(|limit| limit.reset_secs),
    };
    match settings.answer_form(request.kind) {
        AnswerForm::Simple => written(&SimpleAnswer {
            is_authorized: verdict.decision == Decision::Allow,
            context: Context { principal_id: Some(principal_id), ..context },
        }),
        AnswerForm::Policy(scope) => {
            let resource = resource(scope, &request.method_arn);
            let is_allowed = verdict.decision == Decision::Allow && resource.is_ok();
            written(&PolicyAnswer {
                principal_id,
                policy_document: Document {
                    version: "2012-10-17",
                    statement: [Statement {
                        action: "execute-api:Invoke",
                        effect: if is_allowed { "Allow" } else { "Deny" },
                        resource: resource.unwrap_or_else(|_| request.method_arn.stage_wide()),
                    }],
                },
                context,
                usage_identifier_key: usage_identifier(settings, request).filter(|_| is_allowed),
            })
        }
    }
}

/// Writes JSON into memory that is large enough for most answers from the start.
fn written(answer: &impl Serialize) -> String {
    let mut json = Vec::with_capacity(512);
    // Texts and numbers can't fail to serialize, and JSON is UTF-8; API Gateway answers 500 to an empty answer.
    serde_json::to_writer(&mut json, answer).ok().and_then(|()| String::from_utf8(json).ok()).unwrap_or_default()
}

/// What API Gateway is to take as the API key. Only REST APIs have API keys.
fn usage_identifier<'r>(settings: &Settings, request: &'r Request) -> Option<&'r str> {
    match (settings.usage_identifier, request.kind) {
        (UsageIdentifier::Credential, EventKind::Token | EventKind::Request) => {
            Some(request.caller.credential.application().1)
        }
        (UsageIdentifier::None, _)
        | (UsageIdentifier::Credential, EventKind::Http1 | EventKind::Http2 | EventKind::WebSocket) => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SimpleAnswer<'v> {
    is_authorized: bool,
    context: Context<'v>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyAnswer<'v> {
    principal_id: &'v str,
    policy_document: Document<'v>,
    context: Context<'v>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_identifier_key: Option<&'v str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'v> {
    version: &'v str,
    statement: [Statement<'v>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'v> {
    action: &'v str,
    effect: &'v str,
    resource: MethodPattern<'v>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<&'v str>,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<&'v str>,
    cache: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_remaining: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_reset: Option<u64>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event;
    use crate::verdict::{CacheState, LimitState, Orders};

    const STAGE: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev";

    fn settings(more: &[(&str, &str)]) -> Settings {
        let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "secret")];
        let variables: BTreeMap<_, _> =
            least.iter().chain(more).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Settings::read(&variables).unwrap()
    }

    fn arn(path: &str) -> MethodArn {
        MethodArn::parse(&format!("{STAGE}/GET/{path}")).unwrap()
    }

    fn request(kind: EventKind, path: &str) -> Request {
        let event = format!(r#"{{"type":"TOKEN","authorizationToken":"key","methodArn":"{STAGE}/GET/{path}"}}"#);
        Request { kind, ..event::read(&event, &settings(&[]).sources, "id").unwrap() }
    }

    fn verdict(decision: Decision) -> Verdict {
        Verdict {
            decision,
            reason: Reason::Granted,
            cache: CacheState::Hit,
            credential: settings(&[]).keyring.credential_fingerprint(&request(EventKind::Token, "a").caller.credential),
            app_id: None,
            plan: None,
            limit: None,
            fault: None,
            lost_use: false,
            orders: Orders::default(),
        }
    }

    fn answer(more: &[(&str, &str)], kind: EventKind, path: &str, verdict: &Verdict) -> String {
        render(&settings(more), &request(kind, path), verdict)
    }

    #[test]
    fn the_smallest_policy() {
        assert_eq!(
            answer(&[], EventKind::Request, "greetings", &verdict(Decision::Allow)),
            r#"{"principalId":"Ws5fZVImIofSr0dIdcAQPQ","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/*"}]},"context":{"reason":"granted","cache":"hit"}}"#
        );
    }

    #[test]
    fn an_http_api_is_answered_yes_or_no_unless_it_wants_a_policy() {
        assert_eq!(
            answer(&[], EventKind::Http2, "greetings", &verdict(Decision::Allow)),
            r#"{"isAuthorized":true,"context":{"principalId":"Ws5fZVImIofSr0dIdcAQPQ","reason":"granted","cache":"hit"}}"#
        );
        let denied = answer(&[], EventKind::Http2, "greetings", &verdict(Decision::Deny));
        assert!(denied.starts_with(r#"{"isAuthorized":false,"#), "{denied}");
        let allowed = verdict(Decision::Allow);
        let policy = answer(&[("HTTP_API_RESPONSE", "iam")], EventKind::Http2, "greetings", &allowed);
        assert_eq!(policy, answer(&[], EventKind::Http1, "greetings", &allowed));
        assert!(policy.contains("policyDocument"), "{policy}");
    }

    #[test]
    fn plan_and_limit_are_told_where_they_are_known() {
        let verdict = Verdict {
            plan: Some("Gold \"x\"".to_owned()),
            limit: Some(LimitState { max: Some(5), remaining: 0, reset_secs: Some(23) }),
            ..verdict(Decision::Deny)
        };
        let answer = answer(&[("POLICY_SCOPE", "exact")], EventKind::Token, "greetings", &verdict);
        assert!(
            answer.ends_with(
                r#""context":{"reason":"granted","cache":"hit","plan":"Gold \"x\"","limitMax":5,"limitRemaining":0,"limitReset":23}}"#
            ),
            "{answer}"
        );
        assert!(answer.contains(
            r#""Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings""#
        ));
    }

    #[test]
    fn an_application_is_named_by_its_id() {
        let verdict = Verdict { app_id: AppId::parse("gold").ok(), ..verdict(Decision::Allow) };
        let answer = answer(&[], EventKind::Token, "greetings", &verdict);
        assert!(answer.starts_with(r#"{"principalId":"gold","#), "{answer}");
        assert!(answer.ends_with(r#""context":{"reason":"granted","appId":"gold","cache":"hit"}}"#), "{answer}");
    }

    #[test]
    fn only_a_rest_api_that_wants_it_is_told_the_api_key_of_a_call_that_may_pass() {
        let wanted = [("USAGE_IDENTIFIER_KEY", "credential")];
        let tells = |settings, kind, decision| {
            answer(settings, kind, "a", &verdict(decision)).contains(r#""usageIdentifierKey":"key""#)
        };
        assert!(tells(&wanted, EventKind::Token, Decision::Allow));
        assert!(tells(&wanted, EventKind::Request, Decision::Allow));
        assert!(!tells(&wanted, EventKind::Request, Decision::Deny));
        assert!(!tells(&wanted, EventKind::Http2, Decision::Allow));
        assert!(!tells(&[], EventKind::Request, Decision::Allow));
    }

    #[test]
    fn exact_names_only_what_a_policy_takes_literally() {
        for path in ["*", "a?", "${aws:x}"] {
            assert_eq!(resource(PolicyScope::Exact, &arn(path)), Err(Reason::MethodArnNotLiteral), "{path}");
            assert!(resource(PolicyScope::Stage, &arn(path)).is_ok());
        }
        let long = arn(&"x".repeat(500));
        assert_eq!(resource(PolicyScope::Exact, &long), Err(Reason::MethodArnTooLong));
        assert!(resource(PolicyScope::Api, &long).is_ok());
    }

    #[test]
    fn what_can_not_be_named_is_not_allowed() {
        let answer = answer(&[("POLICY_SCOPE", "exact")], EventKind::Token, "*", &verdict(Decision::Allow));
        assert!(
            answer
                .contains(r#""Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/*""#),
            "{answer}"
        );
    }
}
