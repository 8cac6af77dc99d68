//! Mapping rules, from what 3scale exports of a product.

use authz_core::mapping::MappingRules;
use serde_json::{Map, Value};

use crate::report::{Place, Problem};
use crate::source::Source;

/// Finds the rules of an exported proxy configuration, and writes them as `MAPPING_RULES` wants them, in their order.
pub(crate) fn import(name: &str, text: &str) -> Result<String, Problem> {
    let (source, problems) = Source::parse(name.to_owned(), text.to_owned());
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let whole = Place::new(&source, 0..1);
    let Some(rules) = PLACES.iter().find_map(|pointer| source.value.pointer(pointer)?.as_array()) else {
        return Err(Problem::error("no-rules", "there are no `proxy_rules` here").at(whole).help(EXPORT));
    };
    let list = Value::Array(rules.iter().map(rule).collect());
    if let Err(error) = MappingRules::parse(&list.to_string()) {
        return Err(Problem::error("invalid-value", error.to_string()).at(whole).help(EXPORT));
    }
    Ok(format!("{list:#}\n"))
}

/// What a rule says, under the names of `MAPPING_RULES`; what is as it is without saying is left out.
fn rule(exported: &Value) -> Value {
    let taken = [
        ("http_method", "http_method"),
        ("pattern", "pattern"),
        ("metric_system_name", "metric"),
        ("metric", "metric"),
    ];
    let taken = taken.iter().filter_map(|(from, to)| Some(((*to).to_owned(), exported.get(from)?.clone())));
    let delta = exported.get("delta").filter(|delta| **delta != 1).map(|delta| ("delta".to_owned(), delta.clone()));
    let last = exported.get("last").filter(|last| **last == true).map(|last| ("last".to_owned(), last.clone()));
    Value::Object(taken.chain(delta).chain(last).collect::<Map<_, _>>())
}

/// The answer of the admin API, its content alone, and the proxy alone.
const PLACES: [&str; 4] =
    ["/proxy_config/content/proxy/proxy_rules", "/content/proxy/proxy_rules", "/proxy/proxy_rules", "/proxy_rules"];

const EXPORT: &str =
    "take what /admin/api/services/ID/proxy/configs/production/latest.json of 3scale's admin portal answers";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_keep_their_order_and_what_they_say() {
        let export = r#"{"proxy_config": {"content": {"proxy": {"proxy_rules": [
            {"id": 2, "http_method": "POST", "pattern": "/b$", "metric_system_name": "writes", "delta": 2, "last": true},
            {"id": 1, "http_method": "GET", "pattern": "/", "metric_system_name": "hits", "delta": 1, "last": false,
             "position": 1, "querystring_parameters": {}}]}}}}"#;
        let rules: Value = serde_json::from_str(&import("f", export).unwrap()).unwrap();
        let expected = serde_json::json!([
            {"http_method": "POST", "pattern": "/b$", "metric": "writes", "delta": 2, "last": true},
            {"http_method": "GET", "pattern": "/", "metric": "hits"},
        ]);
        assert_eq!(rules, expected);
    }

    #[test]
    fn what_has_no_rules_is_refused() {
        for (text, code) in
            [("{}", "no-rules"), ("{", "syntax"), (r#"{"proxy_rules": [{"pattern": "/"}]}"#, "invalid-value")]
        {
            assert_eq!(import("f", text).unwrap_err().code, code);
        }
    }
}
