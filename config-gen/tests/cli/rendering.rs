//! What is written.

use std::process::Command;

use serde_json::Value;

use crate::project::{PROGRAM, Project, dev};

const FILES: [&str; 7] = [
    "authorizer/s-function.json",
    "authrep-async/s-function.json",
    "env.dev.json",
    "dev.env",
    "lambda.dev.json",
    "parameters.dev.json",
    "dev.tfvars.json",
];

#[test]
fn a_stage_needs_no_other_flag() {
    let project = Project::good();
    let run = project.run(&["--stage", "dev"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    for file in FILES {
        let text = project.read(&format!("out/dev/{file}"));
        assert!(text.ends_with('\n') && text.contains("cache.example.com"), "{file}: {text}");
    }
    let again = project.run(&["--stage", "dev"]);
    assert!(again.err.starts_with("7 unchanged; "), "{}", again.err);
}

#[test]
fn one_format_goes_to_standard_output() {
    let project = Project::good();
    let run = project.run(&["--stage", "dev", "-o", "-", "--format", "env-json"]);
    let value: Value = serde_json::from_str(&run.out).unwrap();
    let expected = serde_json::json!({
        "COLLECT_DELAY_SECS": "0", "ELASTICACHE_ENDPOINT": "cache.example.com",
        "SERVERLESS_PROJECT": "greetings", "SERVERLESS_REGION": "eu-west-1", "SERVERLESS_STAGE": "dev",
        "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:uses", "THREESCALE_SERVICE_ID": "7",
        "THREESCALE_SERVICE_TOKEN": "ssm:/greetings/dev/token",
    });
    assert_eq!((value, run.err.as_str()), (expected, ""));
    assert!(!project.path("out").exists());
    assert_eq!(project.run(&["--stage", "dev", "-o", "-"]).code, Some(2));
}

#[test]
fn the_same_stage_gives_the_same_bytes_wherever_it_is() {
    let [one, other] = [Project::good(), Project::good()];
    assert_eq!(one.run(&["--stage", "dev"]).code, Some(0));
    let mut elsewhere = Command::new(PROGRAM);
    elsewhere.args(["--stage", "dev", "--dir"]).arg(other.folder()).env_clear().env("LC_ALL", "tr_TR.UTF-8");
    assert_eq!(one.run_command(elsewhere.env("SERVERLESS_STAGE", "prod")).code, Some(0));
    for file in FILES {
        assert_eq!(one.read(&format!("out/dev/{file}")), other.read(&format!("out/dev/{file}")), "{file}");
    }
}

#[test]
fn what_comes_later_counts() {
    let project = Project::good();
    let run = project.run(&["--stage", "dev", "-o", "-", "--format", "env-json", "--set", "THREESCALE_SERVICE_ID=8"]);
    assert!(run.out.contains("\"THREESCALE_SERVICE_ID\": \"8\""), "{}", run.out);
    let run = project.run(&["explain", "THREESCALE_SERVICE_ID", "--stage", "dev", "--set", "THREESCALE_SERVICE_ID=8"]);
    let lines: Vec<_> = run.out.lines().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>).collect();
    assert_eq!(lines[0], ["THREESCALE_SERVICE_ID", "=", "8"]);
    assert_eq!(lines[3], ["stages/base.json:7:30", "7"]);
    assert_eq!(lines[4], ["--set:1:23", "8", "<-", "used"]);
    let run = project.run(&["explain", "SERVERLESS_STAGE", "--stage", "dev"]);
    assert!(run.out.contains("from the deployment   dev   <- used"), "{}", run.out);
}

#[test]
fn stages_are_listed_and_compared() {
    let project = Project::good();
    let mut prod = dev();
    prod["settings"]["CACHE_GRANT_TTL_SECS"] = 300.into();
    project.stage("prod", &prod);
    project.write("stages/rules.json", "[]");
    assert_eq!(project.run(&["stages"]).out, "dev\nprod\n");
    let run = project.run(&["diff", "dev", "prod"]);
    let rows: Vec<Vec<_>> = run.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows, [vec!["dev", "prod"], vec!["CACHE_GRANT_TTL_SECS", "60", "300"]]);
}

#[test]
fn a_stage_with_secrets_of_this_machine_is_a_dotenv_file() {
    let project = Project::good();
    let set = ["--stage", "dev", "--set", "THREESCALE_SERVICE_TOKEN=env:TOKEN"];
    assert_eq!(project.codes(&set[3..]), ["local-reference"]);
    let run = project.run(&[&set[..], &["--format", "dotenv", "-o", "-"]].concat());
    assert!(run.out.contains("THREESCALE_SERVICE_TOKEN=\"${TOKEN}\"\n"), "{}{}", run.out, run.err);
}

#[test]
fn rules_in_a_file_are_checked_and_stay_a_reference() {
    let project = Project::good();
    let set = "MAPPING_RULES=file:rules.json";
    assert_eq!(project.codes(&[set]), ["file"]);
    project.write("stages/rules.json", r#"[{"http_method": "GET", "pattern": "/"}]"#);
    assert_eq!(project.codes(&[set]), ["invalid-value"]);
    project.write("stages/rules.json", r#"[{"http_method": "GET", "pattern": "/", "metric": "hits"}]"#);
    let run = project.run(&["--stage", "dev", "-o", "-", "--format", "env-json", "--set", set]);
    assert!(run.out.contains("\"MAPPING_RULES\": \"file:rules.json\""), "{}", run.err);
}
