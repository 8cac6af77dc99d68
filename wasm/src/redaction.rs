//! Credentials in what is shown.

use authz_core::credential::{Caller, Credential};
use serde_json::Value;

/// Gives every credential that comes up a number, and shows that in its place.
#[derive(Debug, Default)]
pub(crate) struct Redaction(Vec<String>);

/// A shorter text could be part of anything, so it is only hidden where it stands alone.
const DISTINCT_CHARS: usize = 4;

impl Redaction {
    /// Learns the secrets of a caller. An app id is none.
    pub(crate) fn learn(&mut self, caller: &Caller) {
        match &caller.credential {
            Credential::UserKey(key) => self.add(key.expose()),
            Credential::Application { key, .. } => {
                if let Some(key) = key {
                    self.add(key.expose());
                }
            }
        }
    }

    pub(crate) fn add(&mut self, secret: &str) {
        if !secret.is_empty() && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
        }
    }

    /// Hides the secrets in a text.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for (index, secret) in self.0.iter().enumerate() {
            let number = format!("<key:{}>", index + 1);
            if shown == *secret {
                return number;
            }
            if secret.chars().count() >= DISTINCT_CHARS {
                shown = shown.replace(secret.as_str(), &number);
            }
        }
        shown
    }

    /// Hides the secrets in every text of a value.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), self.value(value))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_shown_by_its_number_wherever_it_stands() {
        let mut redaction = Redaction::default();
        for secret in ["demo-key", "k", "demo-key", ""] {
            redaction.add(secret);
        }
        let value = json!({ "a": ["Bearer demo-key", "k", "kk", 7], "b": { "c": "demo-key" } });
        let shown = json!({ "a": ["Bearer <key:1>", "<key:2>", "kk", 7], "b": { "c": "<key:1>" } });
        assert_eq!(redaction.value(&value), shown);
    }
}
