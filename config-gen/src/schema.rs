//! The one schema of stage files, and what it says of each key.

use std::sync::LazyLock;

use authz_core::settings::Variables;
use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use crate::deployment::{Deployment, nothing_required};
use crate::source::pointer_to;

/// A stage's file, or `base.json`, which all stages share.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Stage file", transform = nothing_required)]
#[expect(dead_code, reason = "only its schema is wanted: files are read with the places of their values")]
struct StageFile {
    /// where this schema is, for editors
    #[schemars(rename = "$schema", with = "String")]
    schema: Option<String>,
    #[schemars(with = "Deployment")]
    deployment: Option<Deployment>,
    /// The variables of both functions. What a stage says takes the place of what `base.json` says, lists too.
    #[schemars(with = "Variables")]
    settings: Option<Variables>,
}

/// One thing that a stage can say.
#[derive(Debug)]
pub(crate) struct Key {
    /// As people write it: `ELASTICACHE_PORT`, `deployment.gateway.ttl_secs`.
    pub(crate) name: String,
    /// Where it is in a stage's file.
    pub(crate) pointer: String,
    schema: Map<String, Value>,
}

impl Key {
    /// Whether it is a variable of the functions.
    pub(crate) fn is_setting(&self) -> bool {
        self.pointer.starts_with("/settings/")
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.text("format") == Some("secret-reference")
    }

    /// What it means.
    pub(crate) fn meaning(&self) -> &str {
        self.text("description").unwrap_or_default()
    }

    /// What it holds where nobody says.
    pub(crate) fn default(&self) -> Option<&Value> {
        self.schema.get("default")
    }

    /// What it can hold, in words.
    pub(crate) fn kind(&self) -> String {
        let bound = |name: &str| self.schema.get(name).map(Value::to_string);
        match (self.schema.get("enum").and_then(Value::as_array), self.text("type")) {
            (Some(choices), _) => choices.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
            (None, Some("integer")) => {
                let most = bound("maximum").unwrap_or_default();
                format!("whole number, {} to {most}", bound("minimum").unwrap_or_else(|| "0".to_owned()))
            }
            (None, Some("number")) => {
                let bound = |name| bound(name).unwrap_or_default();
                format!("number, {} to {}", bound("minimum"), bound("maximum"))
            }
            (None, Some("boolean")) => "true | false".to_owned(),
            (None, Some("array")) => "list of texts".to_owned(),
            (None, Some(_)) if self.is_secret() => "reference to a secret".to_owned(),
            (None, Some(_)) => "text".to_owned(),
            (None, None) => "list, or file:NAME".to_owned(),
        }
    }

    /// Reads a value as the command line has it. One that does not fit the kind becomes a text, which is then refused.
    pub(crate) fn read(&self, text: &str) -> Value {
        let is_text = self.text("type") == Some("string") || self.schema.contains_key("enum");
        let read = (!is_text).then(|| serde_json::from_str(text).ok()).flatten();
        read.unwrap_or_else(|| text.into())
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.schema.get(member).and_then(Value::as_str)
    }
}

/// Every key, variables last.
pub(crate) fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let mut keys = Vec::new();
        collect(&schema()["properties"]["deployment"], "/deployment", &mut keys);
        collect(&schema()["properties"]["settings"], "/settings", &mut keys);
        keys
    });
    &KEYS
}

/// Finds a key by its name.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    keys().iter().find(|key| key.name == name)
}

/// Checks a whole file.
pub(crate) fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::draft7::new(schema()).expect("the schema is one"));
    &VALIDATOR
}

/// The schema as a file.
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// A variable's name as a parameter of a template, where AWS  allows letters and digits alone.
pub(crate) fn parameter_name(variable: &str) -> String {
    let words = variable.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    words.collect()
}

/// The name that is most like a mistaken one, if any is like it; one that ends so may lack its beginning.
pub(crate) fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = wrong.to_lowercase();
    let distances = names.into_iter().map(|name| {
        let name_in_lower_case = name.to_lowercase();
        let lacks_beginning = name_in_lower_case.ends_with(&format!(".{wrong}"));
        (if lacks_beginning { 0 } else { strsim::damerau_levenshtein(&wrong, &name_in_lower_case) }, name)
    });
    let (distance, name) = distances.min()?;
    (distance <= (wrong.chars().count() / 3).max(1)).then_some(name)
}

fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
        // Validators complain about formats that only Rust has.
        let without_rust = RecursiveTransform(|schema: &mut Schema| {
            if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
                schema.remove("format");
            }
        });
        settings.with_transform(without_rust).into_generator().into_root_schema_for::<StageFile>().into()
    });
    &SCHEMA
}

fn collect(schema: &Value, pointer: &str, keys: &mut Vec<Key>) {
    let Some(schema) = schema.as_object() else { return };
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, schema) in properties {
            collect(schema, &pointer_to(pointer, name), keys);
        }
    } else {
        let name = pointer.strip_prefix("/settings/").unwrap_or(pointer.trim_start_matches('/')).replace('/', ".");
        keys.push(Key { name, pointer: pointer.to_owned(), schema: schema.clone() });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_variable_is_a_key_and_a_name_that_lambda_takes() {
        let settings: Vec<_> = keys().iter().filter(|key| key.is_setting()).map(|key| key.name.as_str()).collect();
        let variables: BTreeSet<_> = Variables::ALL.iter().map(|variable| variable.name).collect();
        assert_eq!(settings.iter().copied().collect::<BTreeSet<_>>(), variables);
        for name in variables {
            assert!(name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() >= 2, "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
            assert!(!name.starts_with("AWS_") && !name.starts_with("LAMBDA_"), "{name}");
        }
    }

    #[test]
    fn parameters_of_cloudformation_have_names_of_their_own() {
        assert_eq!(parameter_name("ELASTICACHE_TIMEOUT_MS"), "ElasticacheTimeoutMs");
        let names: BTreeSet<_> = Variables::ALL.iter().map(|variable| parameter_name(variable.name)).collect();
        assert_eq!(names.len(), Variables::ALL.len());
    }

    #[test]
    fn a_key_knows_what_it_holds() {
        let kinds = [
            ("ELASTICACHE_PORT", "whole number, 1 to 65535"),
            ("FAIL_MODE", "closed | open"),
            ("THREESCALE_SERVICE_TOKEN", "reference to a secret"),
            ("MAPPING_RULES", "list, or file:NAME"),
            ("deployment.gateway.ttl_secs", "whole number, 0 to 3600"),
            ("deployment.vpc.subnet_ids", "list of texts"),
            ("deployment.region", "text"),
        ];
        for (name, kind) in kinds {
            assert_eq!(key(name).unwrap().kind(), kind, "{name}");
        }
        assert_eq!(key("deployment.authorizer.timeout_secs").unwrap().default(), Some(&5.into()));
        assert!(key("deployment.region").unwrap().meaning().contains("region"));
    }

    #[test]
    fn a_mistaken_name_is_understood() {
        let names = ["ELASTICACHE_PORT", "ELASTICACHE_TLS", "FAIL_MODE"];
        assert_eq!(nearest("ELASTICACHE_PROT", names), Some("ELASTICACHE_PORT"));
        assert_eq!(nearest("fail_mode", names), Some("FAIL_MODE"));
        assert_eq!(nearest("PASSWORD", names), None);
        assert_eq!(nearest("gateway.ttl_secs", ["deployment.gateway.ttl_secs"]), Some("deployment.gateway.ttl_secs"));
    }

    #[test]
    fn the_command_line_is_read_by_kind() {
        assert_eq!(key("ELASTICACHE_PORT").unwrap().read("6380"), 6380);
        assert_eq!(key("ELASTICACHE_PORT").unwrap().read("x"), "x");
        assert_eq!(key("THREESCALE_SERVICE_ID").unwrap().read("7"), "7");
        assert_eq!(key("ELASTICACHE_TLS").unwrap().read("true"), true);
        assert_eq!(key("MAPPING_RULES").unwrap().read("file:rules.json"), "file:rules.json");
        assert!(key("MAPPING_RULES").unwrap().read("[]").is_array());
    }
}
