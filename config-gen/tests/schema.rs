//! The schema of stage files, its checked-in copy, and the functions' own reader say the same.
#![expect(clippy::unwrap_used, reason = "a schema that is none fails its test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use authz_core::settings::{Settings, Variables};
use jsonschema::Validator;
use serde_json::{Value, json};

#[test]
fn the_checked_in_schema_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/environment.schema.json");
    let schema = config_gen::schema_text();
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap();
    assert!(checked_in == schema, "run UPDATE_SCHEMA=1 cargo test -p config-gen --test schema");
}

/// The bounds of each kind: what is just right, and what is just wrong.
fn bounds(variable: &str, schema: &Value) -> (Vec<Value>, Vec<Value>) {
    if let Some(choices) = schema["enum"].as_array() {
        return (choices.clone(), vec![json!("nonsense"), json!("CLOSED")]);
    }
    match schema["type"].as_str() {
        Some("integer") => {
            let (least, most) = (schema["minimum"].as_i64().unwrap(), schema["maximum"].as_i64().unwrap());
            (vec![json!(least), json!(most)], vec![json!(least - 1), json!(most + 1), json!(-1), json!(1.5)])
        }
        Some("number") => (vec![json!(0), json!(0.5), json!(1)], vec![json!(-0.1), json!(1.1), json!("half")]),
        Some("boolean") => (vec![json!(true), json!(false)], vec![json!("maybe")]),
        _ => texts(variable),
    }
}

fn texts(variable: &str) -> (Vec<Value>, Vec<Value>) {
    let rule = json!({ "http_method": "GET", "pattern": "/", "metric": "hits" });
    let entry = json!({ "gateway": "g", "stage": "dev", "service_id": "7" });
    match variable {
        "THREESCALE_BACKEND_URL" => (
            vec![json!("http://a"), json!("https://a:1/b")],
            vec![json!("ftp://a"), json!("http://"), json!("https://u@a")],
        ),
        "THREESCALE_SERVICE_ID" => {
            (vec![json!("7"), json!("a".repeat(64))], vec![json!("a".repeat(65)), json!("a b"), json!("ü")])
        }
        "ELASTICACHE_ENDPOINT" => (vec![json!("a"), json!("a.b-c")], vec![json!("a:1"), json!("a/b"), json!("u@a")]),
        "SNS_TOPIC_ARN" => {
            (vec![json!("arn:aws:sns:r:1:t")], vec![json!("arn:aws:sqs:r:1:t"), json!("arn:aws:sns:r:1")])
        }
        "CREDENTIAL_SOURCES" => (vec![json!("header:a"), json!("bearer,query:b")], vec![json!("bearer,"), json!(",")]),
        "MAPPING_RULES" => (vec![json!([rule])], vec![json!([]), json!([{ "pattern": "/" }]), json!("no list")]),
        "SERVICES_MAP" => (vec![json!([entry])], vec![json!([]), json!([{ "gateway": "g" }]), json!("no list")]),
        _ => (vec![json!("ssm:/a")], vec![]),
    }
}

fn is_read(variable: &str, value: &Value) -> bool {
    let mut texts = BTreeMap::from([("THREESCALE_SERVICE_TOKEN".to_owned(), "ssm:/token".to_owned())]);
    if variable != "SERVICES_MAP" {
        texts.insert("THREESCALE_SERVICE_ID".to_owned(), "7".to_owned());
    }
    texts.insert(variable.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Settings::read(&texts).is_ok()
}

fn validator() -> (Value, Validator) {
    let schema: Value = serde_json::from_str(&config_gen::schema_text()).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    (schema, validator)
}

#[test]
fn what_the_schema_takes_at_each_bound_the_functions_take_and_nothing_beyond() {
    let (schema, validator) = validator();
    for variable in Variables::ALL.iter().map(|variable| variable.name) {
        let (right, wrong) = bounds(variable, &schema["properties"]["settings"]["properties"][variable]);
        assert!(!right.is_empty(), "{variable}");
        for (values, expected) in [(right, true), (wrong, false)] {
            for value in values {
                let file = json!({ "settings": { variable: value } });
                assert_eq!(validator.is_valid(&file), expected, "the schema: {file}");
                assert_eq!(is_read(variable, &value), expected, "the functions: {file}");
            }
        }
    }
}

#[test]
fn secrets_must_be_references() {
    let (_, validator) = validator();
    for secret in ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN"]
    {
        assert!(validator.is_valid(&json!({ "settings": { secret: "secretsmanager:a#b" } })), "{secret}");
        assert!(!validator.is_valid(&json!({ "settings": { secret: "literal" } })), "{secret}");
    }
}
