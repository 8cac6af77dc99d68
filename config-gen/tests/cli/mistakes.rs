//! What is refused, and how that is told.

use serde_json::Value;

use crate::project::{Project, dev};

const BROKEN: &str = r#"{
  "settings": {
    "ELASTICACHE_PROT": 6379,
    "THREESCALE_SERVICE_TOKEN": "CANARY", "FAIL_MODE": "opne",
    "THREESCALE_TIMEOUT_MS": "1500",
    "SNS_TOPIC_ARN": "YOUR_SNS_TOPIC"
  }
}
"#;

const TOLD: &str = r#"error[unknown-key]: `ELASTICACHE_PROT` is no key that is known here
  --> stages/dev.json:3:5
   |
 3 |     "ELASTICACHE_PROT": "••••••••",
   |     ^^^^^^^^^^^^^^^^^^ did you mean `ELASTICACHE_PORT`?
error[secret-literal]: `THREESCALE_SERVICE_TOKEN` must be a reference, not the secret itself
  --> stages/dev.json:4:33
   |
 4 |     "THREESCALE_SERVICE_TOKEN": "••••••••", "FAIL_MODE": "opne",
   |                                 ^^^^^^^^^^ write "ssm:/PATH/NAME" or "secretsmanager:NAME#KEY"
error[no-choice]: `FAIL_MODE` must be one of `closed`, `open`
  --> stages/dev.json:4:56
   |
 4 |     "THREESCALE_SERVICE_TOKEN": "••••••••", "FAIL_MODE": "opne",
   |                                                          ^^^^^^ did you mean `open`?
error[wrong-type]: `THREESCALE_TIMEOUT_MS` must be a whole number, without quotes
  --> stages/dev.json:5:30
   |
 5 |     "THREESCALE_TIMEOUT_MS": "1500",
   |                              ^^^^^^
error[placeholder]: `SNS_TOPIC_ARN` still has the example value `YOUR_SNS_TOPIC`
  --> stages/dev.json:6:22
   |
 6 |     "SNS_TOPIC_ARN": "YOUR_SNS_TOPIC"
   |                      ^^^^^^^^^^^^^^^^ set the real one, or leave the key out
5 errors, nothing written
"#;

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let project = Project::good();
    project.write("stages/dev.json", BROKEN);
    let run = project.run(&["--stage", "dev"]);
    assert_eq!((run.err.as_str(), run.code), (TOLD, Some(2)));
    assert!(!project.path("out").exists());
    let lines: Vec<_> = project
        .run(&["--stage", "dev", "--message-format", "json"])
        .problems()
        .iter()
        .map(|problem| problem["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4, 4, 5, 6]);
}

/// One way to break each rule, and what it is called.
const RULES: [(&[&str], &str); 26] = [
    (&["deployment.gateway.ttl_secs=3601"], "out-of-range"),
    (&["deployment.gateway.ttl_secs=-1"], "out-of-range"),
    (&["CACHE_GRANT_TTL_SECS=3601"], "invalid-value"),
    (&["deployment.project=my api"], "wrong-form"),
    (&["ELASTICACHE_ENDPOINT=cache:6379"], "invalid-value"),
    (&["FAIL_MODE=shut"], "no-choice"),
    (&["ELASTICACHE_PORT=high"], "wrong-type"),
    (&["ELASTICACHE_PROT=1"], "unknown-key"),
    (&["AWS_REGION=eu-west-1"], "reserved-name"),
    (&["CACHE_GRANT_TTL_SECS"], "usage"),
    (&["THREESCALE_SERVICE_ID=<your id>"], "placeholder"),
    (&["THREESCALE_SERVICE_ID=CHANGEME"], "placeholder"),
    (&["THREESCALE_SERVICE_ID="], "placeholder"),
    (&["ELASTICACHE_AUTH_TOKEN=CANARY"], "secret-literal"),
    (&["TLS_CA_FILE=a\rb"], "control-character"),
    (&["SERVERLESS_STAGE=prod"], "derived"),
    (&["COLLECT_DELAY_SECS=5"], "derived"),
    (&["deployment.gateway.ttl_secs=300", "POLICY_SCOPE=exact"], "gateway-cache"),
    (&["deployment.gateway.ttl_secs=300", MAPPING_RULES], "gateway-cache"),
    (&["deployment.gateway.ttl_secs=300", "THREESCALE_AUTH_TYPE=app_id", APP_KEYS], "gateway-cache"),
    (&["deployment.queue.delay_secs=15", "deployment.queue.batch_window_secs=15"], "slow-queue"),
    (&["THREESCALE_TIMEOUT_MS=4000"], "time-limit"),
    (&["deployment.authrep_async.timeout_secs=3"], "time-limit"),
    (&["SERVICES_MAP=[{\"gateway\": \"g\", \"stage\": \"s\", \"service_id\": \"7\"}]"], "invalid-value"),
    (&["deployment.vpc.subnet_ids=[]"], "invalid-value"),
    (&["deployment.vpc.subnet_ids=[\"vpc-1\"]"], "wrong-form"),
];

const APP_KEYS: &str = "CREDENTIAL_SOURCES=header:app_id/app_key";
const MAPPING_RULES: &str = r#"MAPPING_RULES=[{"http_method": "GET", "pattern": "/", "metric": "hits"}]"#;

#[test]
fn every_rule_can_be_broken() {
    let project = Project::good();
    assert_eq!(project.codes(&[]), [""; 0]);
    for (set, code) in RULES {
        assert_eq!(project.codes(set), [code], "{set:?}");
        let mut arguments = vec!["--stage", "dev"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        assert_eq!(project.run(&arguments).code, Some(2), "{set:?}");
    }
}

#[test]
fn what_should_be_thought_about_is_a_warning() {
    let project = Project::good();
    let metering = ["deployment.gateway.ttl_secs=60"];
    assert_eq!(project.codes(&metering), ["gateway-cache-metering"]);
    assert_eq!(project.codes(&["SNS_TOPIC_ARN=arn:aws:sns:eu-west-3:123456789012:uses"]), ["topic-elsewhere"]);
    assert_eq!(project.run(&["--stage", "dev", "--set", metering[0]]).code, Some(0));
}

#[test]
fn a_cache_of_elasticache_needs_a_network() {
    let project = Project::good();
    let mut file = dev();
    file["deployment"] = Value::Object(serde_json::Map::new());
    for (host, code) in [("a.cache.amazonaws.com", "error"), ("cache.example.com", "warning"), ("localhost", "none")] {
        file["settings"]["ELASTICACHE_ENDPOINT"] = host.into();
        project.stage("dev", &file);
        let problems = project.run(&["--stage", "dev", "--message-format", "json"]).problems();
        let severity = problems.first().map_or("none", |problem| problem["severity"].as_str().unwrap());
        assert_eq!(severity, code, "{host}");
    }
}

#[test]
fn what_is_missing_is_told_where_it_belongs() {
    let project = Project::empty();
    project.write("stages/dev.json", "{\n  \"settings\": {}\n}\n");
    let problems = project.run(&["--stage", "dev", "--message-format", "json"]).problems();
    let told: Vec<_> =
        problems.iter().map(|problem| (problem["code"].as_str().unwrap(), problem["line"].as_u64())).collect();
    assert_eq!(told, [("missing", Some(1)), ("missing", Some(1)), ("missing", Some(2)), ("missing", Some(2))]);
}

#[test]
fn lambda_takes_four_kilobytes() {
    let project = Project::good();
    let name = |length: usize| format!("TLS_CA_FILE={}", "a".repeat(length));
    let run = project.run(&["--stage", "dev", "--set", &name(100)]);
    let (_, bytes) = run.err.trim_end().rsplit_once("variables, ").unwrap();
    let bytes: usize = bytes.split_once(" of").unwrap().0.parse().unwrap();
    let longest = 100 + 4096 - bytes;
    assert_eq!(project.codes(&[&name(longest)]), [""; 0]);
    assert_eq!(project.codes(&[&name(longest + 1)]), ["environment-size"]);
}

#[test]
fn files_that_can_not_be_read_are_told_as_they_are() {
    let project = Project::good();
    project.write("stages/dev.json", "{\n  \"settings\": { \"THREESCALE_SERVICE_TOKEN\": \"CANARY\",\n  }\n}");
    assert_eq!(project.codes(&[]), ["syntax"]);
    project.write("stages/dev.json", "[]");
    assert!(project.codes(&[]).contains(&"wrong-type".to_owned()));
    project.write("stages/dev.json", r#"{"settings": {"FAIL_MODE": "open", "FAIL_MODE": "closed"}}"#);
    assert!(project.codes(&[]).contains(&"duplicate-key".to_owned()));
    let run = project.run(&["--stage", "dve"]);
    assert!(run.err.contains("did you mean `dev`? known: dev"), "{}", run.err);
    assert_eq!(
        (run.code, project.run(&["--stage", "../dev"]).code, project.run(&["--stge"]).code),
        (Some(2), Some(2), Some(2))
    );
}

#[test]
fn no_secret_is_ever_shown() {
    let project = Project::good();
    assert_eq!(project.run(&["--stage", "dev"]).code, Some(0));
    let rendered = project.read("out/dev/env.dev.json").replace("ssm:/greetings/dev/token", "CANARY");
    project.write("out/dev/env.dev.json", &rendered);
    let mut shown = Vec::new();
    for arguments in [["--stage", "dev", "--check"], ["--stage", "dev", "--diff"]] {
        shown.push(project.run(&arguments));
    }
    project.stage("prod", &dev());
    let settings = r#""THREESCALE_SERVICE_TOKEN": "CANARY", "THREESCALE_SERVICE_TOKN": "CANARY", "CREDENTIAL_SECRET": 31337,
        "SERVICES_MAP": [{"gateway": "g", "service_token": "CANARY", "token": "CANARY"}]"#;
    for text in [
        format!("{{\"settings\": {{{settings}}}, \"x\": \"CANARY\"}}"),
        format!("{{\"settings\": {{{settings}, \"THREESCALE_SERVICE_TOKEN\": \"ssm:/a\"}}}}"),
        format!("{{\"settings\": {{{settings},}}}}"),
    ] {
        project.write("stages/dev.json", &text);
        for arguments in [
            &["--stage", "dev"][..],
            &["--stage", "dev", "--message-format", "json"],
            &["--stage", "dev", "--set", "THREESCALE_PROVIDER_KEY=CANARY", "--set", "PASSWORD=CANARY"],
            &["--stage", "dev", "--set", "THREESCALE_BACKEND_URL=https://user:CANARY@YOUR_HOST"],
            &["explain", "THREESCALE_BACKEND_URL", "--set", "THREESCALE_BACKEND_URL=https://user:CANARY@host"],
            &["explain", "THREESCALE_SERVICE_TOKEN", "--stage", "dev"],
            &["explain", "SERVICES_MAP", "--stage", "dev"],
            &["diff", "dev", "prod"],
        ] {
            shown.push(project.run(arguments));
        }
    }
    for run in shown {
        let told = format!("{}{}", run.out, run.err);
        assert!(!told.is_empty() && !told.contains("CANARY") && !told.contains("31337"), "{told}");
    }
}
