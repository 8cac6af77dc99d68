//! The JSON Schema of the log's lines.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::collection::Collection;
use super::decision::Authorization;
use super::embedded::NAMESPACE;
use super::function_log::{Advice, BadMessage, CacheFailure, Failure, Forgotten, MetricsAlone};
use super::line::{Common, METRICS_ALONE, Text, Timestamp};
use super::metric::{Metric, Unit};

/// Returns the JSON Schema of a line, whatever it tells.
pub fn log_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| settings.inline_subschemas = true);
    let generator = &mut settings.into();
    let mut schema = members::<Common<'_>>(generator);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("A line of the log");
    schema["$defs"] = json!({ "metadata": metadata() });
    schema["unevaluatedProperties"] = json!(false);
    schema["oneOf"] = json!([
        line::<Authorization<'_>>(generator, "authorization", &["INFO", "ERROR"]),
        line::<Failure<'_>>(generator, "unauthorized", &["INFO"]),
        line::<Failure<'_>>(generator, "event not understood", &["ERROR"]),
        line::<CacheFailure<'_>>(generator, "cache failed", &["ERROR"]),
        line::<Failure<'_>>(generator, "publish failed", &["ERROR"]),
        line::<Collection<'_>>(generator, "collection", &["INFO", "ERROR"]),
        line::<BadMessage<'_>>(generator, "message not understood", &["ERROR"]),
        line::<Forgotten<'_>>(generator, "forgotten", &["INFO"]),
        line::<MetricsAlone>(generator, METRICS_ALONE, &["INFO"]),
        line::<Advice>(generator, "THREESCALE_PROVIDER_KEY opens the whole account", &["WARN"]),
        line::<Advice>(generator, "CREDENTIAL_SECRET is derived from the token or key of 3scale", &["WARN"]),
        line::<Failure<'_>>(generator, "the function can't start", &["ERROR"]),
    ]);
    schema
}

/// What lines with this message have besides.
fn line<F: JsonSchema>(generator: &mut SchemaGenerator, message: &str, levels: &[&str]) -> Value {
    let mut schema = members::<F>(generator);
    schema["title"] = json!(message);
    let metrics = Metric::ALL.iter().filter(|metric| message == METRICS_ALONE || metric.lines().contains(&message));
    let mut metrics: Vec<_> = metrics.map(|metric| (metric.name().to_owned(), value(*metric))).collect();
    if !metrics.is_empty() {
        metrics.push(("_aws".to_owned(), json!({ "$ref": "#/$defs/metadata" })));
    }
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert("level".to_owned(), json!({ "enum": levels }));
        properties.insert("message".to_owned(), json!({ "const": message }));
        properties.extend(metrics);
    }
    schema
}

/// What a part of a line has. A member that has nothing to say is left out, and never null.
fn members<F: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let mut schema = F::json_schema(generator).to_value();
    for property in schema["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(kind) = property["type"].get(0).cloned() {
            property["type"] = kind;
        }
    }
    schema
}

fn value(metric: Metric) -> Value {
    let kind = match metric.unit() {
        Unit::Count => "integer",
        Unit::Milliseconds => "number",
    };
    json!({ "description": metric.meaning(), "type": kind, "minimum": 0 })
}

fn metadata() -> Value {
    let definition = object(&json!({
        "Name": { "enum": Metric::ALL.iter().map(|metric| metric.name()).collect::<Vec<_>>() },
        "Unit": { "enum": [Unit::Count, Unit::Milliseconds] },
    }));
    let dimension = json!({ "enum": ["service", "stage", "reason"] });
    let directive = object(&json!({
        "Namespace": { "const": NAMESPACE },
        "Dimensions": { "type": "array", "minItems": 1, "items": { "type": "array", "items": dimension } },
        "Metrics": { "type": "array", "minItems": 1, "maxItems": 100, "items": definition },
    }));
    let mut metadata = object(&json!({
        "Timestamp": { "type": "integer", "description": "milliseconds since 1970-01-01T00:00:00Z" },
        "CloudWatchMetrics": { "type": "array", "minItems": 1, "items": directive },
    }));
    metadata["description"] = json!("tells CloudWatch which members are metrics, and of which dimensions");
    metadata
}

/// An object that has all of these members, and no other.
fn object(properties: &Value) -> Value {
    let names: Vec<_> = properties.as_object().map(Map::keys).into_iter().flatten().collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";
        json_schema!({ "type": "string", "format": "date-time", "pattern": pattern })
    }
}

impl JsonSchema for Text<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
