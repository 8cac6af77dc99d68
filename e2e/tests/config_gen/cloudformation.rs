//! The linters of AWS templates read the rendered parameters.

use std::fs;

use e2e::{run, tool};

use crate::stage::{Rendered, json};

fn cfn_lint(rendered: &Rendered) -> (bool, String) {
    let parameters = rendered.file(&format!("parameters.{}.json", rendered.stage));
    let mut command = tool("cfn-lint");
    command.args(["--non-zero-exit-code", "informational"]).arg(rendered.bring("cloudformation.yaml"));
    run(command.arg("--parameter-files").arg(parameters))
}

#[test]
fn cfn_lint_is_content_with_the_parameters_of_each_stage() {
    for stage in ["dev", "prod"] {
        let (content, said) = cfn_lint(&Rendered::example(stage));
        assert!(content, "{stage}: {said}");
    }
}

#[test]
fn cfn_lint_minds_what_the_parameters_say() {
    let rendered = Rendered::example("prod");
    let parameters = rendered.file("parameters.prod.json");
    let text = fs::read_to_string(&parameters).unwrap();
    let delay = |secs| format!("\"QueueDelaySecs\", \"ParameterValue\": \"{secs}\"");
    fs::write(&parameters, text.replace(&delay(10), &delay(901)).replace("FailMode", "FailMood")).unwrap();
    let (content, said) = cfn_lint(&rendered);
    assert!(!content && said.contains("greater than the maximum of 900"), "{said}");
    assert!(said.contains("'FailMood' was unexpected"), "{said}");
}

#[test]
fn sam_takes_a_template_with_the_same_parameters() {
    let rendered = Rendered::example("prod");
    let template = rendered.bring("sam.yaml");
    let text = fs::read_to_string(&template).unwrap();
    for parameter in json(&rendered.file("parameters.prod.json")).as_array().unwrap() {
        let name = parameter["ParameterKey"].as_str().unwrap();
        assert!(text.contains(&format!("\n  {name}: {{")), "{name}");
    }
    let (content, said) = run(tool("sam").args(["validate", "--lint", "--template"]).arg(template));
    assert!(content, "{said}");
}
