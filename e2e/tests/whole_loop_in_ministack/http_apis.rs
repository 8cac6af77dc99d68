//! What a client gets from an HTTP API.

use std::collections::BTreeMap;

use serde_json::json;

use crate::account::GOLD;
use crate::api::{Answer, Api, one_point_zero, policy, simple};
use crate::cloud::Cloud;
use crate::gateway_answers::{answers_follow_3scale, unauthorized};

/// Payload format 2.0 with simple answers: 200 and 403, 401 without a key, 500 where policies are expected.
#[tokio::test]
async fn an_http_api_is_told_yes_or_no() {
    let cloud = Cloud::start().await;
    let (authorizer, backend) = (cloud.deploy("authorizer").await, cloud.deploy_backend().await);
    let api = Api::create_http(&cloud, "$default", &simple(&authorizer), &backend).await;
    answers_are_those_of_an_http_api(&cloud, &api).await;
    let expects_policies = Api::create_http(&cloud, "$default", &policy(&authorizer), &backend).await;
    assert_eq!(expects_policies.get("/greetings", Some(GOLD)).await, malformed());
}

/// Payload format 2.0 with policies: the same, and 500 where simple answers are expected.
#[tokio::test]
async fn an_http_api_is_given_policies_if_it_expects_them() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy_with("authorizer", policies).await;
    let backend = cloud.deploy_backend().await;
    let api = Api::create_http(&cloud, "dev", &policy(&authorizer), &backend).await;
    answers_are_those_of_an_http_api(&cloud, &api).await;
    let expects_yes_or_no = Api::create_http(&cloud, "dev", &simple(&authorizer), &backend).await;
    assert_eq!(expects_yes_or_no.get("/greetings", Some(GOLD)).await, malformed());
}

/// Payload format 1.0, whatever `HTTP_API_RESPONSE` says: the same.
///
/// ministack sends the event of a REST API: it leaves `version` out.
#[tokio::test]
async fn an_http_api_with_the_first_payload_format_is_given_policies() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy("authorizer").await;
    let api = Api::create_http(&cloud, "dev", &one_point_zero(&authorizer), &cloud.deploy_backend().await).await;
    answers_are_those_of_an_http_api(&cloud, &api).await;
}

/// The table that all payload formats share.
async fn answers_are_those_of_an_http_api(cloud: &Cloud, api: &Api) {
    answers_follow_3scale(cloud, api, "/lambda", &json!({ "message": "Forbidden" })).await;
    nobody_is_asked_about_a_call_without_a_key(cloud, api).await;
    a_key_that_nobody_can_have_does_not_pass(cloud, api).await;
}

async fn nobody_is_asked_about_a_call_without_a_key(cloud: &Cloud, api: &Api) {
    let invocations = cloud.invocations("authorizer").await;
    for key in [None, Some("")] {
        assert_eq!(api.get("/greetings", key).await, unauthorized(), "{key:?}");
    }
    assert_eq!(cloud.invocations("authorizer").await, invocations, "API Gateway answers by itself");
}

/// AWS does not say what an HTTP API makes of `Unauthorized`, the function's answer; ministack answers 500, as to any
/// failure.
async fn a_key_that_nobody_can_have_does_not_pass(cloud: &Cloud, api: &Api) {
    let (passed, asked) = (cloud.invocations("backend").await, cloud.asked());
    let too_long = "x".repeat(257);
    let status = api.get("/greetings", Some(&too_long)).await.status;
    assert!([401, 500].contains(&status), "{status}");
    assert_eq!((cloud.invocations("backend").await, cloud.asked()), (passed, asked));
}

fn policies(variables: &mut BTreeMap<&'static str, String>) {
    variables.insert("HTTP_API_RESPONSE", "iam".to_owned());
}

fn malformed() -> Answer {
    Answer { status: 500, body: json!({ "message": "Internal Server Error" }) }
}
