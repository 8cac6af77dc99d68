use std::collections::BTreeMap;
use std::process::Command;

use authz_core::settings::Variables;
use proptest::prelude::*;

use super::*;
use crate::deployment::{Queue, Vpc};

fn stage(environment: Environment) -> Stage {
    let vpc = Vpc { security_group_ids: vec!["sg-1".to_owned()], subnet_ids: vec!["subnet-1".to_owned()] };
    let deployment = Deployment {
        project: "greetings".to_owned(),
        region: "eu-west-1".to_owned(),
        vpc: Some(vpc),
        ..Deployment::default()
    };
    Stage { name: "dev".to_owned(), deployment, environment }
}

fn text(environment: &Environment, format: Format) -> String {
    stage(environment.clone()).render(format).unwrap()[0].text.clone()
}

fn map(value: &Value) -> Environment {
    serde_json::from_value(value.clone()).unwrap()
}

/// Reads a rendered map back, by a parser that is not ours.
fn parsed(environment: &Environment, format: Format) -> Environment {
    let text = text(environment, format);
    let json = || serde_json::from_str::<Value>(&text).unwrap();
    match format {
        Format::EnvJson => map(&json()),
        Format::Lambda => map(&json()["Variables"]),
        Format::SFunction | Format::Terraform => map(&json()["environment"]),
        Format::Cloudformation => {
            let list = json();
            let parameters: BTreeMap<_, _> =
                list.as_array().unwrap().iter().map(|entry| (entry["ParameterKey"].as_str().unwrap(), entry)).collect();
            let back = Variables::ALL.iter().filter_map(|variable| {
                let entry = parameters.get(schema::parameter_name(variable.name).as_str())?;
                Some((variable.name.to_owned(), entry["ParameterValue"].as_str().unwrap().to_owned()))
            });
            back.collect()
        }
        Format::Dotenv => dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect(),
    }
}

fn nasty() -> Environment {
    let texts = [
        "plain",
        "",
        " spaced ",
        "it's",
        "\"double\"",
        "$HOME ${HOME} $(id) `id`",
        "# no comment",
        "a\nb\n",
        "\\n \\",
        "ü € 🦀",
        "%{if} ${var.x}",
        "\t",
        "{{json this}}",
        "a=b;c&d|e>f",
        "!important",
        "env:HOME",
    ];
    let names = Variables::ALL.iter().filter(|variable| schema::key(variable.name).is_some_and(|key| !key.is_secret()));
    names.map(|variable| variable.name.to_owned()).zip(texts.map(str::to_owned)).collect()
}

proptest! {
    #[test]
    fn every_format_says_the_same_map(
        texts in proptest::collection::vec("[ -~äß€🦀\n\t'\"$#\\\\`{}!=]{0,40}", 1..12),
        from in 0..Variables::ALL.len(),
    ) {
        let names = Variables::ALL.iter().cycle().skip(from).map(|variable| variable.name.to_owned());
        let environment: Environment = names.zip(texts).collect();
        // A reference of a secret to this machine is left to the reader of the file; no other text is.
        prop_assume!(!environment.values().any(|text| text.starts_with("env:")));
        for format in Format::value_variants() {
            prop_assert_eq!(&parsed(&environment, *format), &environment, "{:?}", format);
        }
    }
}

#[test]
fn a_shell_reads_a_dotenv_file_as_it_is_meant() {
    let environment = nasty();
    let file = std::env::temp_dir().join(format!("config-gen-{}.env", std::process::id()));
    std::fs::write(&file, text(&environment, Format::Dotenv)).unwrap();
    let script = format!("set -a; . '{}'; exec env -0", file.display());
    let output = Command::new("sh").args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let read: Environment = output
        .split('\0')
        .filter_map(|line| line.split_once('='))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    for (name, text) in &environment {
        assert_eq!(read.get(name), Some(text), "{name}");
    }
}

#[test]
fn a_secret_of_this_machine_is_left_to_whoever_reads_the_file() {
    let environment = Environment::from([("CREDENTIAL_SECRET".to_owned(), "env:MY_SECRET".to_owned())]);
    assert_eq!(text(&environment, Format::Dotenv), "CREDENTIAL_SECRET=\"${MY_SECRET}\"\n");
}

#[test]
fn both_functions_have_the_shape_of_serverless_0_5() {
    let topic = ("SNS_TOPIC_ARN".to_owned(), "arn:aws:sns:eu-west-1:123456789012:uses".to_owned());
    let cache = ("ELASTICACHE_ENDPOINT".to_owned(), "cache.example.com".to_owned());
    let mut stage = stage(Environment::from([topic, cache]));
    let files = stage.render(Format::SFunction).unwrap();
    let [authorizer, collector] = &files[..] else { panic!("{files:?}") };
    assert_eq!(collector.path, PathBuf::from("authrep-async/s-function.json"));
    let value: Value = serde_json::from_str(&authorizer.text).unwrap();
    let expected = json!({
        "name": "authorizer", "runtime": "provided.al2023", "description": "Answers API Gateway for 3scale",
        "customName": "greetings-dev-authorizer", "customRole": false, "handler": "bootstrap", "timeout": 5, "memorySize": 256,
        "authorizer": {
            "type": "TOKEN", "identitySource": "method.request.header.apikey", "authorizerResultTtlInSeconds": "0",
        },
        "custom": {"excludePatterns": [], "optimize": {}}, "endpoints": [], "events": [],
        "environment": {
            "ELASTICACHE_ENDPOINT": "cache.example.com", "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:uses",
        },
        "vpc": {"securityGroupIds": ["sg-1"], "subnetIds": ["subnet-1"]},
    });
    assert_eq!(value, expected);
    let value: Value = serde_json::from_str(&collector.text).unwrap();
    assert_eq!(value["events"], json!([{"name": "uses", "type": "sns", "config": {"topicName": "uses"}}]));
    stage.deployment.queue = Some(Queue::default());
    let value: Value = serde_json::from_str(&stage.render(Format::SFunction).unwrap()[1].text).unwrap();
    assert_eq!(value["events"], json!([]));
}

#[test]
fn without_a_cache_there_is_nothing_to_collect() {
    assert_eq!(stage(Environment::new()).render(Format::SFunction).unwrap().len(), 1);
}
