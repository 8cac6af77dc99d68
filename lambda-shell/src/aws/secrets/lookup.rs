//! Asking AWS for one secret.

use std::time::{Duration, SystemTime};

use authz_core::threescale::Failure;
use reqwest::Client;
use serde_json::Value;

use super::failure::SecretFailure;
use super::reference::{Reference, Store, Target};
use super::request::signed_request;
use crate::aws::environment::Environment;
use crate::aws::{AwsRefusal, MAX_BODY_BYTES};
use crate::http::{Answer, exchange};

/// Of all attempts together.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// When many functions start at once, AWS throttles: a pause before each further attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// Looks a secret up.
pub(super) async fn look_up(
    client: &Client,
    environment: &Environment,
    reference: &Reference,
) -> Result<String, SecretFailure> {
    let target = reference.target.as_ref().ok_or(SecretFailure::NoReference)?;
    let attempts = async {
        let mut pauses = PAUSES.into_iter();
        loop {
            let answer = ask(client, environment, reference.store, target).await;
            match (answer, pauses.next()) {
                (Err(failure), Some(pause)) if failure.may_pass() => tokio::time::sleep(pause).await,
                (answer, _) => return answer,
            }
        }
    };
    let timed_out = Err(SecretFailure::NoAnswer(Failure::TimedOut));
    let text = tokio::time::timeout(TIME_LIMIT, attempts).await.unwrap_or(timed_out)?;
    let secret = match &target.member {
        Some(member) => member_of(&text, member)?,
        None => text,
    };
    if secret.is_empty() { Err(SecretFailure::Empty) } else { Ok(secret) }
}

async fn ask(
    client: &Client,
    environment: &Environment,
    store: Store,
    target: &Target,
) -> Result<String, SecretFailure> {
    let request = signed_request(environment, store, target, SystemTime::now()).ok_or(SecretFailure::NotSent)?;
    let answer = exchange(client, request, MAX_BODY_BYTES).await.map_err(SecretFailure::NoAnswer)?;
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    if answer.status != 200 {
        return Err(SecretFailure::refused(store, AwsRefusal::new(answer.status, error_code(&answer, body.as_ref()))));
    }
    let body = body.filter(Value::is_object).ok_or(SecretFailure::Unreadable)?;
    let text = match store {
        Store::Ssm => &body["Parameter"]["Value"],
        Store::SecretsManager if body["SecretBinary"].is_string() => return Err(SecretFailure::NotText),
        Store::SecretsManager => &body["SecretString"],
    };
    text.as_str().map(str::to_owned).ok_or(SecretFailure::Unreadable)
}

fn member_of(text: &str, member: &str) -> Result<String, SecretFailure> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => match object.get(member) {
            Some(Value::String(secret)) => Ok(secret.clone()),
            Some(_) => Err(SecretFailure::KeyNotText),
            None => Err(SecretFailure::NoSuchKey),
        },
        _ => Err(SecretFailure::NotJson),
    }
}

/// The code stands in a header or in the body, between a name space and a URL that may both be missing (Smithy, "AWS
/// JSON 1.1 protocol", operation error serialization).
fn error_code<'a>(answer: &'a Answer, body: Option<&'a Value>) -> Option<&'a str> {
    let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let member = |name| body.and_then(|body| body.get(name)).and_then(Value::as_str);
    let text = header.or_else(|| member("__type")).or_else(|| member("code"))?;
    let code = text.split(':').next()?;
    code.rsplit('#').next()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn a_code_is_found_in_header_and_body() {
        let code = |header: Option<&'static str>, body: Value| {
            let header = header.map(|text| ("x-amzn-errortype".parse().unwrap(), text.parse().unwrap()));
            let answer = Answer { status: 400, headers: HeaderMap::from_iter(header), body: Vec::new() };
            error_code(&answer, Some(&body)).map(str::to_owned)
        };
        let url = "ParameterNotFound:http://internal.amazon.com/coral/com.amazonaws.ssm/";
        assert_eq!(code(Some(url), Value::Null).as_deref(), Some("ParameterNotFound"));
        let name_space = serde_json::json!({ "__type": "com.amazonaws.ssm#ParameterNotFound" });
        assert_eq!(code(None, name_space).as_deref(), Some("ParameterNotFound"));
        assert_eq!(code(None, serde_json::json!({ "code": "AccessDenied" })).as_deref(), Some("AccessDenied"));
        assert_eq!(code(None, Value::Null), None);
    }
}
