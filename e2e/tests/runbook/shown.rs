//! Whether an output is what the page shows of it.

use serde_json::Value;

/// Whether all that is shown is in the output, in this order; lines between may be left out.
///
/// Of JSON, members may be left out as well.
pub(crate) fn fits(output: &str, shown: &[String]) -> bool {
    let mut lines = output.lines().map(str::trim_end);
    shown.iter().all(|shown| match serde_json::from_str(shown) {
        Ok(shown @ Value::Object(_)) => {
            lines.any(|line| serde_json::from_str(line).is_ok_and(|line| is_part(&shown, &line)))
        }
        _ => lines.any(|line| line == shown),
    })
}

fn is_part(shown: &Value, whole: &Value) -> bool {
    match (shown, whole) {
        (Value::Object(shown), Value::Object(whole)) => {
            shown.iter().all(|(name, shown)| whole.get(name).is_some_and(|whole| is_part(shown, whole)))
        }
        _ => shown == whole,
    }
}

#[test]
fn lines_and_members_may_be_left_out_and_nothing_else() {
    let output = "HTTP/1.1 200 OK\r\nx: y\r\n\r\n{\"a\":{\"b\":1,\"c\":2},\"d\":3}\n";
    let fits = |shown: &[&str]| fits(output, &shown.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
    for shown in [&["HTTP/1.1 200 OK"][..], &["x: y", r#"{"a":{"c":2}}"#], &[r#"{"d":3,"a":{}}"#], &[]] {
        assert!(fits(shown), "{shown:?}");
    }
    for shown in
        [&["200 OK"][..], &["x: y", "HTTP/1.1 200 OK"], &[r#"{"a":{"c":3}}"#], &[r#"{"e":null}"#], &["x: y"; 2]]
    {
        assert!(!fits(shown), "{shown:?}");
    }
}
