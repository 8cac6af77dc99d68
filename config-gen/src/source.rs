//! JSON that knows where each of its values stands.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use jsonc_parser::ast::{self, ObjectProp};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use crate::report::{Place, Problem};

/// A file, or an argument, that holds values.
#[derive(Debug)]
pub(crate) struct Source {
    /// As it is told to people.
    pub(crate) name: String,
    /// All of it.
    pub(crate) text: String,
    /// What it says; null if it is no JSON.
    pub(crate) value: Value,
    /// Where each value is; one that is there twice comes twice.
    pub(crate) spots: Vec<Spot>,
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// Its JSON Pointer.
    pub(crate) pointer: String,
    /// Its key; of a list's item the item itself.
    pub(crate) key: Range<usize>,
    /// The value.
    pub(crate) value: Range<usize>,
}

impl Source {
    /// Reads strict JSON; a key that comes twice in one object is a mistake too.
    pub(crate) fn parse(name: String, text: String) -> (Rc<Self>, Vec<Problem>) {
        let value: Value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => {
                let offset = offset(&text, error.line(), error.column());
                let source = Rc::new(Self { name, text, value: Value::Null, spots: Vec::new() });
                let end = (offset + 1).min(source.text.len().max(offset));
                let message = format!("this is no JSON: {}", without_position(&error.to_string()));
                return (source.clone(), vec![Problem::error("syntax", message).at(Place::new(&source, offset..end))]);
            }
        };
        let mut spots = Vec::new();
        if let Ok(parsed) = parse_to_ast(&text, &CollectOptions::default(), &STRICT)
            && let Some(root) = parsed.value
        {
            walk(&root, "", 0..0, &mut spots);
        }
        let source = Rc::new(Self { name, text, value, spots });
        let problems = duplicates(&source);
        (source, problems)
    }

    /// Makes a source of `--set KEY=VALUE`.
    pub(crate) fn argument(text: &str, pointer: &str, value: Value) -> Rc<Self> {
        let key = text.find('=').unwrap_or(text.len());
        let spot = Spot { pointer: pointer.to_owned(), key: 0..key, value: (key + 1).min(text.len())..text.len() };
        let value = nested(pointer, value);
        Rc::new(Self { name: "--set".to_owned(), text: text.to_owned(), value, spots: vec![spot] })
    }

    /// Finds where a value stands; of one that is there twice the last place, which is what counts in JSON.
    pub(crate) fn spot(&self, pointer: &str) -> Option<&Spot> {
        self.spots.iter().rev().find(|spot| spot.pointer == pointer)
    }

    /// Returns line and column of a byte, both from 1; the column counts characters.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

/// Joins a pointer and a key.
pub(crate) fn pointer_to(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Wraps a value into the objects that a pointer goes through.
pub(crate) fn nested(pointer: &str, value: Value) -> Value {
    let keys = pointer.strip_prefix('/').unwrap_or(pointer).split('/');
    keys.rev().fold(value, |inner, key| Value::Object([(key.to_owned(), inner)].into_iter().collect()))
}

fn walk(value: &ast::Value<'_>, pointer: &str, key: Range<usize>, spots: &mut Vec<Spot>) {
    let range = value.range();
    spots.push(Spot { pointer: pointer.to_owned(), key, value: range.start..range.end });
    match value {
        ast::Value::Object(object) => {
            for ObjectProp { name, value, .. } in &object.properties {
                let key = name.range();
                walk(value, &pointer_to(pointer, name.as_str()), key.start..key.end, spots);
            }
        }
        ast::Value::Array(array) => {
            for (index, item) in array.elements.iter().enumerate() {
                let range = item.range();
                walk(item, &format!("{pointer}/{index}"), range.start..range.end, spots);
            }
        }
        ast::Value::StringLit(_)
        | ast::Value::NumberLit(_)
        | ast::Value::BooleanLit(_)
        | ast::Value::NullKeyword(_) => {}
    }
}

fn duplicates(source: &Rc<Source>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    // What is below a second object of the same name is told by that object.
    for spot in &source.spots {
        let parent = spot.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let told = problems.iter().any(|(pointer, _): &(&str, _)| *pointer == parent);
        if !seen.insert(spot.pointer.as_str()) {
            let name = source.text.get(spot.key.clone()).unwrap_or_default().trim_matches('"');
            let message = format!("`{name}` is here twice, and only one of them can count");
            let problem = Problem::error("duplicate-key", message)
                .at(Place::new(source, spot.key.clone()))
                .help("remove one of them");
            problems.push((&spot.pointer, (!told).then_some(problem)));
        }
    }
    problems.into_iter().filter_map(|(_, problem)| problem).collect()
}

/// The byte at which the parser stopped: lines and columns from 1, columns in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let wanted = (start + column.saturating_sub(1)).min(text.len());
    (0..=wanted).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or_default()
}

fn without_position(message: &str) -> &str {
    message.split_once(" at line ").map_or(message, |(what, _)| what)
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> (Rc<Source>, Vec<Problem>) {
        Source::parse("f.json".to_owned(), text.to_owned())
    }

    #[test]
    fn every_value_is_found_by_its_pointer() {
        let (source, problems) = source("{\n  \"a\": [1, {\"b/c\": \"ü\"}]\n}");
        assert_eq!(problems.len(), 0);
        let spot = source.spot("/a/1/b~1c").unwrap();
        assert_eq!((&source.text[spot.key.clone()], &source.text[spot.value.clone()]), ("\"b/c\"", "\"ü\""));
        assert_eq!(source.position(spot.value.start), (2, 20));
        assert!(source.spot("/a/2").is_none());
    }

    #[test]
    fn a_key_that_is_there_twice_is_told_once_at_its_second_place() {
        let (source, problems) = source("{\"a\": {\"x\": 1},\n \"a\": {\"x\": 2}}");
        let places: Vec<_> = problems.iter().map(Problem::position).collect();
        assert_eq!(places, [Some((2, 2))]);
        assert_eq!(source.value["a"]["x"], 2);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, place, told) in [
            ("{\"a\": 1,}", (1, 9), "trailing comma"),
            ("", (1, 1), "EOF while parsing a value"),
            ("{\n\"a\" 1}", (2, 5), "expected `:`"),
            ("// c\n{}", (1, 1), "expected value"),
            ("{} {}", (1, 4), "trailing characters"),
            ("\"ü", (1, 2), "EOF while parsing a string"),
        ] {
            let (_, problems) = source(text);
            assert_eq!(problems[0].position(), Some(place), "{text}");
            assert!(problems[0].message.contains(told), "{}", problems[0].message);
        }
    }

    #[test]
    fn an_argument_is_a_source_of_one_value() {
        let source = Source::argument("deployment.region=x", "/deployment/region", "x".into());
        assert_eq!(source.value.pointer("/deployment/region"), Some(&"x".into()));
        let spot = source.spot("/deployment/region").unwrap();
        assert_eq!((&source.text[spot.key.clone()], &source.text[spot.value.clone()]), ("deployment.region", "x"));
    }
}
