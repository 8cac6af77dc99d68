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
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        Self {
            code,
            message: without_value(message),
            help,
            field: None,
            line: Some(error.line()),
            column: Some(error.column()),
        }
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

/// Leaves out the value that is of a wrong type, which may be a credential: what it is and what is wanted is enough.
fn without_value(message: &str) -> String {
    let parts = message.strip_prefix("invalid ").and_then(|_| {
        let (found, expected) = message.rsplit_once(", expected ")?;
        let (kind, _) = found.split_once(['"', '`'])?;
        Some(format!("{}, expected {expected}", kind.trim_end()))
    });
    parts.unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_wrong_type_is_not_repeated() {
        for (message, told) in [
            (r#"invalid type: string "CANARY, \"x\"", expected a map"#, "invalid type: string, expected a map"),
            ("invalid type: integer `31337`, expected a string", "invalid type: integer, expected a string"),
            ("invalid type: map, expected a `string`", "invalid type: map, expected a `string`"),
            ("unknown field `timelines`, expected `timeline`", "unknown field `timelines`, expected `timeline`"),
        ] {
            assert_eq!(without_value(message), told);
        }
    }
}
