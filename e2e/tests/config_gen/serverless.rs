//! osls, which goes on where Serverless 3 ended, reads the flat environment.

use std::fs::File;
use std::io::Write as _;

use e2e::{node_modules, run, tool};
use serde_json::to_value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::stage::{Rendered, json};

#[test]
fn osls_packages_both_functions_with_the_environment() {
    let rendered = Rendered::example("prod");
    rendered.bring("serverless.yml");
    let mut package = ZipWriter::new(File::create(rendered.path("function.zip")).unwrap());
    package.start_file("bootstrap", SimpleFileOptions::default()).unwrap();
    package.write_all(b"#!/bin/sh\n").unwrap();
    package.finish().unwrap();

    let mut osls = tool("node");
    osls.arg(node_modules().join(".bin/osls")).args(["package", "--stage", rendered.stage]);
    let (content, said) = run(osls.current_dir(rendered.path("")));
    assert!(content, "{said}");
    let template = json(&rendered.path(".serverless/cloudformation-template-update-stack.json"));
    for function in ["AuthorizerLambdaFunction", "AuthrepDashasyncLambdaFunction"] {
        let environment = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        assert_eq!(*environment, to_value(rendered.environment()).unwrap(), "{function}");
    }
}
