//! The authorizer itself starts with a rendered environment.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::gateway::{Answer, ApiKind, Judgement};
use e2e::{binary, config_gen};
use runtime_api::{Config, Function};
use serde_json::json;
use threescale_stub::{Application, Backend, Clock, Plan, Server, Service, ServiceKind};
use tokio::net::TcpListener;

const METHOD_ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/local/GET/greetings";

/// Reads a dotenv file as a shell does, on a machine that has a secret of its own.
fn variables(dotenv: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("local.env"), dotenv).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "set -a; . ./local.env; unset SECRET_OF_THIS_MACHINE PWD; exec /usr/bin/env -0"]);
    let output = shell.current_dir(folder.path()).env_clear().env("SECRET_OF_THIS_MACHINE", TOKEN).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let lines = output.split('\0').filter_map(|line| line.split_once('='));
    lines.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

async fn threescale() -> Server {
    let service = Service::new("7", TOKEN, ServiceKind::UserKey).with_metric("hits");
    let service = service.with_application(Application::by_user_key("good-key", &Plan::new("Unlimited")));
    let backend = Arc::new(Mutex::new(Backend::new("provider-key").with_service(service)));
    Server::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), backend, Clock::system()).unwrap()
}

#[tokio::test]
async fn the_authorizer_starts_with_a_rendered_environment_and_authorizes() {
    let threescale = threescale().await;
    let folder = tempfile::tempdir().unwrap();
    let stage = json!({
        "deployment": { "project": "greetings", "region": "eu-west-1", "authorizer": { "timeout_secs": 29 } },
        "settings": {
            "THREESCALE_BACKEND_URL": threescale.url(),
            "THREESCALE_SERVICE_ID": "7",
            "THREESCALE_SERVICE_TOKEN": "env:SECRET_OF_THIS_MACHINE",
            "THREESCALE_TIMEOUT_MS": 10_000,
            "MAPPING_RULES": [{ "http_method": "GET", "pattern": "/greetings$", "metric": "hits", "delta": 2 }],
        },
    });
    std::fs::create_dir(folder.path().join("stages")).unwrap();
    std::fs::write(folder.path().join("stages/local.json"), stage.to_string()).unwrap();
    let dir = folder.path().to_str().unwrap();
    let dotenv = config_gen(&["--stage", "local", "--dir", dir, "--format", "dotenv", "--out", "-"]);

    let config =
        Config { env: variables(&dotenv), timeout: Duration::from_secs(30), ..Config::new(binary("authorizer")) };
    let authorizer = Function::start(config).await.unwrap();
    for (key, expected) in [("good-key", true), ("bad-key", false)] {
        let event = json!({ "type": "TOKEN", "authorizationToken": key, "methodArn": METHOD_ARN }).to_string();
        let answer = authorizer.invoke(&event).await.unwrap().answer.unwrap();
        assert_eq!(is_allowed(&answer), expected, "{key}: {answer}");
    }
    let log = authorizer.stop().await.join("\n");
    assert!(log.contains("local") && !log.contains(TOKEN), "{log}");
    threescale.stop().await;
}

const TOKEN: &str = "CANARY-service-token";

fn is_allowed(answer: &str) -> bool {
    Answer::read(answer, ApiKind::RestToken).unwrap().judge(METHOD_ARN) == Judgement::Allowed
}
