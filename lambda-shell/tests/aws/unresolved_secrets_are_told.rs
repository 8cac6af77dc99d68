use authz_core::threescale::Failure;
use lambda_shell::{SecretFailure, SecretsError, resolve_secrets};
use serde_json::json;

use crate::fake_aws::{FakeAws, Reaction, client, nobody, variables};

/// Resolves what `references` say, in vain, and returns why. No variable may have changed.
async fn why(endpoint: &str, references: &[(&str, &str)]) -> SecretsError {
    let mut variables = variables(endpoint);
    variables.extend(references.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let before = variables.clone();
    let error = resolve_secrets(&client(), &mut variables).await.unwrap_err();
    assert_eq!(variables, before);
    assert!(!format!("{error:?} {error}").contains("CANARY"), "{error:?}");
    error
}

async fn failure(status: u16, body: &str, reference: &str) -> SecretFailure {
    let aws = FakeAws::answering(status, body).await;
    only(why(&aws.endpoint, &[("CREDENTIAL_SECRET", reference)]).await)
}

fn only(error: SecretsError) -> SecretFailure {
    match error {
        SecretsError::Unresolved(mut all) if all.len() == 1 => all.remove(0).failure,
        error => panic!("one failure, not {error:?}"),
    }
}

#[tokio::test]
async fn several_failures_are_told_at_once() {
    let aws = FakeAws::start(|request, _| {
        let answer = match request.header("x-amz-target") {
            "AmazonSSM.GetParameter" => json!({ "__type": "ParameterNotFound", "message": "CANARY" }),
            _ => json!({ "__type": "com.amazonaws.secretsmanager#AccessDeniedException", "Message": "CANARY" }),
        };
        Reaction::Answer(400, answer.to_string())
    });
    let references = [
        ("THREESCALE_SERVICE_TOKEN", "ssm:/dev/token"),
        ("CREDENTIAL_SECRET", "secretsmanager:3scale#credential"),
        ("ELASTICACHE_AUTH_TOKEN", "ssm:CANARY CANARY"),
    ];
    let told = why(&aws.await.endpoint, &references).await.to_string();
    assert_eq!(
        told.split("; ").collect::<Vec<_>>(),
        [
            "THREESCALE_SERVICE_TOKEN refers to `ssm:/dev/token`, but AWS refuses: `ParameterNotFound` (HTTP 400): \
             create it, or correct its name and region",
            "CREDENTIAL_SECRET refers to `secretsmanager:3scale#credential`, but AWS refuses: `AccessDeniedException` \
             (HTTP 400): grant the function's role `secretsmanager:GetSecretValue`, and `kms:Decrypt` if it has its \
             own key",
            "ELASTICACHE_AUTH_TOKEN refers to `ssm:..`, which must be `ssm:NAME`, `secretsmanager:NAME` or \
             `secretsmanager:NAME#JSON-KEY`",
        ]
    );
}

#[tokio::test]
async fn a_member_must_be_there_and_a_text() {
    let of = |secret: &str| json!({ "SecretString": secret }).to_string();
    let object = of(r#"{"other": "CANARY", "number": 7, "empty": ""}"#);
    let reference = |member: &str| format!("secretsmanager:3scale#{member}");
    assert_eq!(failure(200, &object, &reference("key")).await, SecretFailure::NoSuchKey);
    assert_eq!(failure(200, &object, &reference("number")).await, SecretFailure::KeyNotText);
    assert_eq!(failure(200, &object, &reference("empty")).await, SecretFailure::Empty);
    assert_eq!(failure(200, &of("CANARY"), &reference("key")).await, SecretFailure::NotJson);
    assert_eq!(failure(200, &of(r#"["CANARY"]"#), &reference("key")).await, SecretFailure::NotJson);
}

#[tokio::test]
async fn answers_that_hold_no_secret_are_told_apart() {
    let binary = json!({ "SecretBinary": "Q0FOQVJZ" }).to_string();
    assert_eq!(failure(200, &binary, "secretsmanager:3scale").await, SecretFailure::NotText);
    for body in ["", "[]", "{}", "CANARY", r#"{"Parameter": {"Value": 7}}"#] {
        assert_eq!(failure(200, body, "ssm:/token").await, SecretFailure::Unreadable, "{body}");
    }
    let too_large = json!({ "Parameter": { "Value": "x".repeat(600 * 1024) } }).to_string();
    assert_eq!(failure(200, &too_large, "ssm:/token").await, SecretFailure::NoAnswer(Failure::TooLarge));
    let strange = failure(418, "CANARY", "ssm:/token").await;
    assert!(strange.to_string().contains("refuses: HTTP 418"), "{strange}");
}

#[tokio::test]
async fn silence_and_nobody_end_in_time() {
    let aws = FakeAws::start(|_, _| Reaction::Silence).await;
    let reference = [("CREDENTIAL_SECRET", "ssm:/token")];
    let nobody = nobody().await;
    let (silence, nobody) = tokio::join!(why(&aws.endpoint, &reference), why(&nobody, &reference));
    assert_eq!(only(silence), SecretFailure::NoAnswer(Failure::TimedOut));
    assert_eq!(only(nobody), SecretFailure::NoAnswer(Failure::NotConnected));
}

#[tokio::test]
async fn a_reference_outside_of_aws_tells_what_is_missing() {
    let mut variables = [("CREDENTIAL_SECRET".to_owned(), "ssm:/token".to_owned())].into();
    let error = resolve_secrets(&client(), &mut variables).await.unwrap_err();
    assert!(error.to_string().starts_with("secrets are referred to, and AWS_REGION is missing"), "{error}");
}

#[tokio::test]
async fn an_entry_of_the_map_is_told_by_its_number() {
    let aws = FakeAws::start(|_, _| Reaction::Answer(400, r#"{"__type":"ParameterNotFound"}"#.to_owned())).await;
    let map = r#"[{"service_token":"literal"},{"service_token":"ssm:/gone"}]"#;
    let error = why(&aws.endpoint, &[("SERVICES_MAP", map)]).await.to_string();
    assert!(
        error.starts_with("service_token of entry 2 of SERVICES_MAP refers to `ssm:/gone`, but AWS refuses"),
        "{error}"
    );
}
