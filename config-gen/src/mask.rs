//! Hides secrets in what is shown of files.

use std::ops::Range;

use crate::schema;
use crate::secret::{MASK, Reference, SERVICE_TOKEN, has_credentials, is_public};
use crate::source::{Source, Spot};

/// Shows a part of a source without the secrets in it. A value whose key nobody knows may be one.
pub(crate) fn source(source: &Source, range: Range<usize>) -> String {
    if source.spots.is_empty() {
        return line(source.text.get(range).unwrap_or_default());
    }
    let (mut shown, mut from) = (String::new(), range.start);
    for spot in source.spots.iter().filter(|spot| hides(source, spot)) {
        let Range { start, end } = spot.value;
        if start >= from && start < range.end {
            shown.push_str(source.text.get(from..start).unwrap_or_default());
            shown.extend(["\"", MASK, "\""]);
            from = end;
        } else if start < from && end > from {
            from = end;
        }
    }
    shown + source.text.get(from..range.end).unwrap_or_default()
}

/// Shows a line of a rendered file that somebody may have edited: behind a secret's name only a reference is shown,
/// and a line without any name is not shown at all.
pub(crate) fn line(line: &str) -> String {
    let names = schema::keys().iter().filter(|key| key.is_secret()).map(|key| key.name.as_str());
    let parameters: Vec<_> = names.clone().map(schema::parameter_name).collect();
    let all = names.chain(parameters.iter().map(String::as_str)).chain([SERVICE_TOKEN]);
    let first = all.filter_map(|name| Some(line.find(name)? + name.len())).min();
    match first {
        Some(end) => {
            let (shown, rest) = line.split_at(end);
            if holds_reference(rest) { line.to_owned() } else { format!("{shown} {MASK}") }
        }
        None if line.contains([':', '=']) || !line.contains(char::is_alphanumeric) => line.to_owned(),
        None => MASK.to_owned(),
    }
}

fn hides(source: &Source, spot: &Spot) -> bool {
    let text = source.text.get(spot.value.clone()).unwrap_or_default();
    let is_literal = || may_be_secret(&spot.pointer) && Reference::parse(text.trim_matches('"')).is_none();
    !text.starts_with(['{', '[']) && (has_credentials(text) || is_literal())
}

fn may_be_secret(pointer: &str) -> bool {
    if let Some(path) = pointer.strip_prefix("/settings/SERVICES_MAP/") {
        let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        return !path.split('/').all(|part| is_index(part) || is_public(part));
    }
    let known = schema::keys().iter().find(|key| {
        pointer.strip_prefix(key.pointer.as_str()).is_some_and(|below| below.is_empty() || below.starts_with('/'))
    });
    known.is_none_or(schema::Key::is_secret) && pointer != "/$schema"
}

/// What is behind a secret's name in a rendered file, if nobody edited it.
fn holds_reference(rest: &str) -> bool {
    let value = rest.trim_start_matches("\", \"ParameterValue\": \"");
    let value = value.trim_matches(['"', '\'', '\\', ':', '=', ',', ' ', '}', '{', ']', '[']);
    value.is_empty() || Reference::parse(value).is_some() || is_expansion(value)
}

/// `${NAME}`, without its braces at the end.
fn is_expansion(value: &str) -> bool {
    value
        .strip_prefix('$')
        .is_some_and(|name| Reference::parse(&format!("env:{}", name.trim_matches(['{', '}']))).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_references_and_no_secret() {
        for text in [
            r#"  "THREESCALE_SERVICE_TOKEN": "ssm:/a/b","#,
            "THREESCALE_SERVICE_TOKEN='secretsmanager:a#b'",
            r#"THREESCALE_SERVICE_TOKEN="${TOKEN}""#,
            r#"  {"ParameterKey": "ThreescaleServiceToken", "ParameterValue": "ssm:/a"},"#,
            r#"  "FAIL_MODE": "open""#,
            "  },",
        ] {
            assert_eq!(line(text), text);
        }
        for text in [
            r#"  "THREESCALE_SERVICE_TOKEN": "CANARY","#,
            r#"{"THREESCALE_SERVICE_TOKEN":"ssm:/a","CREDENTIAL_SECRET":"CANARY"}"#,
            r#"  {"ParameterKey": "ThreescaleServiceToken", "ParameterValue": "CANARY"},"#,
            r#"SERVICES_MAP='[{"service_token":"CANARY"}]'"#,
            r#"      "CANARY","#,
            "CREDENTIAL_SECRET=CANARY",
        ] {
            assert!(!line(text).contains("CANARY"), "{}", line(text));
        }
    }

    #[test]
    fn a_source_shows_no_secret_and_nothing_that_nobody_knows() {
        let text = r#"{"settings": {"TOKN": "CANARY", "CREDENTIAL_SECRET": 31337, "FAIL_MODE": "open",
            "SERVICES_MAP": [{"service_token": "CANARY"}], "CREDENTIAL_SECRET": "CANARY"}, "x": {"y": "CANARY"}}"#;
        let (file, _) = Source::parse("f".to_owned(), text.to_owned());
        let shown = source(&file, 0..text.len());
        assert!(!shown.contains("CANARY") && !shown.contains("31337"), "{shown}");
        assert!(shown.contains(r#""FAIL_MODE": "open""#), "{shown}");
    }

    #[test]
    fn a_line_of_a_file_that_is_no_json_is_shown_as_if_it_was_edited() {
        let (file, _) = Source::parse("f".to_owned(), "{\"THREESCALE_SERVICE_TOKEN\": \"CANARY\",}".to_owned());
        assert!(!source(&file, 0..file.text.len()).contains("CANARY"));
    }
}
