//! How API Gateway reads an authorizer's answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What API Gateway makes of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The call goes on to the backend, with this context.
    Allowed(Principal),
    /// The client gets 403.
    Denied(Principal),
    /// The client gets 500: the answer is none that API Gateway takes.
    Malformed,
}

/// What the backend and the templates of gateway responses are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// The answer's `principalId`.
    pub id: String,
    /// The answer's `context`.
    pub context: BTreeMap<String, Value>,
}

/// Reads the answer to a call of `method_arn`: an explicit Deny wins, and without a matching Allow the call is denied.
///
/// Source: "Output from an API Gateway Lambda authorizer" in the API Gateway developer guide.
pub fn read(answer: &str, method_arn: &str) -> Outcome {
    let Ok(answer) = serde_json::from_str::<Answer>(answer) else { return Outcome::Malformed };
    if answer.context.values().any(|value| !(value.is_string() || value.is_number() || value.is_boolean())) {
        return Outcome::Malformed;
    }
    let has = |effect: &str| {
        let mut statements = answer.policy_document.statement.iter();
        statements.any(|statement| statement.effect == effect && statement.covers(method_arn))
    };
    let allowed = has("Allow") && !has("Deny");
    let principal = Principal { id: answer.principal_id, context: answer.context };
    if allowed { Outcome::Allowed(principal) } else { Outcome::Denied(principal) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    principal_id: String,
    policy_document: Document,
    #[serde(default)]
    context: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: OneOrMore,
    effect: String,
    resource: OneOrMore,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Statement {
    fn covers(&self, method_arn: &str) -> bool {
        self.action.any(|action| matches("execute-api:Invoke", action))
            && self.resource.any(|resource| matches(method_arn, resource))
    }
}

impl OneOrMore {
    fn any(&self, is_it: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(one) => is_it(one),
            Self::More(more) => more.iter().any(|one| is_it(one)),
        }
    }
}

/// Matches a whole text: `*` stands for any characters, `/` among them, `?` for one.
fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<_>, Vec<_>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut want) = (0, 0);
    // Where the last `*` stands, and up to where it has stood in for the text so far.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(want) {
            Some('*') => {
                star = Some((want, at));
                want += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(at) => {
                at += 1;
                want += 1;
            }
            _ => {
                let Some((star_at, stood_in)) = star else { return false };
                star = Some((star_at, stood_in + 1));
                at = stood_in + 1;
                want = star_at + 1;
            }
        }
    }
    pattern.iter().skip(want).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:1:api/dev/GET/a/b";

    fn answer(statements: &[(&str, &str)]) -> Outcome {
        let statements: Vec<_> = statements
            .iter()
            .map(|(effect, resource)| {
                format!(r#"{{"Action":"execute-api:Invoke","Effect":"{effect}","Resource":"{resource}"}}"#)
            })
            .collect();
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        read(&format!(r#"{{"principalId":"p","policyDocument":{document},"context":{{"n":1}}}}"#), ARN)
    }

    #[test]
    fn a_matching_allow_allows() {
        for resource in
            ["*", ARN, "arn:aws:execute-api:*:*:api/dev/*", "arn:aws:execute-api:us-east-1:1:api/d?v/GET/*b"]
        {
            assert!(matches!(answer(&[("Allow", resource)]), Outcome::Allowed(_)), "{resource}");
        }
    }

    #[test]
    fn a_pattern_covers_the_whole_name_or_nothing() {
        for resource in ["", "dev/GET/a/b", "arn:aws:execute-api:us-east-1:1:api/dev/GET/a", "*/GET/a", "*?b/"] {
            assert!(matches!(answer(&[("Allow", resource)]), Outcome::Denied(_)), "{resource}");
        }
    }

    #[test]
    fn an_explicit_deny_wins() {
        assert!(matches!(answer(&[("Allow", "*"), ("Deny", ARN)]), Outcome::Denied(_)));
        assert!(matches!(answer(&[("Deny", "*")]), Outcome::Denied(_)));
        assert!(matches!(answer(&[]), Outcome::Denied(_)));
    }

    #[test]
    fn what_api_gateway_would_not_take_is_malformed() {
        for text in [
            "",
            "null",
            "{}",
            r#"{"principalId":"p"}"#,
            r#"{"principalId":"p","policyDocument":{"Statement":[]},"context":{"object":{}}}"#,
            r#"{"principalId":"p","policyDocument":{"Statement":[]},"context":{"nothing":null}}"#,
        ] {
            assert_eq!(read(text, ARN), Outcome::Malformed, "{text}");
        }
    }
}
