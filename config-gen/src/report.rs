//! What is wrong, where, and what would be right.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::rc::Rc;

use serde_json::json;

use crate::mask;
use crate::source::Source;

/// One thing that is wrong, or at least to be thought about.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    /// The rule, for people to look up and for programs to tell apart.
    pub(crate) code: &'static str,
    /// What is wrong. It never repeats what may be a secret.
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    /// What would be right.
    pub(crate) help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// A part of a source.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    source: Rc<Source>,
    span: Range<usize>,
}

/// In which form problems are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl Problem {
    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), place: None, help: None }
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    pub(crate) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns line and column.
    pub(crate) fn position(&self) -> Option<(usize, usize)> {
        self.place.as_ref().map(|place| place.source.position(place.span.start))
    }

    /// Tells it in one form or the other, with a newline at its end.
    pub(crate) fn told(&self, format: MessageFormat) -> String {
        match format {
            MessageFormat::Human => format!("{self}\n"),
            MessageFormat::Json => format!("{}\n", self.json()),
        }
    }

    fn json(&self) -> serde_json::Value {
        let (line, column) = self.position().unzip();
        json!({
            "severity": self.severity.name(),
            "code": self.code,
            "message": self.message,
            "file": self.place.as_ref().map(|place| place.source.name.as_str()),
            "line": line,
            "column": column,
            "help": self.help,
        })
    }
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Place {
    pub(crate) fn new(source: &Rc<Source>, span: Range<usize>) -> Self {
        Self { source: source.clone(), span }
    }

    /// Whether it is of this source.
    pub(crate) fn is_in(&self, source: &Rc<Source>) -> bool {
        Rc::ptr_eq(&self.source, source)
    }

    /// Orders places of one source.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.span.start.cmp(&other.span.start)
    }

    /// Cuts the first line of the place into what is before, in and after it, secrets masked.
    fn line(&self) -> [String; 3] {
        let text = &self.source.text;
        let start = text.get(..self.span.start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let rest = text.get(self.span.start..).unwrap_or_default();
        let end = self.span.start + rest.find('\n').unwrap_or(rest.len());
        let span_end = self.span.end.clamp(self.span.start, end);
        let part = |range| mask::source(&self.source, range).replace(['\t', '\r'], " ");
        [part(start..self.span.start), part(self.span.start..span_end), part(span_end..end)]
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.is_in(&other.source) && self.span == other.span
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.position(self.span.start);
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity.name(), self.code, self.message)?;
        let help = self.help.as_deref().unwrap_or_default();
        let (Some(place), Some((line, _))) = (&self.place, self.position()) else {
            return if help.is_empty() { Ok(()) } else { write!(f, "\n  = {help}") };
        };
        let [before, within, after] = place.line();
        let line = line.to_string();
        let margin = " ".repeat(line.len());
        let mut marked = " ".repeat(before.chars().count());
        write!(marked, "{} {help}", "^".repeat(within.chars().count().max(1)))?;
        write!(f, "\n{margin} --> {place}\n{margin}  |\n {line} | {before}{within}{after}")?;
        write!(f, "\n{margin}  | {}", marked.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Problem {
        let text = "{\n\t\"settings\": { \"THREESCALE_SERVICE_TOKEN\": \"CANARY\", \"FAIL_MODE\": 7 } }".to_owned();
        let (source, _) = Source::parse("stages/dev.json".to_owned(), text);
        let span = source.spot("/settings/FAIL_MODE").unwrap().value.clone();
        Problem::error("wrong-type", "`FAIL_MODE` must be a text").at(Place::new(&source, span)).help("write \"open\"")
    }

    #[test]
    fn a_problem_shows_its_line_without_the_secrets_of_its_neighbours() {
        let line = r#" "settings": { "THREESCALE_SERVICE_TOKEN": "••••••••", "FAIL_MODE": 7 } }"#;
        let told = format!(
            "error[wrong-type]: `FAIL_MODE` must be a text\n  --> stages/dev.json:2:67\n   |\n 2 | {line}\n   | {}^ write \"open\"\n",
            " ".repeat(68),
        );
        assert_eq!(problem().told(MessageFormat::Human), told);
    }

    #[test]
    fn a_program_gets_one_object_a_line() {
        let told = problem().told(MessageFormat::Json);
        let value: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&value["code"], &value["line"], told.lines().count()), (&"wrong-type".into(), &2.into(), 1));
        assert!(!told.contains("CANARY"));
    }
}
