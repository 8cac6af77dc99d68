//! The one map of variables that both functions get, and every format renders.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::deployment::Deployment;
use crate::layers::Layers;
use crate::schema;
use crate::source::nested;

/// Names and texts.
pub(crate) type Environment = BTreeMap<String, String>;

/// Makes the texts of all settings that are said; what follows from the deployment is added.
pub(crate) fn environment(layers: &Layers, deployment: &Deployment) -> Environment {
    let said = layers.all().into_iter().filter_map(|(name, origin)| Some((name.to_owned(), text(&origin.value)?)));
    let said = said.filter(|(name, _)| schema::key(name).is_some_and(schema::Key::is_setting));
    said.chain(derived(layers, deployment).map(|(name, text)| (name.to_owned(), text))).collect()
}

/// What nobody needs to say: it follows from the deployment.
pub(crate) fn derived(
    layers: &Layers,
    deployment: &Deployment,
) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let all = [
        ("COLLECT_DELAY_SECS", deployment.collect_delay_secs().to_string()),
        ("SERVERLESS_PROJECT", deployment.project.clone()),
        ("SERVERLESS_REGION", deployment.region.clone()),
        ("SERVERLESS_STAGE", layers.stage.clone().unwrap_or_default()),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty())
}

/// Lambda knows only texts: numbers and booleans are written as JSON does, lists as JSON in one line.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Object(_) => None,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Some(value.to_string()),
    }
}

/// Puts together what the layers say of the deployment. A value of the wrong kind counts as none.
pub(crate) fn deployment(layers: &Layers) -> Deployment {
    let mut said = Value::Object(Map::new());
    let mut deployment = Deployment::default();
    for key in schema::keys().iter().filter(|key| !key.is_setting()) {
        let Some(origin) = layers.effective(key) else { continue };
        let mut more = said.clone();
        merge(&mut more, nested(&key.pointer, origin.value));
        if let Ok(read) = serde_json::from_value(more["deployment"].clone()) {
            (said, deployment) = (more, read);
        }
    }
    deployment
}

/// How much Lambda takes: 4 KB.
pub(crate) const MOST_BYTES: usize = 4096;

/// Counts as Lambda does, which measures the map as JSON.
pub(crate) fn bytes(environment: &Environment) -> usize {
    serde_json::to_string(environment).map_or(usize::MAX, |json| json.len())
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_becomes_a_text() {
        for (value, expected) in [
            (Value::from(6379), Some("6379")),
            (true.into(), Some("true")),
            ("a".into(), Some("a")),
            (serde_json::json!([{"b": 1, "a": "x y"}]), Some(r#"[{"a":"x y","b":1}]"#)),
            (Value::Null, None),
        ] {
            assert_eq!(text(&value).as_deref(), expected);
        }
    }

    #[test]
    fn bytes_are_those_of_the_json_that_lambda_measures() {
        let environment = Environment::from([("A".to_owned(), "ü\"\n".to_owned())]);
        assert_eq!(bytes(&environment), r#"{"A":"ü\"\n"}"#.len());
    }
}
