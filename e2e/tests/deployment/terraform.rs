//! Terraform's configuration, as it is written: no provider is there to work it out.

use std::fs;
use std::path::Path;

use hcl::expr::{Expression, FuncCall};
use hcl::structure::{Block, Body};
use serde_json::{Map, Value};

use crate::workbench::files;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/deploy/terraform");

/// All files of the configuration.
pub(crate) struct Module {
    body: Body,
}

impl Module {
    pub(crate) fn read() -> Self {
        let files = files(folder(), "tf");
        let bodies = files.iter().map(|path| hcl::parse(&fs::read_to_string(path).unwrap()).unwrap());
        Self { body: bodies.flat_map(Body::into_inner).collect() }
    }

    /// The attributes and blocks of a resource.
    pub(crate) fn resource(&self, kind: &str, name: &str) -> Value {
        let found = self.resources(kind).into_iter().find(|(found, _)| found == name);
        found.unwrap_or_else(|| panic!("no {kind}.{name}")).1
    }

    /// The names of all resources of a type, and what they hold.
    pub(crate) fn resources(&self, kind: &str) -> Vec<(String, Value)> {
        let blocks = self.body.blocks().filter(move |block| labels(block).first() == Some(&kind));
        blocks.map(|block| (labels(block)[1].to_owned(), values(block.body()))).collect()
    }

    /// A local value.
    pub(crate) fn local(&self, name: &str) -> Value {
        let locals = self.body.blocks().filter(|block| block.identifier() == "locals");
        let mut attributes = locals.flat_map(|block| block.body().attributes());
        value(attributes.find(|attribute| attribute.key() == name).unwrap().expr())
    }

    /// Whether there is such a resource.
    pub(crate) fn has(&self, kind: &str) -> bool {
        !self.resources(kind).is_empty()
    }
}

/// Where the configuration is.
pub(crate) fn folder() -> &'static Path {
    Path::new(FOLDER)
}

fn labels(block: &Block) -> Vec<&str> {
    block.labels().iter().map(hcl::structure::BlockLabel::as_str).collect()
}

fn values(body: &Body) -> Value {
    let mut members: Map<String, Value> =
        body.attributes().map(|attribute| (attribute.key().to_owned(), value(attribute.expr()))).collect();
    for block in body.blocks() {
        let all = members.entry(block.identifier()).or_insert_with(|| Value::Array(Vec::new()));
        all.as_array_mut().unwrap().push(values(block.body()));
    }
    Value::Object(members)
}

/// Lists and objects as such; a condition and a calculation as they are written.
fn value(expression: &Expression) -> Value {
    match expression {
        Expression::Null => Value::Null,
        Expression::Bool(truth) => Value::Bool(*truth),
        Expression::Number(number) => serde_json::to_value(number).unwrap(),
        Expression::String(text) => text.as_str().into(),
        Expression::Array(items) => items.iter().map(value).collect(),
        Expression::Object(members) => {
            members.iter().map(|(name, member)| (name.to_string().replace('"', ""), value(member))).collect()
        }
        Expression::Parenthesis(inner) => value(inner),
        Expression::FuncCall(call) => called(call),
        Expression::ForExpr(each) => value(&each.value_expr),
        Expression::TemplateExpr(template) => template.to_string().into(),
        other => other.to_string().into(),
    }
}

/// What is encoded is still itself; lists and objects that are put together are listed.
fn called(call: &FuncCall) -> Value {
    match call.name.name.as_str() {
        "jsonencode" => value(&call.args[0]),
        _ => call.args.iter().map(value).collect(),
    }
}
