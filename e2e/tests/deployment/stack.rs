//! What `CloudFormation` would make of a template and a stage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::workbench::{STAGES, Workbench, files, json as read_json, yaml};

/// The resources of a template and those nested in it, with all choices made. What only AWS knows is a name in
/// angle brackets: `<Queue>` is a reference to it, `<Queue.Arn>` its attribute.
pub(crate) struct Stack {
    /// The tool and the stage, for messages of tests.
    pub(crate) name: String,
    pub(crate) stage: &'static str,
    /// What the stage says, before the template adds its own.
    pub(crate) said: BTreeMap<String, String>,
    pub(crate) resources: BTreeMap<String, Value>,
}

impl Stack {
    /// Those of all tools that deploy by `CloudFormation`, for all stages.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Stack>> =
            LazyLock::new(|| STAGES.iter().flat_map(|stage| [Stack::sam(stage), Stack::osls(stage)]).collect());
        &ALL
    }

    fn sam(stage: &'static str) -> Self {
        let bench = Workbench::new(stage);
        let rendered = read_json(&bench.rendered(&format!("parameters.{stage}.json")));
        let given = rendered.as_array().unwrap().iter().map(|parameter| {
            (parameter["ParameterKey"].as_str().unwrap().to_owned(), parameter["ParameterValue"].clone())
        });
        let template = bench.templates().join("sam/template.yaml");
        let mut paths = files(&bench.templates().join("cloudformation"), "yaml");
        paths.push(template.clone());
        let resources = Template::new(&yaml(&paths), &template, &given.collect()).resources();
        Self { name: format!("sam, {stage}"), stage, said: bench.environment(), resources }
    }

    fn osls(stage: &'static str) -> Self {
        let bench = Workbench::new(stage);
        let template = bench.packaged_by_osls();
        let texts = BTreeMap::from([(template.clone(), read_json(&template))]);
        let resources = Template::new(&texts, &template, &BTreeMap::new()).resources();
        Self { name: format!("osls, {stage}"), stage, said: bench.environment(), resources }
    }

    /// The properties of a resource.
    pub(crate) fn properties(&self, resource: &str) -> &Value {
        let found = self.resources.get(resource);
        &found.unwrap_or_else(|| panic!("{}: no {resource}", self.name))["Properties"]
    }

    /// The properties of all resources of a type.
    pub(crate) fn of_type<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Value> {
        self.resources.values().filter(move |resource| resource["Type"] == kind).map(|resource| &resource["Properties"])
    }
}

/// A template, the values of its parameters, and the templates that it may nest.
struct Template<'t> {
    texts: &'t BTreeMap<PathBuf, Value>,
    text: &'t Value,
    parameters: BTreeMap<String, Value>,
}

impl<'t> Template<'t> {
    fn new(texts: &'t BTreeMap<PathBuf, Value>, path: &Path, given: &BTreeMap<String, Value>) -> Self {
        let text = &texts[path];
        let declared = text["Parameters"].as_object().unwrap();
        for name in given.keys() {
            assert!(declared.contains_key(name), "{}: no parameter {name}", path.display());
        }
        let value = |name: &String, about: &Value| {
            let value = given.get(name).or(about.get("Default"));
            value.unwrap_or_else(|| panic!("{}: nobody says {name}", path.display())).clone()
        };
        let parameters = declared.iter().map(|(name, about)| (name.clone(), value(name, about))).collect();
        Self { texts, text, parameters }
    }

    fn resources(&self) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for (name, resource) in self.text["Resources"].as_object().unwrap() {
            if resource["Condition"].as_str().is_some_and(|condition| !self.holds(condition)) {
                continue;
            }
            if resource["Type"] == "AWS::CloudFormation::Stack" {
                all.extend(self.nested(name).resources());
                continue;
            }
            let mut resource = resource.clone();
            if resource["Type"] == "AWS::Serverless::Function" {
                let globals = self.text["Globals"]["Function"].as_object().unwrap().clone();
                resource["Properties"].as_object_mut().unwrap().extend(globals);
            }
            all.insert(name.clone(), self.resolve(&resource).unwrap());
        }
        all
    }

    fn nested(&self, name: &str) -> Template<'t> {
        let properties = &self.text["Resources"][name]["Properties"];
        let file = Path::new(properties["TemplateURL"].as_str().unwrap()).file_name();
        let path = self.texts.keys().find(|path| path.file_name() == file).unwrap();
        let given = properties["Parameters"].as_object().unwrap().iter();
        let given = given.filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?))).collect();
        Template::new(self.texts, path, &given)
    }

    /// Works out the functions of `CloudFormation`. `None` is `AWS::NoValue`.
    fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.resolve(item)).collect()),
            Value::Object(members) => match members.iter().next() {
                Some((name, argument)) if members.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                    self.function(name, argument)
                }
                _ => Some(Value::Object(self.members(members))),
            },
            other => Some(other.clone()),
        }
    }

    fn members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        members.iter().filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?))).collect()
    }

    fn function(&self, name: &str, argument: &Value) -> Option<Value> {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap()),
            "Fn::GetAtt" => {
                let path = argument.as_str().map_or_else(
                    || {
                        argument
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|part| part.as_str().unwrap())
                            .collect::<Vec<_>>()
                            .join(".")
                    },
                    str::to_owned,
                );
                Some(self.attribute(&path))
            }
            "Fn::Sub" => Some(self.substituted(argument.as_str().unwrap()).into()),
            "Fn::If" => {
                let chosen = if self.holds(argument[0].as_str().unwrap()) { &argument[1] } else { &argument[2] };
                self.resolve(chosen)
            }
            "Fn::FindInMap" => {
                let key = |index: usize| text(&self.resolve(&argument[index]).unwrap());
                Some(self.text["Mappings"][key(0)][key(1)][key(2)].clone())
            }
            other => Some(json!({ other: argument })),
        }
    }

    fn reference(&self, name: &str) -> Option<Value> {
        match name {
            "AWS::NoValue" => None,
            "AWS::Partition" => Some("aws".into()),
            "AWS::Region" => Some("eu-west-1".into()),
            "AWS::AccountId" => Some("123456789012".into()),
            _ => Some(self.parameters.get(name).cloned().unwrap_or_else(|| format!("<{name}>").into())),
        }
    }

    /// An output of a nested stack is what that stack makes of it.
    fn attribute(&self, path: &str) -> Value {
        match path.split_once(".Outputs.") {
            Some((stack, output)) => {
                let nested = self.nested(stack);
                nested.resolve(&nested.text["Outputs"][output]["Value"]).unwrap()
            }
            None => format!("<{path}>").into(),
        }
    }

    fn substituted(&self, template: &str) -> String {
        let mut parts = template.split("${");
        let mut done = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            let value = if name.contains('.') { self.attribute(name) } else { self.reference(name).unwrap() };
            done += &text(&value);
            done += rest;
        }
        done
    }

    fn holds(&self, condition: &str) -> bool {
        self.is_true(&self.text["Conditions"][condition])
    }

    fn is_true(&self, condition: &Value) -> bool {
        let (name, argument) = condition.as_object().unwrap().iter().next().unwrap();
        match name.as_str() {
            "Fn::Equals" => text(&self.resolve(&argument[0]).unwrap()) == text(&self.resolve(&argument[1]).unwrap()),
            "Fn::Not" => !self.is_true(&argument[0]),
            "Condition" => self.holds(argument.as_str().unwrap()),
            other => panic!("{other} is not known here"),
        }
    }
}

/// As `CloudFormation` compares and joins: everything is a text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
