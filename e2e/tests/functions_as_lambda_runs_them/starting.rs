//! A function that can't start says why in one line, without a secret, and ends.

use std::collections::BTreeMap;
use std::process::Stdio;

use e2e::{binary, log_line};
use runtime_api::{Function, StartError};
use tokio::process::Command;

use crate::support::{
    ParameterStore, SERVICE_TOKEN, USER_KEY, World, ask, assert_nothing_leaked, in_time, token_event,
};

/// Runs a program that can't start, and returns the error in the one line that it wrote.
async fn complaint(name: &str, variables: &BTreeMap<String, String>) -> String {
    let mut command = Command::new(binary(name));
    command.env_clear().envs(variables).env("AWS_REGION", "us-east-1").stdin(Stdio::null()).kill_on_drop(true);
    // Nobody is there: it must not even get so far as to ask.
    let output = command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9").output().await.unwrap();
    let written = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_nothing_leaked(&written);
    assert_eq!(output.status.code(), Some(2), "{written}");
    let [line] = &written.lines().collect::<Vec<_>>()[..] else { panic!("one line: {written}") };
    let line = log_line(line);
    assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &"the function can't start".into()));
    line["error"].as_str().unwrap().to_owned()
}

/// Lambda reports a failed init.
async fn fails_to_start(world: &World, name: &str, changes: &[(&str, &str)]) {
    let started = Function::start(world.config(name, changes)).await;
    let Err(StartError::Init(error)) = started else { panic!("it starts") };
    assert_eq!(error.to_string(), "Runtime.ExitError: Runtime exited with error: exit status 2");
}

#[tokio::test]
async fn every_mistake_is_told_at_once() {
    in_time(async {
        let world = World::start().await;
        let changes = [("THREESCALE_SERVICE_ID", ""), ("FAIL_MODE", "ajar"), ("ELASTICACHE_TIMEOUT_MS", "5001")];
        for name in ["authorizer", "authrep-async"] {
            assert_eq!(
                complaint(name, &world.variables(&changes)).await,
                "ELASTICACHE_TIMEOUT_MS must be a whole number from 1 to 5000; \
                 FAIL_MODE must be one of `closed`, `open`; \
                 THREESCALE_SERVICE_ID is missing: set it to the id of the product in 3scale's admin portal"
            );
            fails_to_start(&world, name, &changes).await;
        }
        world.end([]).await;
    })
    .await;
}

/// Settings, files and what AWS wants, and nobody was asked for a secret.
#[tokio::test]
async fn mistakes_of_all_kinds_are_told_together() {
    in_time(async {
        let world = World::start().await;
        let changes = [
            ("MAPPING_RULES", "file:rules.json"),
            ("CREDENTIAL_SECRET", "ssm:/secret"),
            ("AWS_ACCESS_KEY_ID", ""),
            ("FAIL_MODE", "ajar"),
        ];
        let error = complaint("authorizer", &world.variables(&changes)).await;
        let told: Vec<_> = error.split("; ").map(|problem| problem.split(' ').next().unwrap()).collect();
        assert_eq!(told, ["MAPPING_RULES", "FAIL_MODE", "AWS_ACCESS_KEY_ID"], "{error}");
        world.end([]).await;
    })
    .await;
}

/// What a function would say when it starts, a line for each mistake.
#[tokio::test]
async fn an_environment_can_be_checked_without_starting() {
    in_time(async {
        let world = World::start().await;
        let check = async |name: &str, changes: &[(&str, &str)]| {
            let mut command = Command::new(binary(name));
            command.arg("--check-config").env_clear().envs(world.variables(changes)).env("AWS_REGION", "us-east-1");
            let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
            assert!(output.stdout.is_empty());
            let told = String::from_utf8(output.stderr).unwrap();
            assert_nothing_leaked(&told);
            (output.status.code(), told)
        };
        assert_eq!(check("authorizer", &[]).await, (Some(0), String::new()));
        assert_eq!(check("authrep-async", &[("SNS_TOPIC_ARN", "")]).await, (Some(0), String::new()));
        let (code, told) = check("authorizer", &[("FAIL_MODE", "ajar"), ("POLICY_SCOPE", "all")]).await;
        assert_eq!(code, Some(2));
        assert_eq!(
            told,
            "FAIL_MODE must be one of `closed`, `open`\nPOLICY_SCOPE must be one of `stage`, `exact`, `api`\n"
        );
        world.end([]).await;
    })
    .await;
}

#[tokio::test]
async fn a_cache_needs_a_topic() {
    in_time(async {
        let world = World::start().await;
        let error = complaint("authorizer", &world.variables(&[("SNS_TOPIC_ARN", "")])).await;
        assert!(error.starts_with("SNS_TOPIC_ARN is missing: with ELASTICACHE_ENDPOINT set, "), "{error}");
        fails_to_start(&world, "authorizer", &[("SNS_TOPIC_ARN", "")]).await;
        world.end([]).await;
    })
    .await;
}

#[tokio::test]
async fn a_collector_needs_a_cache() {
    in_time(async {
        let world = World::start().await;
        let error = complaint("authrep-async", &world.variables(&[("ELASTICACHE_ENDPOINT", "")])).await;
        assert_eq!(error, "ELASTICACHE_ENDPOINT is missing: set it to the host that the authorizer uses");
        world.end([]).await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_needs_credentials() {
    in_time(async {
        let world = World::start().await;
        let error = complaint("authorizer", &world.variables(&[("AWS_SECRET_ACCESS_KEY", "")])).await;
        assert_eq!(error, "AWS_SECRET_ACCESS_KEY is missing: Lambda sets it, and elsewhere you do");
        world.end([]).await;
    })
    .await;
}

#[tokio::test]
async fn a_secret_comes_from_where_it_is_kept() {
    in_time(async {
        let world = World::start().await;
        let store = ParameterStore::with("/token", SERVICE_TOKEN).await;
        let changes = [("THREESCALE_SERVICE_TOKEN", "ssm:/token"), ("AWS_ENDPOINT_URL_SSM", &store.endpoint)];
        let authorizer = world.authorizer(&changes).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_told_by_variable_and_code() {
    in_time(async {
        let world = World::start().await;
        let store = ParameterStore::with("/token", SERVICE_TOKEN).await;
        let changes = [
            ("THREESCALE_SERVICE_TOKEN", "ssm:/missing"),
            ("ELASTICACHE_AUTH_TOKEN", "ssm:/token#CANARY"),
            ("AWS_ENDPOINT_URL_SSM", &store.endpoint),
        ];
        assert_eq!(
            complaint("authorizer", &world.variables(&changes)).await,
            "THREESCALE_SERVICE_TOKEN refers to `ssm:/missing`, but AWS refuses: `ParameterNotFound` (HTTP 400): \
             create it, or correct its name and region; \
             ELASTICACHE_AUTH_TOKEN refers to `ssm:..`, \
             which must be `ssm:NAME`, `secretsmanager:NAME` or `secretsmanager:NAME#JSON-KEY`"
        );
        fails_to_start(&world, "authorizer", &changes).await;
        world.end([]).await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_key_works_and_is_warned_of() {
    in_time(async {
        let world = World::start().await;
        let changes = [("THREESCALE_SERVICE_TOKEN", ""), ("THREESCALE_PROVIDER_KEY", "CANARY-provider-key")];
        let authorizer = world.authorizer(&changes).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        let log = world.end([authorizer]).await;
        let warnings = log.iter().filter(|line| line.contains("THREESCALE_PROVIDER_KEY opens the whole account"));
        assert_eq!(warnings.count(), 1, "{log:?}");
    })
    .await;
}

#[tokio::test]
async fn a_credential_secret_that_is_derived_is_warned_of() {
    in_time(async {
        let world = World::start().await;
        for (secret, expected) in [("", 1), ("CANARY-credential-secret", 0)] {
            let authrep_async = world.authrep_async(&[("CREDENTIAL_SECRET", secret)]).await;
            let log = authrep_async.stop().await;
            let warnings = log.iter().filter(|line| line.contains("CREDENTIAL_SECRET is derived"));
            assert_eq!(warnings.count(), expected, "{log:?}");
        }
        world.end([]).await;
    })
    .await;
}
