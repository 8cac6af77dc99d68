//! The schema, as editors' validators read it.

use std::fs;

use e2e::{config_gen, node_modules, run, tool};
use serde_json::{Value, json};

use crate::stage::{EXAMPLES, HERE, json};

/// Ways to break a stage's file, and where that is seen.
fn broken() -> [(Value, &'static str); 6] {
    [
        (json!({ "settings": { "ELASTICACHE_PORT": "6379" } }), "/settings/ELASTICACHE_PORT"),
        (json!({ "settings": { "CACHE_GRANT_TTL_SECS": 3601 } }), "/settings/CACHE_GRANT_TTL_SECS"),
        (json!({ "settings": { "THREESCALE_SERVICE_TOKEN": "literal" } }), "/settings/THREESCALE_SERVICE_TOKEN"),
        (json!({ "settings": { "ELASTICACHE_PROT": 6379 } }), "/settings"),
        (json!({ "settings": { "FAIL_MODE": "ajar" } }), "/settings/FAIL_MODE"),
        (json!({ "deployment": { "gateway": { "ttl_secs": -1 } } }), "/deployment/gateway/ttl_secs"),
    ]
}

#[test]
fn ajv_takes_the_examples_and_refuses_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("schema.json");
    fs::write(&schema, config_gen(&["schema"])).unwrap();
    let mut command = tool("node");
    command.env("NODE_PATH", node_modules()).arg(format!("{HERE}/validate.js")).arg(&schema);
    let stages = ["base", "dev", "prod"].map(|stage| format!("{EXAMPLES}/stages/{stage}.json"));
    command.args(&stages);
    for (index, (file, _)) in broken().iter().enumerate() {
        let path = folder.path().join(format!("{index}.json"));
        fs::write(&path, file.to_string()).unwrap();
        command.arg(path);
    }
    let (content, said) = run(&mut command);
    assert!(content, "{said}");
    let expected = stages.iter().map(|_| "valid".to_owned());
    let expected: Vec<_> = expected.chain(broken().iter().map(|(_, place)| format!("invalid at {place}"))).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_examples_name_the_checked_in_schema() {
    for stage in ["base", "dev", "prod"] {
        let file = json(format!("{EXAMPLES}/stages/{stage}.json").as_ref());
        let schema = format!("{EXAMPLES}/stages/{}", file["$schema"].as_str().unwrap());
        assert_eq!(fs::read_to_string(schema).unwrap(), config_gen(&["schema"]), "{stage}");
    }
}
