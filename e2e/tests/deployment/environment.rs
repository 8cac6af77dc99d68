//! Both functions start with what a template gives them.

use std::collections::BTreeMap;
use std::slice;

use authz_core::settings::{Settings, Variables};
use serde_json::Value;

use crate::stack::{Stack, text};
use crate::terraform::{Module, folder};
use crate::workbench::{STAGES, Workbench, yaml};

/// What the templates say in the place of the stage, and what AWS might make of it.
const MADE: [(&str, &str); 5] = [
    (
        "ELASTICACHE_AUTH_TOKEN",
        "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:greetings/cache-AbCdEf",
    ),
    ("ELASTICACHE_ENDPOINT", "master.greetings.abc123.euw1.cache.amazonaws.com"),
    ("ELASTICACHE_PORT", "6379"),
    ("ELASTICACHE_TLS", "true"),
    ("SNS_TOPIC_ARN", "arn:aws:sns:eu-west-1:123456789012:greetings-uses"),
];

#[test]
fn both_functions_get_the_stage_and_what_the_template_makes() {
    for stack in Stack::all() {
        let [authorizer, authrep_async] = ["AuthorizerLambdaFunction", "AuthrepAsyncLambdaFunction"]
            .map(|function| stack.properties(function)["Environment"]["Variables"].clone());
        assert_eq!(authorizer, authrep_async, "{}", stack.name);
        let cluster = stack.stage == "prod";
        let endpoint =
            if cluster { "<Cache.ConfigurationEndPoint.Address>" } else { "<Cache.PrimaryEndPoint.Address>" };
        assert_eq!(authorizer["ELASTICACHE_ENDPOINT"], endpoint, "{}", stack.name);
        assert_eq!(authorizer["ELASTICACHE_AUTH_TOKEN"], "secretsmanager:<CachePassword>", "{}", stack.name);
        assert_eq!(authorizer["SNS_TOPIC_ARN"], "<Topic>", "{}", stack.name);
        check(&stack.name, &stack.said, said(&authorizer));
    }
}

#[test]
fn terraform_gives_both_functions_the_stage_and_what_it_makes() {
    let module = Module::read();
    for function in ["authorizer", "authrep_async"] {
        let environment = &module.resource("aws_lambda_function", function)["environment"][0];
        assert_eq!(environment["variables"], "local.environment", "{function}");
    }
    let merged = module.local("environment");
    assert_eq!(merged[0], "var.environment");
    let made = said(&merged[1]);
    assert_eq!(made.keys().map(String::as_str).collect::<Vec<_>>(), MADE.map(|(name, _)| name));
    assert_eq!(made["ELASTICACHE_AUTH_TOKEN"], "secretsmanager:${aws_secretsmanager_secret.cache.arn}");
    assert_eq!(made["SNS_TOPIC_ARN"], "aws_sns_topic.uses.arn");
    for stage in STAGES {
        let stage = Workbench::new(stage).environment();
        check("terraform", &stage, stage.clone().into_iter().chain(made.clone()).collect());
    }
}

#[test]
fn sam_has_a_parameter_for_every_variable_of_a_stage() {
    let path = folder().join("../sam/template.yaml");
    let template = &yaml(slice::from_ref(&path))[&path];
    let variables = template["Globals"]["Function"]["Environment"]["Variables"].as_object().unwrap();
    // The cache of the template knows no users.
    for variable in Variables::ALL.iter().filter(|variable| variable.name != "ELASTICACHE_USERNAME") {
        let value = variables.get(variable.name).unwrap_or_else(|| panic!("no {}", variable.name));
        let is_made = MADE.iter().any(|(name, _)| *name == variable.name);
        let parameter = value["Ref"].as_str().map(|name| &template["Parameters"][name]);
        assert!(is_made || parameter.is_some_and(Value::is_object), "{}", variable.name);
    }
}

/// Reads the environment as the functions do. It holds all that the stage says.
fn check(name: &str, stage: &BTreeMap<String, String>, mut environment: BTreeMap<String, String>) {
    for (variable, plausible) in MADE {
        assert!(environment.contains_key(variable), "{name}: no {variable}");
        environment.insert(variable.to_owned(), plausible.to_owned());
    }
    for (variable, said) in stage {
        let is_made = MADE.iter().any(|(name, _)| name == variable);
        assert!(is_made || environment[variable] == *said, "{name}: {variable}");
    }
    let settings = Settings::read(&environment).unwrap();
    settings.check_authorizer().unwrap();
    settings.check_authrep_async().unwrap();
    assert!(settings.cache.unwrap().tls, "{name}");
    let bytes = serde_json::to_string(&environment).unwrap().len();
    assert!(bytes < 4096, "{name}: Lambda takes 4 KB of variables, and these are {bytes}");
}

fn said(variables: &Value) -> BTreeMap<String, String> {
    variables.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
