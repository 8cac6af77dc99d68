//! How API Gateway reads a policy, and what the policy covers.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::answer::{Judgement, Malformed};
use crate::policy::MAX_RESOURCE_BYTES;

/// The `policyDocument` of an answer.
///
/// `NotAction`, `NotResource` and a single statement without its list are not on the page "Output from an API Gateway
/// Lambda authorizer", and not taken.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    statement: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    action: OneOrMore,
    resource: OneOrMore,
    #[serde(default, deserialize_with = "present")]
    condition: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Policy {
    pub(super) fn read(document: &Value) -> Result<Self, Malformed> {
        let policy = Self::deserialize(document).map_err(|_| Malformed::Policy)?;
        for statement in &policy.statement {
            if statement.condition == Some(Value::Null) {
                return Err(Malformed::NullCondition);
            }
            if statement.resource.all().iter().any(|resource| resource.chars().count() > MAX_RESOURCE_BYTES) {
                return Err(Malformed::LongResource);
            }
        }
        Ok(policy)
    }

    pub(super) fn judge(&self, method_arn: &str) -> Judgement {
        let any = |effect| self.statement.iter().any(|statement| statement.is(effect) && statement.covers(method_arn));
        match (any(Effect::Deny), any(Effect::Allow)) {
            (true, _) => Judgement::ExplicitlyDenied,
            (false, true) => Judgement::Allowed,
            (false, false) => Judgement::Denied,
        }
    }
}

impl Statement {
    /// Conditions are not evaluated here: an Allow under a condition allows nothing, a Deny denies as if it had none.
    fn is(&self, effect: Effect) -> bool {
        self.effect == effect && (effect == Effect::Deny || self.condition.is_none())
    }

    fn covers(&self, method_arn: &str) -> bool {
        self.action.all().iter().any(|action| matches(ACTION, &action.to_ascii_lowercase()))
            && self.resource.all().iter().any(|resource| matches(method_arn, resource))
    }
}

impl OneOrMore {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// `execute-api:Invoke`, which means the same in any case.
const ACTION: &str = "execute-api:invoke";

/// Tells a member that is null from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
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

    #[test]
    fn a_star_stands_for_anything_and_a_question_mark_for_one() {
        for (text, pattern) in [("", ""), ("", "*"), ("a/b", "*"), ("a/b", "a?b"), ("aab", "*ab"), ("a/b/c", "a*c")] {
            assert!(matches(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("a", ""), ("", "?"), ("ab", "a"), ("ab", "b"), ("a/b", "a?"), ("abc", "*?b*d")] {
            assert!(!matches(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn a_pattern_of_stars_is_matched_in_time() {
        assert!(!matches(&"a".repeat(1600), &format!("{}b", "*a".repeat(250))));
    }
}
