//! What the tests ask of AWS, in the protocols of its services.

use lambda_shell::{http_client, tls};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

/// An account of an AWS that does not look at signatures.
#[derive(Clone, Debug)]
pub struct Aws {
    url: String,
    client: Client,
}

impl Aws {
    pub(super) fn new(url: String) -> Self {
        let client = tls(None).and_then(|tls| http_client(&tls)).expect("a client for plain HTTP");
        Self { url, client }
    }

    /// Returns where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request of a service with resources, such as API Gateway and Lambda, and returns the answer.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn rest(&self, service: &str, method: Method, path: &str, body: &Value) -> Value {
        let request = self.signed(service, method, path).header(CONTENT_TYPE, "application/json");
        json(&answered(request.body(body.to_string())).await)
    }

    /// Keeps a file in S3; the path is that of a bucket, or of a file in a bucket.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn keep(&self, path: &str, content: Vec<u8>) {
        answered(self.signed("s3", Method::PUT, path).body(content)).await;
    }

    /// Sends a request of a service with operations in JSON, such as SQS, and returns the answer.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn operation(&self, service: &str, operation: &str, body: &Value) -> Value {
        let request = self.signed(service, Method::POST, "/").header(CONTENT_TYPE, "application/x-amz-json-1.1");
        json(&answered(request.header("x-amz-target", operation).body(body.to_string())).await)
    }

    /// Sends a request of a service with forms, such as SNS, and returns the answer, which is XML.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn form(&self, service: &str, fields: &[(&str, &str)]) -> String {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.signed(service, Method::POST, "/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        answered(request.body(form)).await
    }

    /// Creates a topic of SNS, and returns its ARN.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn create_topic(&self, name: &str) -> String {
        let created = self.form("sns", &[("Action", "CreateTopic"), ("Name", name)]).await;
        let (_, rest) = created.split_once("<TopicArn>").expect("an answer with an ARN");
        rest.split_once("</TopicArn>").expect("an element that ends").0.to_owned()
    }

    /// Lets a queue or a function hear of every message of a topic.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn subscribe(&self, topic: &str, protocol: &str, endpoint: &str, attributes: &[(&str, &str)]) {
        let fields = [("Action", "Subscribe"), ("TopicArn", topic), ("Protocol", protocol), ("Endpoint", endpoint)];
        self.form("sns", &[&fields, attributes].concat()).await;
    }

    /// Calls an API as its clients do.
    ///
    /// # Panics
    ///
    /// If nobody answers.
    pub async fn call(&self, method: Method, api: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let url = format!("{}/_aws/execute-api/{api}{path}", self.url);
        let request = headers
            .iter()
            .fold(self.client.request(method, url), |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("an answer of API Gateway")
    }

    /// Returns what ministack tells about itself; `None` if it does not answer.
    pub(super) async fn edition(&self) -> Option<String> {
        let answer = self.client.get(format!("{}/_ministack/health", self.url)).send().await.ok()?;
        let health: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
        health["edition"].as_str().map(str::to_owned)
    }

    /// The signature names account, region and service; the rest of it is not looked at. A key of twelve digits would
    /// be the number of an account.
    fn signed(&self, service: &str, method: Method, path: &str) -> RequestBuilder {
        let scope = format!("test/20260101/{REGION}/{service}/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        self.client.request(method, format!("{}{path}", self.url)).header(AUTHORIZATION, signature)
    }
}

async fn answered(request: RequestBuilder) -> String {
    let answer = request.send().await.expect("an answer of AWS");
    let status = answer.status();
    let text = answer.text().await.expect("the body of an answer");
    assert!(status.is_success(), "{status}: {text}");
    text
}

fn json(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { serde_json::from_str(text).expect("an answer in JSON") }
}

const REGION: &str = "us-east-1";
