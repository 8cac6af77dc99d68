//! What is wrong with a scenario, and where.

use authz_core::settings::SettingsError;
use serde::Serialize;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// What kind it is: `not_json`, `not_a_scenario`, `setting`, `api`, `moment`.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: &'static str,
    /// Which member, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// Where, if it is known; the first line and column are 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Where in the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
}

impl Problem {
    /// The text is no scenario.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        let (code, help) = if error.is_data() {
            ("not_a_scenario", "the documentation of the simulator lists the members of a scenario")
        } else {
            ("not_json", "mend the JSON there")
        };
        let message = error.to_string();
        // The place has members of its own.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
        Self { code, message, help, field: None, line: Some(error.line()), column: Some(error.column()) }
    }

    /// Some variables are wrong.
    pub(crate) fn of_settings(error: &SettingsError, source: &str) -> Vec<Self> {
        let problem = |problem: &authz_core::settings::Problem| Self {
            message: format!("{} {}", problem.variable, problem.message),
            ..Self::at("setting", String::new(), "the table of settings says what it may be", problem.variable, source)
        };
        error.problems.iter().map(problem).collect()
    }

    /// Something about a member whose name stands in the source.
    pub(crate) fn at(code: &'static str, message: String, help: &'static str, field: &str, source: &str) -> Self {
        let place = source.find(&format!("\"{field}\""));
        let before = place.and_then(|place| source.get(..place));
        let line = before.map(|before| before.matches('\n').count() + 1);
        let column = before.map(|before| before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1);
        Self { code, message, help, field: Some(field.to_owned()), line, column }
    }
}
