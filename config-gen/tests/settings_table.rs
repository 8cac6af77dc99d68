//! The table of settings in the book is made from the schema. With `UPDATE_SETTINGS_TABLE=1` it is written anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use authz_core::settings::Variables;
use serde_json::Value;

const BEGIN: &str = "<!-- settings:begin -->\n";
const END: &str = "<!-- settings:end -->";

#[test]
fn the_book_lists_every_setting_as_the_schema_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the table begins");
    let (_, after) = rest.split_once(END).expect("the table ends");
    let now = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_SETTINGS_TABLE").is_some() {
        fs::write(&path, &now).expect("it can be written");
    }
    assert_eq!(
        fs::read_to_string(&path).expect("the page is there"),
        now,
        "run this test with UPDATE_SETTINGS_TABLE=1"
    );
}

fn table() -> String {
    let schema = schemars::schema_for!(Variables);
    let mut table = "| variable | meaning | values | default |\n|---|---|---|---|\n".to_owned();
    for variable in Variables::ALL {
        let values = values(&schema.as_value()["properties"][variable.name]);
        let default = variable.default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        // Writing into a text does not fail.
        let _ = writeln!(table, "| `{}` | {} | {values} | {default} |", variable.name, variable.meaning);
    }
    table
}

fn values(schema: &Value) -> String {
    let (kind, format) = (schema["type"].as_str(), schema["format"].as_str());
    match (schema["enum"].as_array(), kind, format) {
        (Some(names), _, _) => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
            names.join(", ")
        }
        (None, Some("integer" | "number"), _) => format!("{} to {}", schema["minimum"], schema["maximum"]),
        (None, Some("boolean"), _) => "`true`, `false`".to_owned(),
        (None, Some(_), Some("secret-reference")) => "secret, or a reference".to_owned(),
        (None, Some(_), Some("uri")) => "URL".to_owned(),
        (None, Some(_), _) => "text".to_owned(),
        (None, None, _) => "JSON list, or `file:PATH`".to_owned(),
    }
}
