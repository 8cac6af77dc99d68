//! What the functions themselves say of the environment.

use authz_core::settings::{Settings, SettingsError};

use super::Subject;
use crate::environment::{self, Environment, MOST_BYTES};
use crate::report::Problem;
use crate::schema;

/// Reads the settings as the functions do. Even where that fails, settings are returned for the rules to come: what is
/// wrong is left out, and what is missing stood in for.
pub(super) fn read(subject: &Subject<'_>) -> (Option<Settings>, Vec<Problem>) {
    let mut texts = subject.environment.clone();
    let mut problems = files(subject, &mut texts);
    let read = Settings::read(&texts);
    let told = read.as_ref().err().into_iter().flat_map(|error| told(subject, error));
    problems.extend(told.collect::<Vec<_>>());
    let settings = read.ok().or_else(|| settled(texts));
    if let Some(Err(error)) = settings.as_ref().map(Settings::check_authorizer) {
        problems.extend(told_missing(subject, &error));
    }
    (settings, problems)
}

/// What the deployment must say.
pub(super) fn missing(subject: &Subject<'_>) -> Vec<Problem> {
    let said = [("deployment.project", "my-api"), ("deployment.region", "eu-west-1")];
    let missing = said.into_iter().filter(|(name, _)| {
        subject.layers.stage.is_some() && schema::key(name).is_some_and(|key| subject.layers.effective(key).is_none())
    });
    let problems = missing.map(|(name, example)| {
        let problem =
            Problem::error("missing", format!("`{name}` is missing")).help(format!("set it, as in \"{example}\""));
        subject.at(name, problem)
    });
    problems.collect()
}

/// Lambda's limit for all variables together.
pub(super) fn size(subject: &Subject<'_>) -> Vec<Problem> {
    let bytes = environment::bytes(&subject.environment);
    if bytes <= MOST_BYTES {
        return Vec::new();
    }
    let largest = subject.environment.iter().max_by_key(|(_, text)| text.len()).map_or("", |(name, _)| name.as_str());
    let problem =
        Problem::error("environment-size", format!("the variables have {bytes} bytes, and Lambda takes {MOST_BYTES}"))
            .help(format!(
                "`{largest}` is the largest; rules and services can be in a file of the package: `file:NAME`"
            ));
    vec![subject.at(largest, problem)]
}

fn files(subject: &Subject<'_>, texts: &mut Environment) -> Vec<Problem> {
    let mut problems = Vec::new();
    for variable in ["SERVICES_MAP", "MAPPING_RULES"] {
        let Some(name) = texts.get(variable).and_then(|text| text.strip_prefix("file:")) else { continue };
        let path = subject.layers.beside(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                texts.insert(variable.to_owned(), text);
            }
            Err(error) => {
                let message = format!("`{variable}` refers to {}, which can't be read: {error}", path.display());
                let problem =
                    Problem::error("file", message).help("put it there, and into the package of both functions");
                problems.push(subject.at(variable, problem));
                texts.remove(variable);
            }
        }
    }
    problems
}

fn told(subject: &Subject<'_>, error: &SettingsError) -> Vec<Problem> {
    let problems = error.problems.iter().filter_map(|problem| {
        let is_set = subject.environment.contains_key(problem.variable);
        // A null is told as what it is.
        let is_null =
            !is_set && schema::key(problem.variable).is_some_and(|key| subject.layers.effective(key).is_some());
        let code = if is_set { "invalid-value" } else { "missing" };
        let told = Problem::error(code, format!("`{}` {}", problem.variable, problem.message));
        (!is_null).then(|| subject.at(problem.variable, told))
    });
    problems.collect()
}

fn told_missing(subject: &Subject<'_>, error: &SettingsError) -> Vec<Problem> {
    let missing = |variable: &&str| schema::key(variable).is_some_and(|key| subject.layers.effective(key).is_none());
    if error.problems.iter().any(|problem| missing(&problem.variable)) { told(subject, error) } else { Vec::new() }
}

fn settled(mut texts: Environment) -> Option<Settings> {
    // Each round takes away what the last one told; what several variables do wrong together needs a few.
    for _ in 0..4 {
        let error = match Settings::read(&texts) {
            Ok(settings) => return Some(settings),
            Err(error) => error,
        };
        for problem in error.problems {
            if texts.remove(problem.variable).is_none() {
                texts.insert(problem.variable.to_owned(), "stand-in".to_owned());
            }
        }
    }
    None
}
