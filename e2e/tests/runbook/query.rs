//! As much of Logs Insights as the runbook uses.

use serde_json::{Map, Value};

/// Whether a query finds a line of the log that has all the fields that it goes on to use.
///
/// # Panics
///
/// If the query says what is not understood here.
pub(crate) fn finds(query: &str, log: &str) -> bool {
    let (filter, rest) = query.split_once(" | ").unwrap_or((query, ""));
    let filter = filter.strip_prefix("filter ").unwrap_or_else(|| panic!("a query begins with a filter: {query}"));
    let used = rest.strip_prefix("display ").or(rest.split_once(" by ").map(|(_, fields)| fields));
    let used = used.unwrap_or_else(|| panic!("a query counts by fields, or displays them: {query}"));
    let made = |field: &&str| field.starts_with('@') || field.starts_with("bin(");
    let fields: Vec<_> = used.split(", ").filter(|field| !made(field)).collect();
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).any(|line: Map<String, Value>| {
        filter.split(" and ").all(|condition| holds(condition, &line))
            && fields.iter().all(|field| line.contains_key(*field))
    })
}

fn holds(condition: &str, line: &Map<String, Value>) -> bool {
    if let Some(field) = condition.strip_prefix("ispresent(").and_then(|rest| rest.strip_suffix(')')) {
        return line.contains_key(field);
    }
    let (field, is_equal, text) = match (condition.split_once(" = "), condition.split_once(" like ")) {
        (Some((field, text)), None) => (field, true, text),
        (None, Some((field, text))) => (field, false, text),
        _ => panic!("a condition is `a = \"b\"`, `a like \"b\"` or `ispresent(a)`, not {condition}"),
    };
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).expect("a text in double quotes");
    let found = line.get(field).and_then(Value::as_str);
    found.is_some_and(|found| if is_equal { found == text } else { found.contains(text) })
}

#[test]
fn a_query_finds_the_lines_that_it_asks_for() {
    let log = "listening\n{\"message\":\"a\",\"cache\":\"hit\"}\n{\"message\":\"b\",\"error\":\"x y\"}\n";
    for query in [
        r#"filter message = "a" | stats count(*) by cache"#,
        r#"filter message = "b" and error like "x " | stats count(*) by bin(5m), error"#,
        "filter ispresent(error) | display @timestamp, message",
    ] {
        assert!(finds(query, log), "{query}");
    }
    for query in [
        r#"filter message = "c" | stats count(*) by cache"#,
        r#"filter message = "a" | stats count(*) by error"#,
        r#"filter message = "b" and error = "x" | stats count(*) by message"#,
        "filter ispresent(fault) | display message",
    ] {
        assert!(!finds(query, log), "{query}");
    }
}
