//! What a function says that can't start.

use std::collections::BTreeMap;
use std::process::Stdio;

use authz_core::settings::Variables;
use axum::Router;
use axum::http::StatusCode;
use e2e::binary;
use serde_json::json;
use threescale_stub::ServiceKind;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::evidence::Evidence;
use crate::in_time;
use crate::marks::{FOREIGN_TEXT, PROVIDER_KEY, SERVICE_TOKEN, STRAY};
use crate::world::World;

const PLACES: [&str; 2] = ["answers of --check-config", "what a function writes that can't start"];

#[tokio::test]
async fn each_setting_wrong_in_turn() {
    in_time(async {
        let world = World::start(ServiceKind::UserKey).await;
        let mut evidence = Evidence::default();
        let known = Variables::ALL.iter().map(|variable| variable.name);
        let former = Variables::FORMER.iter().map(|(former, _)| *former);
        for name in known.chain(former).chain(AWS) {
            complain(&mut evidence, &world.variables(&[(name, STRAY)])).await;
        }
        for changes in several_wrong() {
            let changes: Vec<_> = changes.iter().map(|(name, text)| (*name, text.as_str())).collect();
            complain(&mut evidence, &world.variables(&changes)).await;
        }
        evidence.is_clean(&PLACES);
    })
    .await;
}

#[tokio::test]
async fn each_way_in_which_a_secret_is_not_to_be_had() {
    in_time(async {
        let world = World::start(ServiceKind::UserKey).await;
        let mut evidence = Evidence::default();
        let found = |text: &str| json!({ "SecretString": text, "Parameter": { "Value": text } }).to_string();
        let refused = json!({ "__type": "AccessDeniedException", "message": FOREIGN_TEXT, "Message": FOREIGN_TEXT });
        for (status, body) in [
            (StatusCode::BAD_REQUEST, refused.to_string()),
            (StatusCode::BAD_REQUEST, json!({ "__type": FOREIGN_TEXT }).to_string()),
            (StatusCode::INTERNAL_SERVER_ERROR, FOREIGN_TEXT.to_owned()),
            (StatusCode::OK, FOREIGN_TEXT.to_owned()),
            (StatusCode::OK, found(SERVICE_TOKEN)),
            (StatusCode::OK, found(&json!({ "other": STRAY }).to_string())),
            (StatusCode::OK, found(&json!({ "token": [STRAY] }).to_string())),
        ] {
            let endpoint = answering(status, body).await;
            let changes = [
                ("AWS_ENDPOINT_URL", endpoint.as_str()),
                ("CREDENTIAL_SECRET", "secretsmanager:secret#token"),
                ("THREESCALE_SERVICE_TOKEN", "ssm:/token"),
                // Whatever the secrets are, with this no function starts.
                ("TLS_CA_FILE", "/nowhere"),
            ];
            for name in NAMES {
                evidence.add(PLACES[1], run(name, &world.variables(&changes), &[]).await.1);
            }
        }
        evidence.is_clean(&PLACES[1..]);
    })
    .await;
}

/// Checks an environment for both functions, and starts those that can't start.
async fn complain(evidence: &mut Evidence, variables: &BTreeMap<String, String>) {
    for name in NAMES {
        let (is_sound, told) = run(name, variables, &["--check-config"]).await;
        if !is_sound {
            assert!(!told.is_empty(), "{name} says why");
            evidence.add(PLACES[0], told);
            evidence.add(PLACES[1], run(name, variables, &[]).await.1);
        }
    }
}

/// Whether a program was content, and all that it wrote.
async fn run(name: &str, variables: &BTreeMap<String, String>, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(binary(name));
    command.args(arguments).env_clear().env("AWS_REGION", "us-east-1").envs(variables);
    // Nobody is there: it must not even get so far as to ask.
    command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9").stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// Settings that are wrong by more than one text, with secrets where they may be and where they do not belong.
fn several_wrong() -> Vec<Vec<(&'static str, String)>> {
    let service = json!({ "gateway": "g", "stage": "s", "service_id": "7", "service_token": SERVICE_TOKEN });
    let with = |name: &str| {
        let mut service = service.clone();
        service[name] = json!([STRAY]);
        json!([service]).to_string()
    };
    let mut wrong: Vec<Vec<_>> = ["gateway", "stage", "service_id", "service_token", STRAY]
        .map(|name| vec![("SERVICES_MAP", with(name)), ("THREESCALE_SERVICE_ID", String::new())])
        .into();
    wrong.extend([
        vec![("THREESCALE_PROVIDER_KEY", PROVIDER_KEY.to_owned()), ("FAIL_MODE", STRAY.to_owned())],
        vec![("THREESCALE_BACKEND_URL", format!("https://user:{FOREIGN_TEXT}@3scale.example"))],
        vec![("THREESCALE_BACKEND_URL", format!("https://3scale.example/?key={SERVICE_TOKEN}"))],
        vec![("THREESCALE_BACKEND_URL", format!("{SERVICE_TOKEN}://3scale.example"))],
        vec![("ELASTICACHE_ENDPOINT", format!("redis://:{FOREIGN_TEXT}@cache"))],
        vec![("MAPPING_RULES", json!([{ "pattern": STRAY, STRAY: STRAY }]).to_string())],
        vec![("THREESCALE_SERVICE_TOKEN", format!("ssm:/token#{STRAY}"))],
        vec![("CREDENTIAL_SECRET", format!("secretsmanager:{STRAY}"))],
        vec![("AWS_ENDPOINT_URL_SNS", format!("https://user:{FOREIGN_TEXT}@sns"))],
        vec![("SNS_TOPIC_ARN", String::new())],
        vec![("ELASTICACHE_ENDPOINT", String::new()), ("SNS_TOPIC_ARN", String::new())],
    ]);
    wrong
}

/// A service of AWS that answers everything so.
async fn answering(status: StatusCode, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(move || async move { (status, body) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

const AWS: [&str; 3] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SNS", "AWS_REGION"];
const NAMES: [&str; 2] = ["authorizer", "authrep-async"];
