//! The tools themselves read the templates.

use std::fs;
use std::path::Path;

use e2e::{run, tool};

use crate::terraform::folder;
use crate::workbench::{STAGES, Workbench, files};

#[test]
fn cfn_lint_is_content_with_every_template_and_what_sam_gives_the_nested_ones() {
    let mut lint = tool("cfn-lint");
    lint.args(["--non-zero-exit-code", "informational"]).arg(folder().join("../sam/template.yaml"));
    let (content, said) = run(lint.args(files(&folder().join("../cloudformation"), "yaml")));
    assert!(content, "{said}");
}

#[test]
fn sam_is_content_with_its_template() {
    let template = folder().join("../sam/template.yaml");
    let (content, said) = run(tool("sam").args(["validate", "--lint", "--template"]).arg(template));
    assert!(content, "{said}");
}

#[test]
fn cfn_lint_is_content_with_what_osls_packages() {
    for stage in STAGES {
        let bench = Workbench::new(stage);
        let mut lint = tool("cfn-lint");
        // osls itself writes a dependency twice.
        lint.args(["--non-zero-exit-code", "informational", "--ignore-checks", "W3005", "--template"]);
        let (content, said) = run(lint.arg(bench.packaged_by_osls()));
        assert!(content, "{stage}: {said}");
    }
}

#[test]
fn terraform_reads_its_files_and_finds_them_well_written() {
    let (content, said) = run(tool("python").arg(here("terraform_reads.py")).arg(folder()));
    assert!(content, "{said}");
}

#[test]
fn terraform_takes_a_stage_that_asks_for_each_call_and_no_other() {
    for stage in STAGES {
        let bench = Workbench::new(stage);
        let variables = bench.rendered(&format!("{stage}.tfvars.json"));
        let (content, said) = apply(&bench, &variables);
        assert!(content, "{stage}: {said}");
        let text = fs::read_to_string(&variables).unwrap();
        for (good, bad, why) in [
            ("\"ttl_secs\":0", "\"ttl_secs\":300", "API Gateway must ask for each call"),
            ("\"greetings\"", "\"Greetings\"", "lower-case letters"),
        ] {
            fs::write(&variables, text.replace(good, bad)).unwrap();
            let (content, said) = apply(&bench, &variables);
            assert!(!content && said.contains(why), "{stage}: {said}");
        }
    }
}

/// Applies the variables alone: all else needs a provider.
fn apply(bench: &Workbench, variables: &Path) -> (bool, String) {
    let alone = bench.templates().join("variables");
    fs::create_dir_all(&alone).unwrap();
    fs::copy(bench.templates().join("terraform/variables.tf"), alone.join("variables.tf")).unwrap();
    run(tool("python").arg(here("../config_gen/terraform.py")).arg(alone).arg(variables))
}

fn here(file: &str) -> String {
    format!("{}/tests/deployment/{file}", env!("CARGO_MANIFEST_DIR"))
}
