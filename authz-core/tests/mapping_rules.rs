//! Mapping rules mean what they mean to 3scale's gateway, and every call is explained as it is metered.
#![expect(clippy::unwrap_used, reason = "a rule that can not be read fails its test")]

#[path = "mapping_rules/cases.rs"]
mod cases;
#[path = "mapping_rules/oracle.rs"]
mod oracle;

use std::collections::BTreeMap;

use authz_core::mapping::{CanonicalPath, Explanation, MappingRules, Operation, Outcome, Pattern};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn rule(method_and_pattern: &str) -> Value {
    let (method, pattern) = method_and_pattern.split_once(' ').unwrap();
    json!({"http_method": method, "pattern": pattern, "metric": "hits"})
}

fn read(rules: &[Value]) -> MappingRules {
    MappingRules::parse(&Value::from(rules).to_string()).unwrap()
}

fn call(method_and_path: &str) -> Operation {
    let (method, path) = method_and_path.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Operation { method: method.to_owned(), path: CanonicalPath::of(path), query: Some(query) }
}

fn usage(rules: &MappingRules, operation: &Operation) -> BTreeMap<String, u64> {
    rules.usage(operation).map(BTreeMap::from).unwrap_or_default()
}

fn matches(pattern: &str, path: &str) -> bool {
    read(&[rule(&format!("GET {pattern}"))]).usage(&call(&format!("GET {path}"))).is_some()
}

#[test]
fn every_case_of_the_gateway_and_the_portal_comes_out_as_there() {
    for (written, called, matched) in cases::MATCHES {
        let used = read(&[rule(written)]).usage(&call(called));
        assert_eq!(used.is_some(), *matched, "{written} against {called}");
    }
}

#[test]
fn what_the_portal_accepts_is_a_pattern() {
    for pattern in cases::ACCEPTED {
        assert_eq!(Pattern::parse(pattern).unwrap().to_string(), *pattern);
    }
    assert!(Pattern::parse(&format!("/{}", "x".repeat(510))).is_ok());
    assert!(Pattern::parse(&format!("/{}", r"\.".repeat(510))).is_ok(), "the gateway's `\\` are no characters");
}

#[test]
fn what_is_no_pattern_is_said_to_be_none() {
    for (pattern, complaint) in cases::REFUSED {
        assert_eq!(Pattern::parse(pattern).unwrap_err().to_string(), *complaint, "{pattern}");
    }
    let long = Pattern::parse(&format!("/{}", "x".repeat(511))).unwrap_err();
    assert_eq!(long.to_string(), "has more than 511 characters");
}

/// A matcher that takes back what a variable stood for would try more ways than there is time for.
#[test]
fn a_hostile_path_is_compared_once() {
    let variables: Vec<_> = (0..99).map(|n| format!("{{{n}}}a")).collect();
    let variables = variables.concat();
    let path = format!("/{}", "a".repeat(1600));
    assert!(!matches(&format!("/{variables}b$"), &path));
    assert!(!matches(&format!("/{variables}b"), &path));
    assert!(!matches(&format!("/{variables}/"), &path));
    assert!(matches(&format!("/{variables}$"), &path));
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    let rule = (
        select(vec!["GET", "POST", "ANY"]),
        (oracle::pieces(), any::<bool>()),
        select(vec!["", "?p=1", "?p={x}", "?p=1&q={x}"]),
        select(vec!["hits", "write", "hits.42"]),
        select(vec![0, 1, 5, u64::MAX]),
        prop::bool::weighted(0.2),
    );
    let rule = rule.prop_map(|(method, (pieces, ends), query, metric, delta, last)| {
        let pattern = oracle::text(&pieces, ends) + query;
        json!({"http_method": method, "pattern": pattern, "metric": metric, "delta": delta, "last": last})
    });
    vec(rule, 1..6)
}

fn operation() -> impl Strategy<Value = Operation> {
    let pair = (select(vec!["p", "q"]), select(vec!["1", "2"])).prop_map(|(n, v)| (n.to_owned(), v.to_owned()));
    (select(vec!["GET", "POST"]), oracle::path(), option::weighted(0.8, vec(pair, 0..4))).prop_map(
        |(method, path, query)| Operation { method: method.to_owned(), path: CanonicalPath::of(&path.concat()), query },
    )
}

/// Sums what an explanation says was added, and checks that it stops where it says so.
fn explained(explanation: &Explanation<'_>) -> BTreeMap<String, u64> {
    let mut sum: BTreeMap<String, u64> = BTreeMap::new();
    let mut stopped = false;
    for line in &explanation.lines {
        assert_eq!(line.outcome == Outcome::NotReached, stopped, "{line}");
        if let Outcome::Matched { metric, delta, stops } = line.outcome {
            let amount = sum.entry(metric.to_owned()).or_default();
            *amount = amount.saturating_add(delta);
            stopped = stops;
        }
    }
    sum.retain(|_, amount| *amount > 0);
    sum
}

/// Writes a path with each byte plain or encoded, as the flags say.
fn written(path: &str, flags: &[u8]) -> String {
    let flags = flags.iter().cycle();
    path.bytes()
        .zip(flags)
        .map(|(byte, flag)| match flag {
            _ if byte == b'/' => "/".to_owned(),
            0 => format!("%{byte:02x}"),
            1 => format!("%{byte:02X}"),
            _ if byte.is_ascii() && byte != b'%' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_pattern_matches_what_a_matcher_finds_that_tries_everything(
        pieces in oracle::pieces(), ends: bool, path in oracle::path(),
    ) {
        let found = matches(&oracle::text(&pieces, ends), &path.concat());
        prop_assert_eq!(found, oracle::matches(&pieces, ends, &path));
    }

    #[test]
    fn what_is_explained_is_what_is_used(rules in rules(), operation in operation()) {
        let rules = read(&rules);
        let explanation = rules.explain(&operation);
        prop_assert_eq!(explained(&explanation), usage(&rules, &operation));
        let matched = explanation.lines.iter().any(|line| matches!(line.outcome, Outcome::Matched { .. }));
        prop_assert_eq!(explanation.nearest().is_none(), matched);
    }

    #[test]
    fn only_a_rule_that_asks_for_parameters_looks_at_the_query(rules in rules(), operation in operation()) {
        let rules = read(&rules);
        let blind = Operation { query: None, ..operation.clone() };
        prop_assert!(rules.looks_at_query() || usage(&rules, &operation) == usage(&rules, &blind));
    }

    #[test]
    fn metacharacters_mean_themselves(pattern in "[ab.+*()|\\[\\]^]{1,4}", path in "[ab.+*()|\\[\\]^]{1,4}") {
        prop_assume!(!matches!(pattern.as_str(), "." | "..") && !matches!(path.as_str(), "." | ".."));
        let (itself, other) = (format!("/{pattern}"), format!("/{path}"));
        let pattern = format!("{itself}$");
        prop_assert_eq!((matches(&pattern, &itself), matches(&pattern, &other)), (true, itself == other));
    }

    #[test]
    fn a_path_with_some_segments_replaced_is_a_pattern_that_matches_it(path in "(/[ -~]{1,8}){1,5}", replaced: u8) {
        let canonical = CanonicalPath::of(&path);
        let segments = canonical.as_str().split('/').enumerate().map(|(index, segment)| {
            let replace = !segment.is_empty() && replaced >> (index % 8) & 1 == 1;
            if replace { format!("{{v{index}}}") } else { segment.replace('$', "%24") }
        });
        let pattern = segments.collect::<Vec<_>>().join("/") + "$";
        prop_assert!(matches(&pattern, &path.replace('?', "%3F")), "{pattern} against {path}");
    }

    #[test]
    fn a_path_is_the_same_however_it_is_encoded(path in "(/\\PC{0,6}){1,4}", flags in vec(0..3u8, 1..20)) {
        let (plain, other) = (written(&path, &[1]), written(&path, &flags));
        prop_assert_eq!(CanonicalPath::of(&plain), CanonicalPath::of(&other));
        let pattern = CanonicalPath::of(&plain).as_str().replace('$', "%24") + "$";
        prop_assert!(matches(&pattern, &other.replace('?', "%3F")), "{pattern} against {other}");
    }

    #[test]
    fn any_path_has_one_form(path: String) {
        let canonical = CanonicalPath::of(&path);
        let text = canonical.as_str();
        prop_assert!(text.starts_with('/') && !text.contains("//") && text.bytes().all(|b| b.is_ascii_graphic()));
        prop_assert!(!text.split('/').any(|segment| matches!(segment, "." | "..")));
        prop_assert_eq!(CanonicalPath::of(text), canonical);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text: String, pattern in "/[a{}$?=&%./\\\\]{0,12}", method: String, path: String) {
        prop_assert!(MappingRules::parse(&text).is_err());
        let rule = json!([{"http_method": "ANY", "pattern": pattern, "metric": "hits"}]);
        if let Ok(rules) = MappingRules::parse(&rule.to_string()) {
            let operation = Operation { method, path: CanonicalPath::of(&path), query: Some(vec![(text, pattern)]) };
            let explanation = rules.explain(&operation);
            prop_assert!(!explanation.lines[0].to_string().is_empty());
        }
    }
}
