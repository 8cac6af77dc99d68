//! The published schema is that of the code. With `UPDATE_LOG_SCHEMA=1` it is written anew.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_published_schema_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/log.schema.json");
    let schema = format!("{:#}\n", lambda_shell::log_schema());
    if env::var_os("UPDATE_LOG_SCHEMA").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap();
    assert!(published == schema, "run UPDATE_LOG_SCHEMA=1 cargo test -p lambda-shell --test log");
}
