//! References to secrets.

use serde_json::Value;

/// Where a secret is kept, in the form in which variables refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'t> {
    /// `ssm:NAME`, `secretsmanager:NAME`, `secretsmanager:NAME#KEY`: the functions look it up.
    Store,
    /// `env:NAME`: a variable of the machine on which a dotenv file is read.
    Local(&'t str),
}

impl<'t> Reference<'t> {
    /// Reads a reference; `None` if the text is none, and may be the secret itself.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (store, name) = text.split_once(':')?;
        match store {
            "env" => is_variable(name).then_some(Self::Local(name)),
            "ssm" => is_name(name).then_some(Self::Store),
            "secretsmanager" => {
                let (name, member) = name.split_once('#').unwrap_or((name, "-"));
                (is_name(name) && !member.is_empty() && !member.chars().any(char::is_control)).then_some(Self::Store)
            }
            _ => None,
        }
    }
}

/// The member of an entry of `SERVICES_MAP` that is a secret.
pub(crate) const SERVICE_TOKEN: &str = "service_token";

/// Shows a value without the secrets in it; `is_secret` if all of it is one.
pub(crate) fn shown(value: &Value, is_secret: bool) -> Value {
    match value {
        Value::String(text) if has_credentials(text) => MASK.into(),
        Value::String(text) if is_secret && Reference::parse(text).is_none() => MASK.into(),
        Value::Array(items) => items.iter().map(|item| shown(item, is_secret)).collect(),
        Value::Object(members) => {
            let shown = members.iter().map(|(key, value)| (key.clone(), shown(value, is_secret || !is_public(key))));
            Value::Object(shown.collect())
        }
        Value::Number(_) if is_secret => MASK.into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Whether a member of a service's or a rule's entry holds nothing secret; one that nobody knows may.
pub(crate) fn is_public(member: &str) -> bool {
    let service = ["gateway", "stage", "service_id", "mapping_rules"];
    let rule = ["http_method", "pattern", "metric", "metric_system_name", "delta", "last"];
    service.contains(&member) || rule.contains(&member)
}

/// Whether a text may be a URL with a password, which no variable takes.
pub(crate) fn has_credentials(text: &str) -> bool {
    text.contains("://") && text.contains('@')
}

/// What stands for a secret.
pub(crate) const MASK: &str = "••••••••";

/// The stores' own alphabets; Systems Manager's is part of Secrets Manager's, but for `:` before a version.
fn is_name(text: &str) -> bool {
    // Both stores need the region of an ARN.
    let fields: Vec<_> = text.splitn(6, ':').collect();
    let is_whole = match fields[..] {
        ["arn", _, _, region, _, _] => !region.is_empty(),
        ["arn", ..] => false,
        _ => true,
    };
    is_whole
        && (1..=2048).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-:+=@!".contains(&byte))
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_secrets() {
        for text in [
            "ssm:/a/b",
            "ssm:token:7",
            "secretsmanager:a+b@c",
            "secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:a#a key",
        ] {
            assert_eq!(Reference::parse(text), Some(Reference::Store), "{text}");
        }
        assert_eq!(Reference::parse("env:TOKEN_1"), Some(Reference::Local("TOKEN_1")));
        for text in [
            "",
            "ssm:",
            "ssm:/a#b",
            "ssm:a b",
            "secretsmanager:a#",
            "env:1",
            "env:a b",
            "SSM:a",
            "vault:a",
            "ssm:arn:aws:x",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn secrets_are_masked_wherever_they_are() {
        let value = serde_json::json!([{"service_id": "7", "token": "CANARY"}, {"service_token": "ssm:/a"}]);
        let shown = shown(&value, false);
        assert_eq!(shown, serde_json::json!([{"service_id": "7", "token": MASK}, {"service_token": "ssm:/a"}]));
        assert_eq!(super::shown(&31337.into(), true), MASK);
    }
}
