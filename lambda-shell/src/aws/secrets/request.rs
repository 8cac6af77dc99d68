//! A request for one secret.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde_json::json;

use super::reference::{Store, Target};
use crate::aws::environment::{Environment, Service};

/// Makes a request of the AWS JSON 1.1 protocol, signed by AWS Signature Version 4. `now` must be within 5 minutes of
/// AWS's time.
pub(super) fn signed_request(
    environment: &Environment,
    store: Store,
    target: &Target,
    now: SystemTime,
) -> Option<Request> {
    let region = target.region.as_deref().unwrap_or(&environment.region);
    let (operation, body) = match store {
        Store::Ssm => ("AmazonSSM.GetParameter", json!({ "Name": target.name, "WithDecryption": true })),
        Store::SecretsManager => ("secretsmanager.GetSecretValue", json!({ "SecretId": target.name })),
    };
    let url = match environment.endpoint(store.service()) {
        Some(url) => url.clone(),
        None => own_endpoint(store.service(), region)?,
    };
    let body = body.to_string();
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", operation)];
    let signable =
        SignableRequest::new("POST", url.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()));
    let signature = signature(environment, store.service(), region, signable.ok()?, now)?;
    let mut request = Request::new(Method::POST, url.clone());
    for (name, value) in headers.into_iter().chain(signature.headers()) {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    *request.body_mut() = Some(body.into());
    Some(request)
}

fn signature(
    environment: &Environment,
    service: Service,
    region: &str,
    request: SignableRequest<'_>,
    now: SystemTime,
) -> Option<SigningInstructions> {
    let identity = Identity::from(environment.credentials.clone());
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service.name())
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .ok()?;
    let (signature, _) = sign(request, &parameters.into()).ok()?.into_parts();
    Some(signature)
}

/// AWS General Reference, "Service endpoints", of the commercial regions and of China.
fn own_endpoint(service: Service, region: &str) -> Option<Url> {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&format!("https://{}.{region}.{suffix}", service.name())).ok()
}

#[cfg(test)]
mod tests {
    use super::super::reference::Reference;
    use super::*;

    fn host_and_scope(reference: &str) -> (String, String) {
        let variables = [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "key")];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let reference = Reference::parse(reference).unwrap();
        let environment = Environment::read(&variables).unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let request = signed_request(&environment, reference.store, &reference.target.unwrap(), now).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let scope = authorization.split(['/', ',']).skip(1).take(4).collect::<Vec<_>>().join("/");
        (request.url().to_string(), scope)
    }

    #[test]
    fn a_secret_is_asked_for_in_its_region() {
        let (url, scope) = host_and_scope("ssm:/token");
        assert_eq!(url, "https://ssm.us-east-1.amazonaws.com/");
        assert_eq!(scope, "19700101/us-east-1/ssm/aws4_request");
        let (url, scope) = host_and_scope("secretsmanager:arn:aws-cn:secretsmanager:cn-north-1:1:secret:a-AbCdEf#b");
        assert_eq!(url, "https://secretsmanager.cn-north-1.amazonaws.com.cn/");
        assert_eq!(scope, "19700101/cn-north-1/secretsmanager/aws4_request");
    }
}
