//! Where a value comes from, and in what stages differ.

use std::fmt::Write as _;

use serde_json::Value;

use crate::environment;
use crate::failure::Failure;
use crate::layers::Layers;
use crate::report::Problem;
use crate::schema::{self, Key};
use crate::secret;

/// Tells everything about one key: its value, each layer's word, and what it means.
pub(crate) fn explain(layers: &Layers, name: &str) -> Result<String, Failure> {
    let Some(key) = schema::key(name) else {
        let known = schema::keys().iter().map(|key| key.name.as_str());
        return Err(Failure::Problems(vec![crate::check::unknown_key(name, known)]));
    };
    let default = key.default().map_or("not set".to_owned(), |value| shown(key, value));
    let mut lines = vec![("default".to_owned(), default)];
    lines.extend(layers.origins(key).iter().map(|origin| (origin.place().to_string(), shown(key, &origin.value))));
    let mut derived = environment::derived(layers, &environment::deployment(layers));
    lines.extend(
        derived.find(|(variable, _)| *variable == name).map(|(_, text)| ("from the deployment".to_owned(), text)),
    );
    let width = lines.iter().map(|(place, _)| place.chars().count()).max().unwrap_or_default();
    let (used_at, used) = lines.last().cloned().unwrap_or_default();
    let mut text = format!("{name} = {used}\n  {}\n", key.kind());
    for (place, value) in &lines {
        let used = if *place == used_at { "   <- used" } else { "" };
        let _ = writeln!(text, "  {place:width$}   {value}{used}");
    }
    let _ = writeln!(text, "{}", key.meaning());
    Ok(text)
}

/// Lists the keys that two stages say differently.
pub(crate) fn diff(one: &Layers, other: &Layers) -> String {
    let (ones, others) = (one.all(), other.all());
    let differing = schema::keys().iter().filter_map(|key| {
        let value = |said: Option<&crate::layers::Origin>| {
            said.map(|origin| &origin.value).or(key.default()).map_or("-".to_owned(), |value| shown(key, value))
        };
        let (left, right) = (value(ones.get(key.name.as_str())), value(others.get(key.name.as_str())));
        (left != right).then(|| [key.name.clone(), left, right])
    });
    let stage = |layers: &Layers| layers.stage.clone().unwrap_or_default();
    let rows: Vec<_> = [[String::new(), stage(one), stage(other)]].into_iter().chain(differing).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (first, second) = (width(0), width(1));
    rows.iter().fold(String::new(), |mut text, [key, left, right]| {
        let _ = writeln!(text, "{key:first$}   {left:second$}   {right}");
        text
    })
}

/// Makes problems of layers that can't be compared.
pub(crate) fn only_readable(problems: Vec<Problem>) -> Result<(), Failure> {
    if problems.is_empty() { Ok(()) } else { Err(Failure::Problems(problems)) }
}

fn shown(key: &Key, value: &Value) -> String {
    match secret::shown(value, key.is_secret()) {
        Value::String(text) => text,
        value => value.to_string(),
    }
}
