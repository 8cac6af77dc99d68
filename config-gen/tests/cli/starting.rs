//! The first files, and those of earlier products.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::project::{PROGRAM, Project};

#[test]
fn the_first_files_only_wait_to_be_filled_in() {
    let project = Project::empty();
    let run = project.run(&["--stage", "dev"]);
    assert!(run.err.contains("`config-gen init` makes the first"), "{}", run.err);
    let run = project.run(&["init"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let codes = project.codes(&[]);
    assert!(!codes.is_empty() && codes.iter().all(|code| code == "placeholder"), "{codes:?}");
    let again = project.run(&["init"]);
    assert!(again.err.contains("is there already, and nothing was written"), "{}", again.err);
    assert_eq!(again.code, Some(2));
    assert_eq!(project.run(&["init", "--stage", "../elsewhere"]).code, Some(2));
}

#[test]
fn a_file_of_the_ancestor_is_taken_over_and_rendered_again() {
    let project = Project::empty();
    let legacy = json!({
        "name": "authorizer", "runtime": "nodejs4.3", "customName": false, "customRole": false, "handler": "handler.handler",
        "timeout": 6, "memorySize": 1024, "authorizer": {}, "endpoints": [], "events": [],
        "environment": {
            "SERVERLESS_PROJECT": "${project}", "SERVERLESS_STAGE": "${stage}", "SERVERLESS_REGION": "${region}",
            "THREESCALE_PROVIDER_KEY": "CANARY", "THREESCALE_SERVICE_ID": "2555417700000",
            "ELASTICACHE_ENDPOINT": "cache.example.com", "ELASTICACHE_PORT": 6379,
            "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:uses",
        },
        "vpc": { "securityGroupIds": ["sg-1"], "subnetIds": ["subnet-1"] },
    });
    project.write("authorizer/s-function.json", &legacy.to_string());
    let run = project.run(&["init", "--from", "authorizer/s-function.json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("THREESCALE_PROVIDER_KEY` was not copied"), "{}", run.err);
    let stage = project.read("stages/dev.json");
    assert!(!format!("{stage}{}", run.err).contains("CANARY"));
    let filled = stage.replace("YOUR_PROJECT", "greetings").replace("YOUR_REGION", "eu-west-1");
    project.write("stages/dev.json", &filled.replace("YOUR_PATH/YOUR_SECRET", "greetings/dev/key"));

    let run = project.run(&["--stage", "dev", "--format", "s-function", "-o", "-"]);
    let rendered = serde_json::Deserializer::from_str(&run.out).into_iter::<Value>().next().unwrap().unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let expected: Vec<_> = keys(&legacy["environment"]).into_iter().chain(["COLLECT_DELAY_SECS".to_owned()]).collect();
    let mut expected = expected;
    expected.sort();
    assert_eq!(keys(&rendered["environment"]), expected);
    assert!(keys(&legacy).iter().all(|key| rendered.get(key).is_some()));
}

#[test]
fn exported_rules_can_be_used_as_they_are_printed() {
    let project = Project::good();
    let rules =
        json!([{ "http_method": "GET", "pattern": "/a", "metric_system_name": "hits", "delta": 1, "last": false }]);
    let export = json!({ "proxy_config": { "content": { "proxy": { "proxy_rules": rules } } } });
    project.write("proxy-config.json", &export.to_string());
    let run = project.run(&["import-rules", "proxy-config.json"]);
    project.write("stages/rules.json", &run.out);
    assert_eq!(project.codes(&["MAPPING_RULES=file:rules.json"]), [""; 0]);
}

#[test]
fn shells_understand_their_completions() {
    let project = Project::empty();
    let bash = project.run(&["completions", "bash"]).out;
    project.write("completions", &bash);
    assert!(bash.contains("--message-format"));
    let path = project.path("completions");
    assert!(Command::new("bash").arg("-n").arg(path).stderr(Stdio::inherit()).status().unwrap().success());
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(project.run(&["completions", shell]).out.contains("config-gen"), "{shell}");
    }
}

#[test]
fn help_tells_the_exit_codes() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for code in ["0 all is well", "1 a file is not as it should be", "2 bad input or usage", "3 a file can't be"] {
        assert!(text.replace('\n', " ").contains(code), "{text}");
    }
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_examples_are_right() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    for stage in ["dev", "prod"] {
        let run = Project::empty().run(&["--stage", stage, "--dir", examples, "-o", "-", "--format", "env-json"]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{stage}");
    }
}
