//! The JSON Schema of the variables, as a stage file of config-gen holds them: numbers as numbers, lists as lists.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::kinds::{BackendUrl, HostName, Number, SampleRate, Sources, TopicArn};
use super::services::ServicesMap;
use super::variables::{Described, Variables};
use crate::credential::Secret;
use crate::mapping::{MappingRules, Rule};
use crate::threescale::ServiceId;

impl JsonSchema for Variables {
    fn schema_name() -> Cow<'static, str> {
        "Variables".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for (variable, Described { mut schema, default }) in Self::ALL.iter().zip(Self::schemas(generator)) {
            schema.insert("description".to_owned(), variable.meaning.into());
            if let Some(default) = default {
                schema.insert("default".to_owned(), default);
            }
            properties.insert(variable.name.to_owned(), schema.into());
        }
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

/// Describes a kind by a schema that needs no generator.
macro_rules! described {
    ($($kind:ty: $schema:tt)+) => {$(
        impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

described! {
    BackendUrl: { "type": "string", "format": "uri", "pattern": "^https?://[^?#@ ]+$" }
    HostName: { "type": "string", "pattern": "^[^/:@ ]+$" }
    SampleRate: { "type": "number", "minimum": 0, "maximum": 1 }
    TopicArn: { "type": "string", "pattern": "^arn:[^:]*:sns:[^:]*:[^:]*:[^:]*$" }
    Sources: { "type": "string", "pattern": "^[^,]+(,[^,]+)*$" }
    ServiceId: { "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$" }
    Secret: { "type": "string", "format": "secret-reference", "pattern": "^(ssm|secretsmanager|env):.+" }
}

impl<const LEAST: u64, const MOST: u64> JsonSchema for Number<LEAST, MOST> {
    fn schema_name() -> Cow<'static, str> {
        format!("NumberFrom{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

impl JsonSchema for MappingRules {
    fn schema_name() -> Cow<'static, str> {
        "MappingRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<Rule>();
        list_or_file(&json_schema!({ "type": "array", "minItems": 1, "items": rule }))
    }
}

impl JsonSchema for ServicesMap {
    fn schema_name() -> Cow<'static, str> {
        "ServicesMap".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = json_schema!({
            "type": "object",
            "properties": {
                "gateway": { "type": "string", "minLength": 1, "description": "the gateway's id" },
                "stage": { "type": "string", "minLength": 1, "description": "the stage's name" },
                "service_id": ServiceId::json_schema(generator),
                "service_token": Secret::json_schema(generator),
                "mapping_rules": { "type": "array", "minItems": 1, "items": generator.subschema_for::<Rule>() },
            },
            "required": ["gateway", "stage", "service_id"],
            "additionalProperties": false,
        });
        list_or_file(&json_schema!({ "type": "array", "minItems": 1, "items": entry }))
    }
}

fn list_or_file(list: &Schema) -> Schema {
    json_schema!({ "anyOf": [Value::from(list.clone()), { "type": "string", "pattern": "^file:.+" }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_described_by_its_meaning_kind_and_default() {
        let schema = schemars::schema_for!(Variables);
        let port = &schema.as_value()["properties"]["ELASTICACHE_PORT"];
        let expected = serde_json::json!({
            "type": "integer", "minimum": 1, "maximum": 65_535, "description": "port of the cache", "default": 6379,
        });
        assert_eq!(*port, expected);
        let names = schema.as_value()["properties"].as_object().map(Map::len);
        assert_eq!(names, Some(Variables::ALL.len()));
    }
}
