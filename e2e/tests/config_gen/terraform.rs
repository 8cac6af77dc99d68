//! Terraform reads the variables, by their types.

use std::fs;

use e2e::{run, tool};
use serde_json::to_value;

use crate::stage::{HERE, Rendered, json};

fn apply(rendered: &Rendered) -> (bool, String) {
    let variables = rendered.file(&format!("{}.tfvars.json", rendered.stage));
    run(tool("python").arg(format!("{HERE}/terraform.py")).arg(rendered.path("")).arg(variables))
}

#[test]
fn terraform_gets_the_same_environment() {
    let rendered = Rendered::example("prod");
    rendered.bring("main.tf");
    let (content, said) = apply(&rendered);
    assert!(content, "{said}");
    let outputs = &json(&rendered.path("terraform.tfstate"))["outputs"];
    assert_eq!(outputs["environment"]["value"], to_value(rendered.environment()).unwrap());
    assert_eq!(outputs["function"]["value"], "greetings-prod-authorizer");
}

#[test]
fn terraform_minds_what_the_variables_say() {
    let rendered = Rendered::example("dev");
    rendered.bring("main.tf");
    let variables = rendered.file("dev.tfvars.json");
    let text = fs::read_to_string(&variables).unwrap();
    fs::write(&variables, text.replace("\"ttl_secs\":0", "\"ttl_secs\":300")).unwrap();
    let (content, said) = apply(&rendered);
    assert!(!content && said.contains("API Gateway must ask for each call"), "{said}");
}
