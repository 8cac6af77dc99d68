//! What became of each rule, in words.

use std::fmt;

use super::{HttpMethod, Operation, Rule};

/// What became of each rule at a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The call.
    pub operation: &'a Operation,
    /// One for each rule, in their order.
    pub lines: Vec<Line<'a>>,
}

/// What became of one rule. Its text is one line, and shows no values of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What became of it.
    pub outcome: Outcome<'a>,
}

/// What can become of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It matched.
    Matched {
        /// The metric it adds to.
        metric: &'a str,
        /// How much it adds, which can be nothing.
        delta: u64,
        /// Whether the rules after it are not tried.
        stops: bool,
    },
    /// A rule before it was the last.
    NotReached,
    /// It did not match.
    Missed(Miss<'a>),
}

/// The first thing in which a call differs from a rule; path, query and method are looked at in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss<'a> {
    /// The path is another.
    Path {
        /// Up to which byte of the canonical path the pattern fits.
        at: usize,
        /// The path from there on.
        rest: &'a str,
        /// What the pattern asks for there.
        wanted: Wanted<'a>,
    },
    /// The query has no parameter of this name.
    ParameterMissing(&'a str),
    /// The last parameter of this name has another value.
    ParameterDiffers(&'a str),
    /// The event does not tell the query.
    QueryUnknown,
    /// The method is another, and everything else fits.
    Method {
        /// What the rule asks for.
        wanted: HttpMethod,
        /// What the call has.
        got: &'a str,
    },
}

/// What a pattern asks for at a place of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// This text, in canonical form.
    Text(&'a str),
    /// Something for the variable of this name to stand for.
    Variable(&'a str),
    /// This text, in canonical form, somewhere later in the segment.
    Later(&'a str),
    /// The end of the path.
    End,
}

impl Explanation<'_> {
    /// Returns the rule that was nearest to a match, if none matched.
    ///
    /// A rule that differs in the method alone is nearer than one that differs in the query, and this one is nearer than
    /// one that differs in the path; there, the one that fits farthest. Among equals it is one for the call's method, and
    /// of these the first.
    pub fn nearest(&self) -> Option<&Line<'_>> {
        // The last of equals is the greatest, so the first is looked at last.
        let nearest = self.lines.iter().rev().max_by_key(|line| self.nearness(line))?;
        (!matches!(nearest.outcome, Outcome::Matched { .. })).then_some(nearest)
    }

    fn nearness(&self, line: &Line<'_>) -> (u8, usize, bool) {
        let (stage, reach) = match &line.outcome {
            Outcome::NotReached => (0, 0),
            Outcome::Missed(Miss::Path { at, .. }) => (1, *at),
            Outcome::Missed(Miss::ParameterMissing(_) | Miss::ParameterDiffers(_) | Miss::QueryUnknown) => (2, 0),
            Outcome::Missed(Miss::Method { .. }) => (3, 0),
            Outcome::Matched { .. } => (4, 0),
        };
        (stage, reach, line.rule.http_method.includes(&self.operation.method))
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.rule)?;
        match &self.outcome {
            Outcome::Matched { metric, delta, stops: false } => write!(f, "adds {delta} to `{metric}`"),
            Outcome::Matched { metric, delta, stops: true } => write!(f, "adds {delta} to `{metric}` and is the last"),
            Outcome::NotReached => f.write_str("is not reached: a rule before it is the last"),
            Outcome::Missed(miss) => write!(f, "{miss}"),
        }
    }
}

impl fmt::Display for Miss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { rest: "", wanted, .. } => write!(f, "goes on where the path ends: {wanted}"),
            Self::Path { rest, wanted, .. } => write!(f, "stops at `{rest}`: {wanted}"),
            Self::ParameterMissing(name) => write!(f, "misses the parameter `{}` in the query", name.escape_debug()),
            Self::ParameterDiffers(name) => {
                write!(f, "asks for another value of the parameter `{}`", name.escape_debug())
            }
            Self::QueryUnknown => f.write_str("asks for parameters, and the event of a TOKEN authorizer has no query"),
            Self::Method { wanted, got } => {
                let (wanted, got) = (wanted.as_str(), got.escape_debug());
                write!(f, "matches but for the method: it asks for {wanted}, the call is `{got}`")
            }
        }
    }
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}` is wanted there"),
            Self::Variable(name) => write!(f, "`{{{name}}}` needs at least one character there"),
            Self::Later(text) => write!(f, "`{text}` is wanted later in this segment"),
            Self::End => f.write_str("the pattern ends there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{CanonicalPath, MappingRules};

    fn rules(written: &[(&str, &str, u64, bool)]) -> MappingRules {
        let rules = written.iter().map(|(method, pattern, delta, last)| {
            serde_json::json!({"http_method": method, "pattern": pattern, "metric": "m", "delta": delta, "last": last})
        });
        MappingRules::parse(&rules.collect::<serde_json::Value>().to_string()).unwrap()
    }

    fn call(path: &str, query: Option<&[(&str, &str)]>) -> Operation {
        let query = query.map(|query| query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        Operation { method: "GET".to_owned(), path: CanonicalPath::of(path), query }
    }

    fn missed(pattern: &str, path: &str) -> String {
        rules(&[("GET", pattern, 1, false)]).explain(&call(path, Some(&[("p", "CANARY")]))).lines[0].to_string()
    }

    fn nearest(written: &[(&str, &str)], path: &str) -> Option<String> {
        let written: Vec<_> = written.iter().map(|(method, pattern)| (*method, *pattern, 1, false)).collect();
        let (rules, operation) = (rules(&written), call(path, Some(&[])));
        rules.explain(&operation).nearest().map(|line| line.rule.to_string())
    }

    #[test]
    fn what_a_match_adds_is_said() {
        let rules = rules(&[("GET", "/a", 2, false), ("ANY", "/{x}$", 0, true), ("GET", "/", 1, false)]);
        let operation = call("/a", None);
        let lines: Vec<_> = rules.explain(&operation).lines.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "GET /a adds 2 to `m`",
                "ANY /{x}$ adds 0 to `m` and is the last",
                "GET / is not reached: a rule before it is the last",
            ]
        );
    }

    #[test]
    fn where_a_path_parts_from_a_pattern_is_said() {
        for (pattern, path, said) in [
            ("/a/{id}$", "/a/7/extra", "stops at `/extra`: the pattern ends there"),
            ("/users/list", "/users/lost", "stops at `ost`: `ist` is wanted there"),
            ("/users/list", "/us", "goes on where the path ends: `ers/list` is wanted there"),
            ("/a/{id}", "/a/", "goes on where the path ends: `{id}` needs at least one character there"),
            ("/a{id}/b", "/a/b", "stops at `/b`: `{id}` needs at least one character there"),
            ("/a/{id}/b", "/a/7/c", "stops at `c`: `b` is wanted there"),
            ("/a/{id}/b", "/a/7", "goes on where the path ends: `/b` is wanted there"),
            ("/a/{id}.json", "/a/7.xml", "stops at `7.xml`: `.json` is wanted later in this segment"),
            ("/a/{id}.json$", "/a/7.jsonp", "stops at `p`: the pattern ends there"),
            ("/caf\u{e9}", "/caf\u{ea}", "stops at `%AA`: `%A9` is wanted there"),
            ("/caf\u{e9}", "/caf\u{259}", "stops at `%C9%99`: `%C3%A9` is wanted there"),
        ] {
            assert_eq!(missed(pattern, path), format!("GET {pattern} {said}"));
        }
        let (rules, operation) = (rules(&[("GET", "/a/{id}$", 1, false)]), call("//a/7/extra", None));
        let missed = Outcome::Missed(Miss::Path { at: 4, rest: "/extra", wanted: Wanted::End });
        assert_eq!(rules.explain(&operation).lines[0].outcome, missed);
    }

    #[test]
    fn parameters_are_named_and_their_values_kept() {
        assert_eq!(missed("/a?q=1", "/a"), "GET /a?q=1 misses the parameter `q` in the query");
        assert_eq!(missed("/a?p=1", "/a"), "GET /a?p=1 asks for another value of the parameter `p`");
        let operation = call("/a", Some(&[("p", "CANARY")]));
        let rules = rules(&[("GET", "/a?q=1", 1, false), ("POST", "/a", 1, false)]);
        let shown = format!("{:?}", rules.explain(&operation));
        assert!(shown.contains(r#"query: Some(["p"])"#) && !shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn a_line_is_one_line_whatever_is_named_in_it() {
        assert_eq!(missed("/a?q%0Ab=1", "/a"), r"GET /a?q%0Ab=1 misses the parameter `q\nb` in the query");
        let (rules, operation) = (rules(&[("POST", "/a", 1, false)]), call("/a", None));
        let operation = Operation { method: "GET\n".to_owned(), ..operation };
        let told = rules.explain(&operation).lines[0].to_string();
        assert_eq!(told, r"POST /a matches but for the method: it asks for POST, the call is `GET\n`");
    }

    #[test]
    fn an_event_without_a_query_meets_no_rule_that_asks_for_parameters() {
        let rules = rules(&[("GET", "/a?q=1", 1, false), ("POST", "/a", 1, false)]);
        let operation = call("/a", None);
        let explanation = rules.explain(&operation);
        let unknown = "GET /a?q=1 asks for parameters, and the event of a TOKEN authorizer has no query";
        let method = "POST /a matches but for the method: it asks for POST, the call is `GET`";
        assert_eq!([explanation.lines[0].to_string(), explanation.lines[1].to_string()], [unknown, method]);
        assert_eq!(explanation.nearest(), Some(&explanation.lines[1]));
    }

    #[test]
    fn the_nearest_rule_is_the_one_that_fits_farthest() {
        let missing = Some("POST /a/b".to_owned());
        assert_eq!(nearest(&[("GET", "/a/b?q=1"), ("POST", "/a/b"), ("GET", "/a/c")], "/a/b"), missing);
        let missing = Some("GET /a/b?q=1".to_owned());
        assert_eq!(nearest(&[("GET", "/a/c"), ("GET", "/a/b?q=1"), ("GET", "/a/b?r=1")], "/a/b"), missing);
        let missing = Some("GET /a/bc".to_owned());
        assert_eq!(nearest(&[("GET", "/a/c"), ("POST", "/a/bc"), ("GET", "/a/bc")], "/a/b"), missing);
        assert_eq!(nearest(&[("GET", "/a/c"), ("GET", "/a"), ("GET", "/a/d")], "/a/b"), None);
    }
}
