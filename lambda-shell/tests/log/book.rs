//! The book has every message, field and metric. Its table of metrics is made from the code: with
//! `UPDATE_METRICS_TABLE=1` it is written anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use lambda_shell::{Metric, log_schema};
use serde_json::Value;

#[test]
fn the_table_of_metrics_is_that_of_the_code() {
    let page = fs::read_to_string(path()).unwrap();
    let (before, table, after) = parts(&page, "metrics");
    if env::var_os("UPDATE_METRICS_TABLE").is_some() {
        fs::write(path(), [before, &metrics(), after].concat()).unwrap();
    } else {
        assert!(table == metrics(), "run UPDATE_METRICS_TABLE=1 cargo test -p lambda-shell --test log");
    }
}

#[test]
fn the_tables_of_messages_and_fields_have_each_of_them() {
    let page = fs::read_to_string(path()).unwrap();
    let schema = log_schema();
    let kinds = schema["oneOf"].as_array().unwrap();
    let messages = kinds.iter().map(|kind| kind["title"].as_str().unwrap().to_owned());
    assert_eq!(named(parts(&page, "messages").1), messages.collect());
    let fields = kinds.iter().chain([&schema]).flat_map(|part| part["properties"].as_object().unwrap().keys());
    let is_metric = |field: &str| Metric::ALL.iter().any(|metric| metric.name() == field);
    assert_eq!(named(parts(&page, "fields").1), fields.filter(|field| !is_metric(field)).cloned().collect());
}

#[test]
fn the_example_is_a_line() {
    let page = fs::read_to_string(path()).unwrap();
    let (_, example) = page.split_once("\n```json\n").unwrap();
    let example: Value = serde_json::from_str(example.split_once("\n```").unwrap().0).unwrap();
    let valid = jsonschema::draft202012::new(&log_schema()).unwrap();
    assert!(valid.is_valid(&example), "{example}");
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md")
}

/// What is before a table, the table, and what comes after it.
fn parts<'p>(page: &'p str, name: &str) -> (&'p str, &'p str, &'p str) {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let begin = page.find(&begin).unwrap() + begin.len();
    let end = begin + page[begin..].find(&end).unwrap();
    (&page[..begin], &page[begin..end], &page[end..])
}

/// What is between backticks in the first column.
fn named(table: &str) -> BTreeSet<String> {
    let cells = table.lines().filter_map(|row| row.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

fn metrics() -> String {
    let mut table = "| metric | unit | meaning | in lines |\n|---|---|---|---|\n".to_owned();
    for metric in Metric::ALL {
        let lines: Vec<_> = metric.lines().iter().map(|line| format!("`{line}`")).collect();
        let (name, unit, meaning, lines) = (metric.name(), metric.unit(), metric.meaning(), lines.join(", "));
        // Writing into a text does not fail.
        let _ = writeln!(table, "| `{name}` | {unit:?} | {meaning} | {lines} |");
    }
    table
}
