//! An API in API Gateway, with one authorizer before all of its methods: here REST APIs.

mod http;
mod web_socket;

use e2e::{Aws, invocation_uri};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::Cloud;
pub(crate) use e2e::mock_integration as mock;
pub(crate) use http::{one_point_zero, policy, simple};
pub(crate) use web_socket::{WebSocketApi, connect, heard};

#[derive(Clone)]
pub(crate) struct Api {
    aws: Aws,
    pub(crate) id: String,
    /// Stands before every path: the stage, unless that is `$default`.
    prefix: String,
}

/// What a client gets.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Api {
    /// Makes an API whose stage is `dev`. Its methods answer what `integration` says.
    pub(crate) async fn create(cloud: &Cloud, authorizer: &Value, integration: &Value) -> Self {
        let id = cloud.aws.create_rest_api(authorizer, integration).await;
        Self::of_stage(cloud, id, "dev")
    }

    /// Gives a gateway response of a REST API a body of its own.
    pub(crate) async fn customize(&self, gateway_response: &str, body: &str) {
        let response = json!({ "responseTemplates": { "application/json": body } });
        let path = format!("/restapis/{}/gatewayresponses/{gateway_response}", self.id);
        self.aws.rest("apigateway", Method::PUT, &path, &response).await;
        let deployments = format!("/restapis/{}/deployments", self.id);
        self.aws.rest("apigateway", Method::POST, &deployments, &json!({ "stageName": "dev" })).await;
    }

    fn of_stage(cloud: &Cloud, id: String, stage: &str) -> Self {
        let prefix = if stage == "$default" { String::new() } else { format!("/{stage}") };
        Self { aws: cloud.aws.clone(), id, prefix }
    }

    /// Calls a method with the key in the header `apikey`.
    pub(crate) async fn get(&self, path: &str, key: Option<&str>) -> Answer {
        self.send(Method::GET, path, key).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, key: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = key.into_iter().map(|key| ("apikey", key)).collect();
        let answer = self.aws.call(method, &self.id, &format!("{}{path}", self.prefix), &headers).await;
        let status = answer.status().as_u16();
        Answer { status, body: serde_json::from_str(&answer.text().await.unwrap()).unwrap() }
    }
}

/// An authorizer of type TOKEN: API Gateway hands on the header, if it has no exclamation mark.
pub(crate) fn token(function: &str) -> Value {
    json!({
        "name": "authorizer",
        "type": "TOKEN",
        "authorizerUri": invocation_uri(function),
        "identitySource": "method.request.header.apikey",
        "identityValidationExpression": "[^!]*",
        "authorizerResultTtlInSeconds": 0,
    })
}

/// An authorizer of type REQUEST: API Gateway hands on the whole request.
pub(crate) fn request(function: &str) -> Value {
    json!({
        "name": "authorizer",
        "type": "REQUEST",
        "authorizerUri": invocation_uri(function),
        "authorizerResultTtlInSeconds": 0,
    })
}

/// An integration that is a function.
pub(crate) fn proxy(function: &str) -> Value {
    json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": invocation_uri(function) })
}
