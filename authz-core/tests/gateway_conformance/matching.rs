//! What a policy covers.

use authz_core::gateway::Judgement;
use serde_json::{Value, json};

use crate::world::{ARN, STAGE, judgement, policy};

fn allow(resource: &str) -> Judgement {
    judgement(&policy(&[("Allow", resource)]))
}

fn allow_of(member: &str, value: Value) -> Judgement {
    let mut answer = policy(&[("Allow", "*")]);
    answer["policyDocument"]["Statement"][0][member] = value;
    judgement(&answer)
}

/// "Control access to an API with IAM permissions": `*` stands for any characters.
#[test]
fn a_star_crosses_slashes() {
    for resource in
        ["*", STAGE, "arn:aws:execute-api:*:*:*", "arn:aws:execute-api:us-east-1:123456789012:local/*/GET/*"]
    {
        assert_eq!(allow(resource), Judgement::Allowed, "{resource}");
    }
    assert_eq!(allow("arn:aws:execute-api:us-east-1:123456789012:local/dev/*b"), Judgement::Allowed);
}

/// "IAM JSON policy elements: Resource" in the IAM user guide: `?` stands for one character.
#[test]
fn a_question_mark_stands_for_one_character() {
    assert_eq!(allow(&ARN.replace("/a/", "/?/")), Judgement::Allowed);
    assert_eq!(allow(&ARN.replace("/a/", "?a?")), Judgement::Allowed, "a slash is a character");
    assert_eq!(allow(&ARN.replace("/a/", "/a?/")), Judgement::Denied);
}

/// "IAM JSON policy elements: Resource": a resource is the whole name. serverless-offline 14.8 matches the end of the
/// name: there a policy for `…/GET/b` lets a call of `…/GET/a/b` pass.
#[test]
fn a_pattern_covers_the_whole_name_unlike_in_serverless_offline() {
    for resource in ["", "b", "/b", "dev/GET/a/b", "GET/*", &ARN[..ARN.len() - 1], &format!("{ARN}/c"), &ARN[1..]] {
        assert_eq!(allow(resource), Judgement::Denied, "{resource}");
    }
}

/// "ARN format reference for API Gateway": what stands in a pattern and is no `*` and no `?` stands for itself.
#[test]
fn characters_of_regular_expressions_stand_for_themselves() {
    for resource in
        [&ARN.replace("/a/", "/./"), &ARN.replace("/a/", "/[a]/"), "arn:.+", &format!("({ARN})"), &format!("^{ARN}$")]
    {
        assert_eq!(allow(resource), Judgement::Denied, "{resource}");
    }
}

/// "ARN format reference for API Gateway": names are told apart by case.
#[test]
fn case_matters_in_a_resource() {
    assert_eq!(allow(&ARN.replace("/a/", "/A/")), Judgement::Denied);
    assert_eq!(allow(&ARN.replace("GET", "get")), Judgement::Denied);
}

/// "Policy evaluation logic" in the IAM user guide. `sam local` drops every statement that is no Allow.
#[test]
fn an_explicit_deny_wins_over_every_allow_unlike_in_sam_local() {
    for statements in [[("Allow", "*"), ("Deny", ARN)], [("Deny", STAGE), ("Allow", ARN)]] {
        assert_eq!(judgement(&policy(&statements)), Judgement::ExplicitlyDenied, "{statements:?}");
    }
    let elsewhere = [("Deny", "arn:aws:execute-api:us-east-1:123456789012:local/dev/POST/*"), ("Allow", STAGE)];
    assert_eq!(judgement(&policy(&elsewhere)), Judgement::Allowed);
}

/// "Policy evaluation logic" in the IAM user guide: what nothing allows is denied.
#[test]
fn without_an_allow_a_call_is_denied() {
    assert_eq!(judgement(&policy(&[])), Judgement::Denied);
    assert_eq!(allow("arn:aws:execute-api:us-east-1:123456789012:local/prod/*"), Judgement::Denied);
}

/// "IAM JSON policy elements: Action" in the IAM user guide: one or a list, wildcards, and case does not matter.
#[test]
fn an_action_is_a_text_or_a_list() {
    for action in [json!("execute-api:Invoke"), json!("EXECUTE-API:invoke"), json!("execute-api:*"), json!("*")] {
        assert_eq!(allow_of("Action", action.clone()), Judgement::Allowed, "{action}");
        assert_eq!(allow_of("Action", json!(["s3:Get", action])), Judgement::Allowed);
    }
    for action in [json!("execute-api:InvalidateCache"), json!("Invoke"), json!([])] {
        assert_eq!(allow_of("Action", action.clone()), Judgement::Denied, "{action}");
    }
}

/// "IAM JSON policy elements: Resource": one or a list.
#[test]
fn a_resource_is_a_text_or_a_list() {
    assert_eq!(allow_of("Resource", json!(["arn:aws:execute-api:*:*:other/*", ARN])), Judgement::Allowed);
    assert_eq!(allow_of("Resource", json!([])), Judgement::Denied);
}

/// "IAM JSON policy elements: Condition". This gateway evaluates none, so it errs on the side of denying.
#[test]
fn under_a_condition_an_allow_allows_nothing_and_a_deny_denies() {
    let condition = json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } });
    assert_eq!(allow_of("Condition", condition.clone()), Judgement::Denied);
    let mut answer = policy(&[("Allow", "*"), ("Deny", "*")]);
    answer["policyDocument"]["Statement"][1]["Condition"] = condition;
    assert_eq!(judgement(&answer), Judgement::ExplicitlyDenied);
}
