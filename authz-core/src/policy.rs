//! The answer to API Gateway.

use serde::Serialize;

use crate::credential::AppId;
use crate::method_arn::MethodArn;
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

/// API Gateway refuses a policy with a longer resource, in bytes. Source: "Output from an API Gateway Lambda
/// authorizer" in the API Gateway developer guide.
pub const MAX_RESOURCE_BYTES: usize = 512;

/// Names the methods that a policy covers, or tells why a policy can't.
pub fn resource(scope: PolicyScope, method_arn: &MethodArn) -> Result<String, Reason> {
    let resource = match scope {
        PolicyScope::Stage => method_arn.stage_wide(),
        PolicyScope::Api => method_arn.api_wide(),
        PolicyScope::Exact => method_arn.as_str().to_owned(),
    };
    let is_literal = scope != PolicyScope::Exact || !(resource.contains(['*', '?']) || resource.contains("${"));
    match (is_literal, resource.len() <= MAX_RESOURCE_BYTES) {
        (true, true) => Ok(resource),
        (false, _) => Err(Reason::MethodArnNotLiteral),
        (true, false) => Err(Reason::MethodArnTooLong),
    }
}

/// Writes the answer: an IAM policy with a context, as JSON without any `null`.
///
/// The context tells the backend, and the templates of gateway responses, `reason` and `cache`, and where they are known
/// `appId`, `plan`, `limitMax`, `limitRemaining` and `limitReset` (seconds): texts and numbers only, because API Gateway
/// answers 500 to anything else. `principalId` is the app id, or the credential's fingerprint: never a secret. A denial covers the stage where the scope can't
/// be named; an Allow is never written then.
pub fn render(verdict: &Verdict, scope: PolicyScope, method_arn: &MethodArn) -> String {
    let resource = resource(scope, method_arn);
    let effect = match (verdict.decision, &resource) {
        (Decision::Allow, Ok(_)) => "Allow",
        (Decision::Allow, Err(_)) | (Decision::Deny, _) => "Deny",
    };
    let (app_id, limit) = (verdict.app_id.as_ref().map(AppId::as_str), verdict.limit);
    let answer = Answer {
        principal_id: app_id.unwrap_or(verdict.credential.as_str()),
        policy_document: Document {
            version: "2012-10-17",
            statement: [Statement {
                action: "execute-api:Invoke",
                effect,
                resource: &resource.unwrap_or_else(|_| method_arn.stage_wide()),
            }],
        },
        context: Context {
            reason: verdict.reason,
            app_id,
            cache: verdict.cache.code(),
            plan: verdict.plan.as_deref(),
            limit_max: limit.and_then(|limit| limit.max),
            limit_remaining: limit.map(|limit| limit.remaining),
            limit_reset: limit.and_then(|limit| limit.reset_secs),
        },
    };
    // Texts and numbers can't fail to serialize; API Gateway answers 500 to an empty answer.
    serde_json::to_string(&answer).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'v> {
    principal_id: &'v str,
    policy_document: Document<'v>,
    context: Context<'v>,
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
    resource: &'v str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'v> {
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
    use super::*;
    use crate::credential::{Credential, Secret, UserKey};
    use crate::keyring::Keyring;
    use crate::verdict::{CacheState, LimitState, Orders};

    fn arn(path: &str) -> MethodArn {
        MethodArn::parse(&format!("arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/{path}")).unwrap()
    }

    fn verdict(decision: Decision) -> Verdict {
        let credential = Credential::UserKey(UserKey::parse("key").unwrap());
        Verdict {
            decision,
            reason: Reason::Granted,
            cache: CacheState::Hit,
            credential: Keyring::derive(&Secret::new("secret")).credential_fingerprint(&credential),
            app_id: None,
            plan: None,
            limit: None,
            fault: None,
            lost_use: false,
            orders: Orders::default(),
        }
    }

    #[test]
    fn the_smallest_answer() {
        assert_eq!(
            render(&verdict(Decision::Allow), PolicyScope::Stage, &arn("greetings")),
            r#"{"principalId":"Ws5fZVImIofSr0dIdcAQPQ","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/*"}]},"context":{"reason":"granted","cache":"hit"}}"#
        );
    }

    #[test]
    fn plan_and_limit_are_told_where_they_are_known() {
        let verdict = Verdict {
            plan: Some("Gold \"x\"".to_owned()),
            limit: Some(LimitState { max: Some(5), remaining: 0, reset_secs: Some(23) }),
            ..verdict(Decision::Deny)
        };
        let answer = render(&verdict, PolicyScope::Exact, &arn("greetings"));
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
        let answer = render(&verdict, PolicyScope::Stage, &arn("greetings"));
        assert!(answer.starts_with(r#"{"principalId":"gold","#), "{answer}");
        assert!(answer.ends_with(r#""context":{"reason":"granted","appId":"gold","cache":"hit"}}"#), "{answer}");
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
        let answer = render(&verdict(Decision::Allow), PolicyScope::Exact, &arn("*"));
        assert!(
            answer
                .contains(r#""Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/*""#),
            "{answer}"
        );
    }
}
