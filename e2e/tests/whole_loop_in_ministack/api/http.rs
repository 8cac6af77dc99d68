//! HTTP APIs, and what they have in common with WebSocket APIs.

use e2e::invocation_uri;
use reqwest::Method;
use serde_json::{Value, json};

use super::Api;
use crate::cloud::Cloud;

impl Api {
    /// Makes an HTTP API with one stage. The backend answers all calls.
    pub(crate) async fn create_http(cloud: &Cloud, stage: &str, authorizer: &Value, backend: &str) -> Self {
        let id = create(cloud, &HTTP, stage, authorizer, backend).await;
        Self::of_stage(cloud, id, stage)
    }
}

/// An authorizer with payload format 2.0 that says yes or no.
pub(crate) fn simple(function: &str) -> Value {
    authorizer(function, "2.0", true)
}

/// An authorizer with payload format 2.0 that writes a policy.
pub(crate) fn policy(function: &str) -> Value {
    authorizer(function, "2.0", false)
}

/// An authorizer with payload format 1.0, which knows policies alone.
pub(crate) fn one_point_zero(function: &str) -> Value {
    authorizer(function, "1.0", false)
}

fn authorizer(function: &str, format: &str, is_simple: bool) -> Value {
    json!({
        "name": "authorizer",
        "authorizerType": "REQUEST",
        "authorizerUri": invocation_uri(function),
        "identitySource": ["$request.header.apikey"],
        "authorizerPayloadFormatVersion": format,
        "enableSimpleResponses": is_simple,
        "authorizerResultTtlInSeconds": 0,
    })
}

/// What HTTP APIs and WebSocket APIs have each in their own way.
pub(super) struct Protocol {
    pub(super) name: &'static str,
    /// The payload format of the backend.
    pub(super) payload_format: &'static str,
    /// The route with the authorizer before it.
    pub(super) guarded: &'static str,
    pub(super) open: &'static [&'static str],
}

/// Makes an API whose routes all lead to the backend, and returns its id.
pub(super) async fn create(
    cloud: &Cloud,
    protocol: &Protocol,
    stage: &str,
    authorizer: &Value,
    backend: &str,
) -> String {
    let post = async |path: String, body: &Value, id: &str| {
        let answer = cloud.aws.rest("apigateway", Method::POST, &path, body).await;
        answer[id].as_str().unwrap().to_owned()
    };
    let id = post("/v2/apis".to_owned(), &json!({ "name": "api", "protocolType": protocol.name }), "apiId").await;
    let integration = json!({
        "integrationType": "AWS_PROXY",
        "integrationMethod": "POST",
        "integrationUri": invocation_uri(backend),
        "payloadFormatVersion": protocol.payload_format,
    });
    let integration = post(format!("/v2/apis/{id}/integrations"), &integration, "integrationId").await;
    let target = format!("integrations/{integration}");
    let authorizer = post(format!("/v2/apis/{id}/authorizers"), authorizer, "authorizerId").await;
    let guarded = json!({
        "routeKey": protocol.guarded,
        "target": target,
        "authorizationType": "CUSTOM",
        "authorizerId": authorizer,
    });
    let open = protocol.open.iter().map(|key| json!({ "routeKey": key, "target": target }));
    for route in open.chain([guarded]) {
        post(format!("/v2/apis/{id}/routes"), &route, "routeId").await;
    }
    post(format!("/v2/apis/{id}/stages"), &json!({ "stageName": stage, "autoDeploy": true }), "stageName").await;
    id
}

const HTTP: Protocol = Protocol { name: "HTTP", payload_format: "2.0", guarded: "ANY /{proxy+}", open: &[] };
