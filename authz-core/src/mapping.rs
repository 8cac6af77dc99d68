//! Mapping rules: what a call uses of which metric, by its method, path and query.
//!
//! They are those of a 3scale product, and read as 3scale's own gateway reads them. A pattern is a path, then `$` if the
//! path must end there, then a query if it asks for parameters:
//!
//! | pattern | matches |
//! |---|---|
//! | `/users` | every path that begins so: `/users`, `/users/7`, and `/usersettings` too |
//! | `/users$` | `/users` alone |
//! | `/users/{id}.json` | `{id}` stands for at least one character, and never for a `/` |
//! | `/{year}{month}` | variables side by side stand for one character each, at least |
//! | `/search?q={text}&page=2` | `q` must be there; the last `page` must be `2` |
//!
//! A rule with the method `ANY` matches every method; 3scale's admin portal has no such rule, but its gateway and API
//! Gateway know the word. Parameters of a form in the body are not seen: an authorizer of API Gateway gets no body.
//!
//! These are read otherwise than by 3scale's gateway, which makes a regular expression of the pattern:
//!
//! | | here | there |
//! |---|---|---|
//! | `+`, `*`, `(`, `)`, `[`, `]` and `\|` | stand for themselves | are expressions, unless the export wrote a `\` before |
//! | `%2F` in a path | belongs to its segment | is a `/` |
//! | the query of a pattern | is decoded, as that of a call is | is compared as it is written |
//!
//! A `\` that 3scale's export puts before such a character is understood and dropped.

mod explain;
mod path;
mod pattern;
mod rule;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::threescale::Usage;
pub use explain::{Explanation, Line, Miss, Outcome, Wanted};
pub use path::CanonicalPath;
pub use pattern::{Pattern, PatternError};
pub use rule::{HttpMethod, Rule};

/// What a call asks of the API, as far as mapping rules look at it.
///
/// A query can hold the credential, so [`fmt::Debug`] shows no values of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method, in capitals.
    pub method: String,
    /// The path.
    pub path: CanonicalPath,
    /// Names and values of the query, decoded, in their order; `None` if the event does not tell, as that of a TOKEN
    /// authorizer does not: then no rule that asks for a parameter matches.
    pub query: Option<Vec<(String, String)>>,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.query.as_ref().map(|query| query.iter().map(|(name, _)| name).collect::<Vec<_>>());
        f.debug_struct("Operation")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &names)
            .finish()
    }
}

/// The rules of a product, at least one, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRules(Vec<Rule>);

impl MappingRules {
    /// Reads a JSON list of rules, and says everything that is wrong with them at once.
    ///
    /// The members are those of [`Rule`]; what else 3scale's export has is ignored. That goes for `position` too: the
    /// export is in order, and its positions begin anew with each backend. To have no rules, set none: with an empty
    /// list no call at all would match.
    pub fn parse(json: &str) -> Result<Self, MappingRulesError> {
        let list: Vec<Value> = serde_json::from_str(json)
            .map_err(|error| MappingRulesError::NotAList { line: error.line(), column: error.column() })?;
        if list.is_empty() {
            return Err(MappingRulesError::Empty);
        }
        let (mut rules, mut problems) = (Vec::with_capacity(list.len()), Vec::new());
        for (index, value) in list.iter().enumerate() {
            match Rule::deserialize(value) {
                Ok(rule) => rules.push(rule),
                Err(error) => problems.push(RuleProblem { number: index + 1, message: error.to_string() }),
            }
        }
        if problems.is_empty() { Ok(Self(rules)) } else { Err(MappingRulesError::Rules(problems)) }
    }

    /// Returns the sum of the rules that match, up to the first that is the last; `None` if they add nothing.
    pub fn usage(&self, operation: &Operation) -> Option<Usage> {
        let mut amounts = BTreeMap::new();
        for (_rule, outcome) in self.outcomes(operation) {
            if let Outcome::Matched { metric, delta, .. } = outcome {
                let amount: &mut u64 = amounts.entry(metric).or_default();
                *amount = amount.saturating_add(delta);
            }
        }
        amounts.retain(|_metric, amount| *amount > 0);
        Usage::new(amounts.into_iter().map(|(metric, amount)| (metric.to_owned(), amount))).ok()
    }

    /// Says of each rule what became of it.
    pub fn explain<'a>(&'a self, operation: &'a Operation) -> Explanation<'a> {
        let lines = self.outcomes(operation).map(|(rule, outcome)| Line { rule, outcome }).collect();
        Explanation { operation, lines }
    }

    /// Whether any rule asks for a parameter of the query.
    pub fn looks_at_query(&self) -> bool {
        self.0.iter().any(|rule| rule.pattern.looks_at_query())
    }

    fn outcomes<'a>(&'a self, operation: &'a Operation) -> impl Iterator<Item = (&'a Rule, Outcome<'a>)> {
        let mut stopped = false;
        self.0.iter().map(move |rule| {
            let outcome = if stopped { Outcome::NotReached } else { rule.outcome(operation) };
            stopped |= matches!(outcome, Outcome::Matched { stops: true, .. });
            (rule, outcome)
        })
    }
}

/// Why a text is no list of mapping rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MappingRulesError {
    /// It is no JSON list.
    #[error("a JSON list of mapping rules is wanted, and this is none from line {line} column {column} on")]
    NotAList {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// There is no rule.
    #[error("the list of mapping rules is empty, so no call would match: give a rule, or no list")]
    Empty,
    /// Some rules are none.
    #[error("{}", sentence(.0))]
    Rules(Vec<RuleProblem>),
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// Its place in the list; the first is 1.
    pub number: usize,
    /// The member, what is wrong, and what would be right.
    pub message: String,
}

fn sentence(problems: &[RuleProblem]) -> String {
    let problems: Vec<_> =
        problems.iter().map(|RuleProblem { number, message }| format!("mapping rule {number}: {message}")).collect();
    problems.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(rules: &str, path: &str) -> Vec<(String, u64)> {
        let operation = Operation { method: "GET".to_owned(), path: CanonicalPath::of(path), query: None };
        let usage = MappingRules::parse(rules).unwrap().usage(&operation);
        usage
            .map(|usage| usage.iter().map(|(metric, amount)| (metric.to_owned(), amount)).collect())
            .unwrap_or_default()
    }

    #[test]
    fn rules_that_match_add_up_to_the_last() {
        let rules = r#"[
            {"http_method": "GET", "pattern": "/", "metric": "hits"},
            {"http_method": "GET", "pattern": "/i_dont_match", "metric": "hits", "delta": 100, "last": true},
            {"http_method": "GET", "pattern": "/abc", "metric": "hits", "delta": 2},
            {"http_method": "GET", "pattern": "/abc/d", "metric": "writes.42", "delta": 7, "last": true},
            {"http_method": "GET", "pattern": "/abc/def", "metric": "hits", "delta": 10}
        ]"#;
        assert_eq!(usage(rules, "/abc/def"), [("hits".to_owned(), 3), ("writes.42".to_owned(), 7)]);
        assert_eq!(usage(rules, "/x"), [("hits".to_owned(), 1)]);
    }

    #[test]
    fn rules_that_add_nothing_are_no_usage() {
        let rules = r#"[
            {"http_method": "GET", "pattern": "/free", "metric": "hits", "delta": 0, "last": true},
            {"http_method": "GET", "pattern": "/f", "metric": "hits", "delta": 18446744073709551615},
            {"http_method": "GET", "pattern": "/f", "metric": "hits"}
        ]"#;
        assert_eq!(usage(rules, "/free"), []);
        assert_eq!(usage(rules, "/f"), [("hits".to_owned(), u64::MAX)]);
        assert_eq!(usage(rules, "/"), []);
    }

    /// As in the configuration of a product with a backend: the backend's rules come after the product's.
    #[test]
    fn the_export_of_3scale_is_read_in_its_order() {
        let rules = r#"[
            {"id": 1, "proxy_id": 2, "http_method": "GET", "pattern": "/v1/{word}\\.json$?q={q}", "metric_id": 3,
             "metric_system_name": "hits", "delta": 1, "tenant_id": 4, "redirect_url": null, "position": 2,
             "last": false, "owner_id": 5, "owner_type": "Proxy", "parameters": ["word"],
             "querystring_parameters": {"q": "{q}"}, "created_at": "2026-07-01T00:00:00Z"},
            {"http_method": "POST", "pattern": "/backend//v2", "metric_system_name": "hits.42", "delta": 2,
             "position": 1, "last": true, "owner_id": 6, "owner_type": "BackendApi"}
        ]"#;
        let rules = MappingRules::parse(rules).unwrap();
        let patterns: Vec<_> = rules.0.iter().map(ToString::to_string).collect();
        assert_eq!(patterns, [r"GET /v1/{word}\.json$?q={q}", "POST /backend//v2"]);
        let second = rules.0.get(1).unwrap();
        assert_eq!((second.metric.as_str(), second.delta, second.last), ("hits.42", 2, true));
        assert!(rules.looks_at_query());
    }

    #[test]
    fn all_bad_rules_are_told_at_once() {
        let error = MappingRules::parse(
            r#"[
            {"http_method": "GET", "pattern": "/", "metric": "hits"},
            {"http_method": "get", "pattern": "/", "metric": "hits"},
            {"http_method": "GET", "pattern": "users", "metric": "hits"},
            {"http_method": "GET", "pattern": ["/"], "metric": "hits"},
            {"http_method": "GET", "pattern": "/", "metric": "a b"},
            {"http_method": "GET", "pattern": "/", "metric": 7},
            {"http_method": "GET", "pattern": "/", "metric": "hits", "delta": -1},
            {"http_method": "GET", "pattern": "/", "metric": "hits", "delta": null},
            {"http_method": "GET", "pattern": "/", "metric": "hits", "last": "yes"},
            {"http_method": "GET", "pattern": "/"},
            {"http_method": "GET", "pattern": "/", "metric": "hits", "metric_system_name": "hits"},
            "GET /"
        ]"#,
        )
        .unwrap_err();
        let MappingRulesError::Rules(problems) = error.clone() else { panic!("{error}") };
        let problems: Vec<_> = problems.iter().map(|problem| (problem.number, problem.message.as_str())).collect();
        let delta = "`delta` must be a whole number such as 1, not negative";
        assert_eq!(
            problems,
            [
                (
                    2,
                    "`http_method` must be one of `GET`, `POST`, `DELETE`, `PUT`, `PATCH`, `HEAD`, `OPTIONS` and `ANY`"
                ),
                (3, "`pattern` must begin with `/`"),
                (4, "`pattern` must be a text such as `/users/{id}$`"),
                (5, "`metric`: `a b` is no metric name: letters, digits, `_`, `-`, `/` and `.`, not more than 255"),
                (6, "`metric` must be the system name of a metric or method, such as `hits`"),
                (7, delta),
                (8, delta),
                (9, "`last` must be true or false"),
                (10, "missing field `metric`"),
                (11, "duplicate field `metric`"),
                (12, "invalid type: string \"GET /\", expected an object with `http_method`, `pattern` and `metric`"),
            ]
        );
        let text = error.to_string();
        assert!(
            text.starts_with("mapping rule 2: `http_method` must") && text.contains("; mapping rule 3: "),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_list_of_rules_is_said_to_be_none() {
        assert_eq!(MappingRules::parse("[]"), Err(MappingRulesError::Empty));
        for (text, line, column) in [("", 1, 0), ("{\"proxy_rules\": []}", 1, 0), ("[\n {]", 2, 3)] {
            assert_eq!(MappingRules::parse(text), Err(MappingRulesError::NotAList { line, column }), "{text}");
        }
        assert!(matches!(MappingRules::parse(&"[".repeat(100_000)), Err(MappingRulesError::NotAList { .. })));
    }
}
