//! Credentials in what is shown.

use authz_core::credential::{Caller, Credential};
use authz_core::event::{CallerSources, CredentialSource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Gives every credential that comes up a number, and shows that in its place.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    /// The longest first: one may be the beginning of another.
    secrets: Vec<Secret>,
    count: usize,
}

/// One form of a credential.
#[derive(Debug)]
struct Secret {
    text: String,
    number: usize,
}

/// A shorter text could be part of anything, so it is only hidden where it stands alone.
const DISTINCT_CHARS: usize = 4;

impl Redaction {
    /// Learns the secrets of a caller, and how Basic authentication writes them. An app id is none.
    pub(crate) fn learn(&mut self, caller: &Caller) {
        match &caller.credential {
            Credential::UserKey(key) => {
                let key = key.expose();
                self.add_all(&[key.to_owned(), basic(key, ""), basic("", key)]);
            }
            Credential::Application { id, key: Some(key) } => {
                self.add_all(&[key.expose().to_owned(), basic(id.as_str(), key.expose())]);
            }
            Credential::Application { key: None, .. } => {}
        }
    }

    /// Learns what an event has where credentials are expected: one with a mistake in it may still tell the right one.
    pub(crate) fn learn_unread(&mut self, event: &str, sources: &CallerSources) {
        let secret = |source: &CredentialSource| source.key_name.as_ref().unwrap_or(&source.name).clone();
        let mut names: Vec<_> = sources.credential.iter().map(secret).collect();
        names.extend(["authorizationToken".to_owned(), "identitySource".to_owned()]);
        if let Ok(event) = serde_json::from_str(event) {
            self.add_members(&event, &names);
        }
    }

    /// Adds every text of the members that have one of these names, in any case and however deep.
    fn add_members(&mut self, value: &Value, names: &[String]) {
        for (name, member) in value.as_object().into_iter().flatten() {
            if names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)) {
                self.add_texts(member);
            } else {
                self.add_members(member, names);
            }
        }
    }

    fn add_texts(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Array(values) => values.iter().for_each(|value| self.add_texts(value)),
            Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(crate) fn add(&mut self, secret: &str) {
        self.add_all(&[secret.to_owned()]);
    }

    /// Adds one secret in several forms, unless all of them are known.
    fn add_all(&mut self, forms: &[String]) {
        let is_known = |form: &String| form.is_empty() || self.secrets.iter().any(|known| known.text == *form);
        if forms.iter().all(is_known) {
            return;
        }
        self.count += 1;
        for text in forms {
            let at = self.secrets.partition_point(|longer| longer.text.len() >= text.len());
            self.secrets.insert(at, Secret { text: text.clone(), number: self.count });
        }
    }

    /// Hides the secrets in a text, also where they are percent-encoded.
    pub(crate) fn text(&self, text: &str) -> String {
        let is_encoded = text.contains(['%', '+']);
        let secrets: Vec<_> = self.secrets.iter().filter(|secret| is_encoded || text.contains(&secret.text)).collect();
        if secrets.is_empty() {
            return text.to_owned();
        }
        let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(first) = rest.chars().next() {
            let is_whole = rest.len() == text.len();
            let found = secrets.iter().find_map(|secret| Some((secret.number, secret.hidden_at(rest, is_whole)?)));
            let length = if let Some((number, length)) = found {
                shown.extend(["<key:", &number.to_string(), ">"]);
                length
            } else {
                shown.push(first);
                first.len_utf8()
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        shown
    }

    /// Hides the secrets in every name and text of a value.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (self.text(name), self.value(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

impl Secret {
    /// How many bytes at the beginning of a text are to be hidden.
    fn hidden_at(&self, text: &str, is_whole: bool) -> Option<usize> {
        let length = self.spelled_at(text)?;
        let is_alone = is_whole && length == text.len();
        (is_alone || self.text.chars().count() >= DISTINCT_CHARS).then_some(length)
    }

    /// How many bytes at the beginning of a text are this, each character as it is or as a URL may write it.
    fn spelled_at(&self, text: &str) -> Option<usize> {
        let mut rest = text.as_bytes();
        for wanted in self.text.bytes() {
            rest = match rest {
                [b'%', high, low, after @ ..] if is_hex(*high, wanted >> 4) && is_hex(*low, wanted & 15) => after,
                [found, after @ ..] if *found == wanted || (*found == b'+' && wanted == b' ') => after,
                // What looks encoded may be so in the secret itself.
                _ => return text.starts_with(&self.text).then_some(self.text.len()),
            };
        }
        Some(text.len() - rest.len())
    }
}

fn basic(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

fn is_hex(digit: u8, value: u8) -> bool {
    char::from(digit).to_digit(16) == Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use authz_core::credential::{AppId, AppKey, UserKey};
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

    #[test]
    fn a_secret_is_hidden_however_a_url_writes_it() {
        let mut redaction = Redaction::default();
        for secret in ["a b&\u{e9}", "c%41%d"] {
            redaction.add(secret);
        }
        for text in ["a b&\u{e9}", "a+b%26%C3%A9", "a%20b%26%c3%a9", "%61 b&\u{e9}"] {
            assert_eq!(redaction.text(&format!("?k={text}&x=1")), "?k=<key:1>&x=1", "{text}");
        }
        for text in ["c%41%d", "c%2541%25d", "%63%2541%25%64"] {
            assert_eq!(redaction.text(&format!("{text}%41")), "<key:2>%41", "{text}");
        }
        assert_eq!(redaction.text("a%2Bb%26%C3%A9"), "a%2Bb%26%C3%A9", "another text");
    }

    #[test]
    fn a_secret_that_begins_another_leaves_no_rest_of_it() {
        let mut redaction = Redaction::default();
        for secret in ["demo", "demo-key", "key:"] {
            redaction.add(secret);
        }
        assert_eq!(redaction.text("demo demo-key demo-"), "<key:1> <key:2> <key:1>-");
    }

    #[test]
    fn a_secret_is_hidden_in_basic_authentication() {
        let mut redaction = Redaction::default();
        let id = AppId::parse("id").unwrap();
        let application = Credential::Application { id, key: AppKey::parse("app-key").ok() };
        for credential in [application, Credential::UserKey(UserKey::parse("user-key").unwrap())] {
            redaction.learn(&Caller { credential, referrer: None });
        }
        let shown = ["aWQ6YXBwLWtleQ==", "dXNlci1rZXk6", "OnVzZXIta2V5"].map(|text| redaction.text(text));
        assert_eq!(shown, ["<key:1>", "<key:2>", "<key:2>"]);
    }
}
