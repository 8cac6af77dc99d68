//! Mapping rules, and the calls that meet them.

use std::collections::BTreeMap;

use authz_core::mapping::{CanonicalPath, Explanation, MappingRules, Operation, Outcome};
use authz_core::threescale::Usage;
use serde_json::{Value, json};

use crate::{CANARY, keeps_secrets};

/// Measures a call: a line `METHOD /path?name=value`, then the rules as JSON.
///
/// What is charged is what the explanation adds up to; a rule after the last is not tried; a path is written in one way;
/// an explanation is one line for each rule and shows no value of the query.
pub fn check(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let (call, json) = text.split_once('\n').unwrap_or((&text, ""));
    let operation = parsed(call);
    is_canonical(&operation.path);
    match MappingRules::parse(&json.replace(CANARY, "plain-")) {
        Ok(rules) => {
            is_measured(&rules, &operation);
            is_read_again(&rules, &operation);
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

fn parsed(call: &str) -> Operation {
    let (method, target) = call.split_once(' ').unwrap_or((call, ""));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let query = query.map(|query| {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    });
    Operation { method: method.to_owned(), path: CanonicalPath::of(path), query }
}

fn is_canonical(path: &CanonicalPath) {
    let text = path.as_str();
    assert_eq!(CanonicalPath::of(text), *path, "once is enough");
    assert!(text.starts_with('/') && !text.contains("//"), "{text}");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
    assert!(!text.split('/').any(|segment| segment == "." || segment == ".."), "{text}");
}

fn is_measured(rules: &MappingRules, operation: &Operation) {
    let explanation = rules.explain(operation);
    let usage = rules.usage(operation);
    let charged = usage.iter().flat_map(Usage::iter).map(|(metric, amount)| (metric.to_owned(), amount));
    assert_eq!(charged.collect::<BTreeMap<_, _>>(), sum(&explanation));
    let is_matched = explanation.lines.iter().any(|line| matches!(line.outcome, Outcome::Matched { .. }));
    assert_eq!(explanation.nearest().is_none(), is_matched);
    for line in &explanation.lines {
        let told = line.to_string();
        assert_eq!(told.lines().count(), 1, "{told:?}");
        if !operation.path.as_str().contains(CANARY) && !operation.method.contains(CANARY) {
            keeps_secrets(&told);
        }
    }
}

/// Adds up what the lines say.
fn sum(explanation: &Explanation<'_>) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    let mut is_over = false;
    for line in &explanation.lines {
        assert_eq!(line.outcome == Outcome::NotReached, is_over, "{line}");
        if let Outcome::Matched { metric, delta, stops } = line.outcome {
            is_over = stops;
            if delta > 0 {
                let amount: &mut u64 = sum.entry(metric.to_owned()).or_default();
                *amount = amount.saturating_add(delta);
            }
        }
    }
    sum
}

/// Asserts that the rules as they are shown are the same rules.
fn is_read_again(rules: &MappingRules, operation: &Operation) {
    let lines = rules.explain(operation).lines;
    let written = lines.iter().map(|line| {
        let (rule, shown) = (line.rule, line.rule.to_string());
        let (method, pattern) = shown.split_once(' ').expect("method and pattern are shown");
        json!({
            "http_method": method, "pattern": pattern, "metric": rule.metric, "delta": rule.delta, "last": rule.last
        })
    });
    let written = written.collect::<Value>().to_string();
    assert_eq!(MappingRules::parse(&written).as_ref(), Ok(rules), "{written}");
}
