use std::collections::BTreeMap;

use lambda_shell::resolve_secrets;
use serde_json::{Value, json};

use crate::fake_aws::{FakeAws, Reaction, Recorded, client, variables};
use crate::signature::assert_signed;

/// Keeps the parameter `/dev/token` and the secret `3scale`.
fn keep(request: &Recorded) -> Reaction {
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    let answer = match (request.header("x-amz-target"), &asked) {
        ("AmazonSSM.GetParameter", asked) if *asked == json!({ "Name": "/dev/token", "WithDecryption": true }) => {
            json!({ "Parameter": { "Name": "/dev/token", "Type": "SecureString", "Value": "token\"ü" } })
        }
        ("secretsmanager.GetSecretValue", _) => {
            json!({ "Name": asked["SecretId"], "SecretString": "{\"provider key\": \"key\", \"auth\": \"auth\"}" })
        }
        _ => return Reaction::Answer(500, String::new()),
    };
    Reaction::Answer(200, answer.to_string())
}

fn with(mut variables: BTreeMap<String, String>, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    variables
}

#[tokio::test]
async fn references_become_secrets() {
    let aws = FakeAws::start(|request, _| keep(request)).await;
    let secret = "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:3scale-AbCdEf#auth";
    let references = [
        ("THREESCALE_SERVICE_TOKEN", "ssm:/dev/token"),
        ("THREESCALE_PROVIDER_KEY", "secretsmanager:3scale#provider key"),
        ("CREDENTIAL_SECRET", "secretsmanager:3scale"),
        ("ELASTICACHE_AUTH_TOKEN", secret),
        ("SNS_TOPIC_ARN", "ssm:/not/a/secret"),
    ];
    let before = with(variables(&aws.endpoint), &references);
    let mut resolved = before.clone();
    resolve_secrets(&client(), &mut resolved).await.unwrap();
    let secrets = [
        ("THREESCALE_SERVICE_TOKEN", "token\"ü"),
        ("THREESCALE_PROVIDER_KEY", "key"),
        ("CREDENTIAL_SECRET", "{\"provider key\": \"key\", \"auth\": \"auth\"}"),
        ("ELASTICACHE_AUTH_TOKEN", "auth"),
    ];
    assert_eq!(resolved, with(before, &secrets));
}

#[tokio::test]
async fn the_tokens_of_mapped_services_may_be_references_too() {
    let aws = FakeAws::start(|request, _| keep(request)).await;
    let map = json!([
        { "gateway": "a", "stage": "dev", "service_id": "7", "service_token": "ssm:/dev/token" },
        { "gateway": "b", "stage": "dev", "service_id": "8", "service_token": "a literal" },
        { "gateway": "c", "stage": "dev", "service_id": "9" },
    ]);
    let mut variables = with(variables(&aws.endpoint), &[("SERVICES_MAP", &map.to_string())]);
    resolve_secrets(&client(), &mut variables).await.unwrap();
    let resolved: Value = serde_json::from_str(&variables["SERVICES_MAP"]).unwrap();
    let mut expected = map;
    expected[0]["service_token"] = json!("token\"ü");
    assert_eq!(resolved, expected);
}

#[tokio::test]
async fn requests_are_signed_for_the_region_of_the_secret() {
    let aws = FakeAws::start(|request, _| keep(request)).await;
    let secret = "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:3scale-AbCdEf#auth";
    let references = [("CREDENTIAL_SECRET", "ssm:/dev/token"), ("ELASTICACHE_AUTH_TOKEN", secret)];
    let mut variables = with(variables(&aws.endpoint), &references);
    resolve_secrets(&client(), &mut variables).await.unwrap();
    let requests = aws.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!((request.method.as_str(), request.header("content-type")), ("POST", "application/x-amz-json-1.1"));
        let (region, service) = match request.header("x-amz-target") {
            "AmazonSSM.GetParameter" => ("us-east-1", "ssm"),
            _ => ("eu-west-1", "secretsmanager"),
        };
        assert_signed(&request, region, service, &["content-type", "x-amz-target"]);
    }
}

#[tokio::test]
async fn without_references_aws_is_left_alone() {
    let before = with(BTreeMap::new(), &[("THREESCALE_SERVICE_TOKEN", "token"), ("AWS_ENDPOINT_URL", "nonsense")]);
    let mut variables = before.clone();
    resolve_secrets(&client(), &mut variables).await.unwrap();
    assert_eq!(variables, before);
}

#[tokio::test]
async fn throttling_passes() {
    let aws = FakeAws::start(|request, before| match before {
        0 => Reaction::Answer(400, json!({ "__type": "ThrottlingException" }).to_string()),
        _ => keep(request),
    });
    let aws = aws.await;
    let mut variables = with(variables(&aws.endpoint), &[("CREDENTIAL_SECRET", "ssm:/dev/token")]);
    resolve_secrets(&client(), &mut variables).await.unwrap();
    assert_eq!(variables["CREDENTIAL_SECRET"], "token\"ü");
    assert_eq!(aws.requests().len(), 2);
}
