//! API Gateway's questions, and what it makes of the answers.

use authz_core::gateway::{Answer, ApiKind, Judgement};
use runtime_api::Function;
use serde_json::json;

const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";

/// The event of a REST API's TOKEN authorizer.
pub(crate) fn token_event(user_key: &str) -> String {
    json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": METHOD_ARN }).to_string()
}

/// The event of a REST API's REQUEST authorizer, with all that API Gateway puts into it.
pub(crate) fn request_event(user_key: &str) -> String {
    json!({
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "resource": "/greetings",
        "path": "/greetings",
        "httpMethod": "GET",
        "headers": { "ApiKey": user_key, "Host": "abcdef123.execute-api.us-east-1.amazonaws.com" },
        "multiValueHeaders": { "ApiKey": [user_key] },
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": { "resourceId": "123456", "stage": "dev", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef" },
    })
    .to_string()
}

/// Returns `allow` or `deny`, the reason, and what the cache had to do with it; or the error that the function failed with.
pub(crate) async fn ask(function: &Function, event: &str) -> String {
    match function.invoke(event).await.unwrap().answer {
        Ok(policy) => told(&policy),
        Err(error) => error.error_message,
    }
}

/// What API Gateway reads in an answer.
pub(crate) fn told(policy: &str) -> String {
    let answer = Answer::read(policy, ApiKind::RestRequest).unwrap();
    let effect = match answer.judge(METHOD_ARN) {
        Judgement::Allowed => "allow",
        Judgement::Denied | Judgement::ExplicitlyDenied => "deny",
    };
    let text = |name: &str| answer.principal.variable(name).unwrap();
    format!("{effect} {} {}", text("reason"), text("cache"))
}
