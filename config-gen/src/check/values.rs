//! Rules about single values.

use serde_json::Value;

use super::Subject;
use crate::environment;
use crate::layers::Origin;
use crate::render::Format;
use crate::report::{Place, Problem};
use crate::schema::{self, Key};
use crate::secret::{Reference, SERVICE_TOKEN, has_credentials};

/// Example values that nobody replaced.
pub(super) fn placeholders(subject: &Subject<'_>) -> Vec<Problem> {
    each_text(subject, |key, path, text| {
        let what = if text.trim().is_empty() {
            "is empty".to_owned()
        } else if is_placeholder(text) {
            // A secret with a `<` in it is no placeholder, and must not be shown.
            let is_shown = !is_secret(key, path) && !has_credentials(text) && text.len() <= 60;
            if is_shown {
                format!("still has the example value `{text}`")
            } else {
                "still has an example value".to_owned()
            }
        } else {
            return None;
        };
        Some(
            Problem::error("placeholder", format!("`{}` {what}", key.name))
                .help("set the real one, or leave the key out"),
        )
    })
}

/// Secrets where references should be.
pub(super) fn secret_literals(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = each_text(subject, |key, path, text| {
        let is_literal = is_secret(key, path) && Reference::parse(text).is_none();
        is_literal.then(|| literal(&name(key, path)))
    });
    let map = schema::key("SERVICES_MAP").and_then(|key| subject.layers.effective(key));
    let file = map.as_ref().and_then(|origin| origin.value.as_str()?.strip_prefix("file:"));
    let text = file.and_then(|file| std::fs::read_to_string(subject.layers.beside(file)).ok());
    let entries: Value = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for (index, entry) in entries.as_array().into_iter().flatten().enumerate() {
        let token = entry.get(SERVICE_TOKEN).and_then(Value::as_str);
        if let Some((_, map)) =
            token.filter(|token| Reference::parse(token) != Some(Reference::Store)).zip(map.as_ref())
        {
            problems.push(literal(&format!("SERVICES_MAP.{index}.{SERVICE_TOKEN}")).at(map.place()));
        }
    }
    problems
}

/// Characters that not every tool passes on, or none.
pub(super) fn control_characters(subject: &Subject<'_>) -> Vec<Problem> {
    each_text(subject, |key, _, text| {
        let is_lost = |character: char| character.is_control() && character != '\n' && character != '\t';
        text.contains(is_lost).then(|| {
            Problem::error("control-character", format!("`{}` has a control character in it", key.name))
                .help("only line feeds and tabs reach the functions from every tool")
        })
    })
}

/// References to this machine's environment, which are filled in only where a dotenv file is read, and in no list.
pub(super) fn local_references(subject: &Subject<'_>) -> Vec<Problem> {
    let is_for_lambda = subject.formats.iter().any(|format| *format != Format::Dotenv);
    each_text(subject, |key, path, text| {
        let is_local = is_secret(key, path) && matches!(Reference::parse(text), Some(Reference::Local(_)));
        let is_wrong = is_local && (is_for_lambda || !path.is_empty());
        let message = format!("`{}` refers to a variable of this machine, which Lambda does not have", name(key, path));
        is_wrong.then(|| {
            Problem::error("local-reference", message)
                .help("write `ssm:NAME` or `secretsmanager:NAME`, or render with `--format dotenv` alone")
        })
    })
}

/// Variables that follow from the deployment, set by hand to something else.
pub(super) fn derived(subject: &Subject<'_>) -> Vec<Problem> {
    let derived = environment::derived(subject.layers, &subject.deployment);
    let contradictions = derived.filter_map(|(variable, text)| {
        let said = subject.layers.effective(schema::key(variable)?)?;
        let from = match variable {
            "COLLECT_DELAY_SECS" => "the delay and batch window of `deployment.queue`",
            "SERVERLESS_PROJECT" => "`deployment.project`",
            "SERVERLESS_REGION" => "`deployment.region`",
            _ => "the name of the stage",
        };
        let problem = Problem::error("derived", format!("`{variable}` follows from {from}, and is `{text}`"));
        let differs = environment::text(&said.value).as_ref() != Some(&text);
        differs.then(|| problem.help("remove it here, or change what it follows from").at(said.place()))
    });
    contradictions.collect()
}

/// Asks of every text of every layer; the path leads from the key's value to the text.
fn each_text(subject: &Subject<'_>, rule: impl Fn(&Key, &str, &str) -> Option<Problem>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for key in schema::keys() {
        for origin in subject.layers.origins(key) {
            visit(&origin.value, "", &mut |path, text| {
                problems.extend(rule(key, path, text).map(|problem| problem.at(place(&origin, path))));
            });
        }
    }
    problems
}

fn visit(value: &Value, path: &str, visitor: &mut impl FnMut(&str, &str)) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
    match value {
        Value::String(text) => visitor(path, text),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| visit(item, &below(&index.to_string()), visitor));
        }
        Value::Object(members) => members.iter().for_each(|(key, member)| visit(member, &below(key), visitor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn place(origin: &Origin, path: &str) -> Place {
    if path.is_empty() { origin.place() } else { origin.place_below(path) }
}

fn literal(name: &str) -> Problem {
    Problem::error("secret-literal", format!("`{name}` must be a reference, not the secret itself"))
        .help("write \"ssm:/PATH/NAME\" or \"secretsmanager:NAME#KEY\"")
}

fn name(key: &Key, path: &str) -> String {
    if path.is_empty() { key.name.clone() } else { format!("{}.{}", key.name, path.replace('/', ".")) }
}

fn is_secret(key: &Key, path: &str) -> bool {
    key.is_secret() || key.name == "SERVICES_MAP" && path.rsplit('/').next() == Some(SERVICE_TOKEN)
}

fn is_placeholder(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let known = ["CHANGEME", "CHANGE_ME", "CHANGE-ME", "REPLACE_ME", "TODO"];
    known.contains(&upper.as_str())
        || text.contains("YOUR_")
        || text.contains("${")
        || text.starts_with('<') && text.ends_with('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_by_their_look() {
        for text in ["YOUR_SNS_TOPIC", "ssm:/YOUR_PATH", "changeme", "<your id>", "${elastiCacheEndpoint}", "TODO"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["cache.example.com", "/todos/{id}", "yours", "a<b>"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
