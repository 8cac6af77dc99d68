//! What the schema says of each file.

use std::rc::Rc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::{Subject, unknown_key};
use crate::report::{Place, Problem};
use crate::schema;
use crate::source::{Source, pointer_to};

/// What the schema says best: unknown keys, values of the wrong kind, and none of the choices.
pub(super) fn kinds(subject: &Subject<'_>) -> Vec<Problem> {
    let problems = problems(subject).into_iter();
    problems
        .filter(|problem| ["unknown-key", "reserved-name", "wrong-type", "no-choice"].contains(&problem.code))
        .collect()
}

/// Everything that the schema says; what other rules said of the same places is said better.
pub(super) fn rest(subject: &Subject<'_>) -> Vec<Problem> {
    problems(subject)
}

fn problems(subject: &Subject<'_>) -> Vec<Problem> {
    let readable = subject.layers.sources.iter().filter(|source| !source.spots.is_empty());
    readable.flat_map(of_source).collect()
}

fn of_source(source: &Rc<Source>) -> Vec<Problem> {
    let errors = schema::validator().iter_errors(&source.value);
    errors.flat_map(|error| problems_of(source, &error)).collect()
}

fn problems_of(source: &Rc<Source>, error: &ValidationError<'_>) -> Vec<Problem> {
    let pointer = error.instance_path().as_str();
    if let Kind::AdditionalProperties { unexpected } = error.kind() {
        return unexpected.iter().map(|name| unknown(source, pointer, name)).collect();
    }
    let name = name_of(pointer);
    let problem = match error.kind() {
        Kind::Type { kind } => Problem::error("wrong-type", format!("{name} must be {}", a_kind(kind))),
        Kind::Enum { options } => not_a_choice(&name, error.instance(), options),
        Kind::AnyOf { .. } => wrong_list(&name, error.instance()),
        Kind::Minimum { limit } => Problem::error("out-of-range", format!("{name} must be at least {limit}")),
        Kind::Maximum { limit } => Problem::error("out-of-range", format!("{name} must be at most {limit}")),
        Kind::Pattern { pattern } => Problem::error("wrong-form", format!("{name} must have the form `{pattern}`")),
        other => Problem::error("invalid-value", format!("{name} does not fit the schema's `{}`", other.keyword())),
    };
    vec![match source.spot(pointer) {
        Some(spot) => problem.at(Place::new(source, spot.value.clone())),
        None => problem,
    }]
}

fn unknown(source: &Rc<Source>, parent: &str, name: &str) -> Problem {
    let below = format!("{parent}/");
    let mut known: Vec<_> = schema::keys()
        .iter()
        .filter_map(|key| key.pointer.strip_prefix(&below)?.split('/').next())
        .chain(parent.is_empty().then_some(["$schema", "deployment", "settings"]).into_iter().flatten())
        .collect();
    known.dedup();
    let problem = unknown_key(name, known);
    match source.spot(&pointer_to(parent, name)) {
        Some(spot) => problem.at(Place::new(source, spot.key.clone())),
        None => problem,
    }
}

fn not_a_choice(name: &str, value: &Value, options: &Value) -> Problem {
    let choices: Vec<_> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let problem = Problem::error("no-choice", format!("{name} must be one of `{}`", choices.join("`, `")));
    match value.as_str().and_then(|wrong| schema::nearest(wrong, choices)) {
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem,
    }
}

fn wrong_list(name: &str, value: &Value) -> Problem {
    if value.is_array() {
        Problem::error("invalid-value", format!("{name} has an entry that is wrong"))
    } else {
        Problem::error("wrong-type", format!("{name} must be a list, or a text `file:NAME`"))
    }
}

fn name_of(pointer: &str) -> String {
    match pointer.strip_prefix("/settings/").or(pointer.strip_prefix('/')) {
        Some(path) => format!("`{}`", path.replace('/', ".")),
        None => "the file".to_owned(),
    }
}

fn a_kind(kind: &jsonschema::error::TypeKind) -> String {
    let jsonschema::error::TypeKind::Single(kind) = kind else { return "of another kind".to_owned() };
    match kind.to_string().as_str() {
        "integer" => "a whole number, without quotes".to_owned(),
        "number" => "a number, without quotes".to_owned(),
        "boolean" => "`true` or `false`, without quotes".to_owned(),
        "string" => "a text, in quotes".to_owned(),
        "array" => "a list, in `[` and `]`".to_owned(),
        _ => "an object, in `{` and `}`".to_owned(),
    }
}
