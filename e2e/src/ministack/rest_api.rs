//! REST APIs of API Gateway.

use reqwest::Method;
use serde_json::{Value, json};

use super::Aws;

impl Aws {
    /// Creates a REST API with one authorizer before all of its methods, and returns its id. They answer what
    /// `integration` says; the stage is `dev`.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn create_rest_api(&self, authorizer: &Value, integration: &Value) -> String {
        let post = async |path: String, body: &Value| {
            let answer = self.rest("apigateway", Method::POST, &path, body).await;
            answer["id"].as_str().expect("an answer with an id").to_owned()
        };
        let id = post("/restapis".to_owned(), &json!({ "name": "api" })).await;
        let resources = format!("/restapis/{id}/resources");
        let all = self.rest("apigateway", Method::GET, &resources, &Value::Null).await;
        let root = all["item"][0]["id"].as_str().expect("a root");
        let resource = post(format!("{resources}/{root}"), &json!({ "pathPart": "{proxy+}" })).await;
        let authorizer = post(format!("/restapis/{id}/authorizers"), authorizer).await;
        let method = format!("{resources}/{resource}/methods/ANY");
        let custom = json!({ "authorizationType": "CUSTOM", "authorizerId": authorizer });
        self.rest("apigateway", Method::PUT, &method, &custom).await;
        self.rest("apigateway", Method::PUT, &format!("{method}/integration"), integration).await;
        post(format!("/restapis/{id}/deployments"), &json!({ "stageName": "dev" })).await;
        id
    }
}

/// Returns the name that API Gateway calls a function by.
pub fn invocation_uri(function: &str) -> String {
    format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
}

/// Returns an integration that needs nobody.
pub fn mock_integration() -> Value {
    json!({ "type": "MOCK", "requestTemplates": { "application/json": r#"{"statusCode": 200}"# } })
}
