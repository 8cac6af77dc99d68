//! What an operator asks of `authrep-async`: to forget, now, what 3scale said of a credential.
//!
//! The next call of that credential asks 3scale. Uses that 3scale does not know yet stay, and are told.

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::cache::CacheKey;
use crate::credential::{AppId, AppKey, Credential, CredentialError, UserKey};
use crate::event::AuthMode;
use crate::keyring::Fingerprint;
use crate::ledger;
use crate::settings::Settings;
use crate::threescale::ServiceId;
use crate::time::UnixTime;

/// Asks to forget what 3scale said of a credential.
///
/// Its wire form is `{"forget":{..}}` with these fields, and with `service_id` if only that service is meant:
///
/// | fields | whose ledgers |
/// |---|---|
/// | `credential` | those of the credential with this fingerprint, as logs show it |
/// | `user_key` | those of a user key |
/// | `app_id` | those of an application, with any of its keys or none |
/// | `app_id`, `app_key` | those of an application with this key |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forget {
    /// Of whom.
    pub credential: Fingerprint,
    /// Of which service; `None` means any.
    pub service: Option<ServiceId>,
}

impl Forget {
    const FIELDS: [&str; 5] = ["credential", "user_key", "app_id", "app_key", "service_id"];

    /// Reads an event; `None` if it does not ask to forget anything.
    pub fn read(event: &str, settings: &Settings) -> Option<Result<Self, ForgetError>> {
        let event: Map<String, Value> = serde_json::from_str(event).ok()?;
        Some(Self::of(event.get("forget")?, settings))
    }

    fn of(asked: &Value, settings: &Settings) -> Result<Self, ForgetError> {
        let fields = asked.as_object().ok_or(ForgetError::NoObject)?;
        if fields.keys().any(|name| !Self::FIELDS.contains(&name.as_str())) {
            return Err(ForgetError::UnknownField);
        }
        let text = |name| fields.get(name).map(|text| text.as_str().ok_or(ForgetError::NoText(name))).transpose();
        let service = match text("service_id")? {
            Some(id) => Some(configured(id, settings).ok_or(ForgetError::ForeignService)?),
            None => None,
        };
        let credential = match [text("credential")?, text("user_key")?, text("app_id")?, text("app_key")?] {
            [Some(fingerprint), None, None, None] => {
                Fingerprint::parse(fingerprint).ok_or(ForgetError::NoFingerprint)?
            }
            [None, Some(key), None, None] => named(&user_key(key)?, settings)?,
            [None, None, Some(id), key] => named(&application(id, key)?, settings)?,
            _ => return Err(ForgetError::NotOneCredential),
        };
        Ok(Self { credential, service })
    }

    /// Returns the pattern of the names of the ledgers, as Redis reads patterns.
    pub fn pattern(&self) -> String {
        CacheKey::pattern(&self.credential, self.service.as_ref())
    }

    /// Tells whether a ledger is one of them.
    pub fn concerns(&self, key: &CacheKey) -> bool {
        key.is_of(&self.credential, self.service.as_ref())
    }

    /// Returns what each of them is asked.
    pub fn ask(settings: &Settings, now: UnixTime) -> ledger::Forget {
        ledger::Forget { now, keep: settings.lifetimes.keep() }
    }

    /// Writes what the function answers when so many ledgers have forgotten.
    pub fn answer(ledgers: u64) -> String {
        json!({ "forgotten": ledgers }).to_string()
    }
}

/// Why it is not clear what is to be forgotten. It never repeats what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForgetError {
    /// It has no fields.
    #[error("`forget` must be an object that names a credential: by `credential`, `user_key`, or `app_id`")]
    NoObject,
    /// It has a field that nobody knows.
    #[error("`forget` has a field that is none of `credential`, `user_key`, `app_id`, `app_key` and `service_id`")]
    UnknownField,
    /// A field is something else.
    #[error("`forget.{0}` must be a text")]
    NoText(&'static str),
    /// It names no credential, or several.
    #[error("`forget` must name one credential: by `credential`, `user_key`, `app_id`, or `app_id` and `app_key`")]
    NotOneCredential,
    /// A field holds what no credential can be.
    #[error("`forget.{0}`: {1}")]
    NoCredential(&'static str, CredentialError),
    /// A fingerprint has another form.
    #[error("`forget.credential` must be a fingerprint as the log shows it; or name the credential itself")]
    NoFingerprint,
    /// Callers have no such credential.
    #[error("`forget.{0}` is not what callers have: see `THREESCALE_AUTH_TYPE`")]
    OtherMode(&'static str),
    /// A service is none of ours.
    #[error("`forget.service_id` is none of the configured services")]
    ForeignService,
}

fn configured(id: &str, settings: &Settings) -> Option<ServiceId> {
    ServiceId::parse(id).filter(|id| settings.services.by_id(id).is_some())
}

fn user_key(key: &str) -> Result<Credential, ForgetError> {
    let key = UserKey::parse(key).map_err(|error| ForgetError::NoCredential("user_key", error))?;
    Ok(Credential::UserKey(key))
}

fn application(id: &str, key: Option<&str>) -> Result<Credential, ForgetError> {
    let id = AppId::parse(id).map_err(|error| ForgetError::NoCredential("app_id", error))?;
    let key = key.map(AppKey::parse).transpose().map_err(|error| ForgetError::NoCredential("app_key", error))?;
    Ok(Credential::Application { id, key })
}

/// The fingerprint of a credential such as callers have. Of any other nothing would be found, without a word.
fn named(credential: &Credential, settings: &Settings) -> Result<Fingerprint, ForgetError> {
    match (credential, settings.sources.mode) {
        (Credential::UserKey(_), AuthMode::UserKey) | (Credential::Application { .. }, AuthMode::AppId) => {
            Ok(settings.keyring.credential_fingerprint(credential))
        }
        (Credential::UserKey(_), AuthMode::AppId) => Err(ForgetError::OtherMode("user_key")),
        (Credential::Application { .. }, AuthMode::UserKey) => Err(ForgetError::OtherMode("app_id")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Caller;
    use crate::threescale::Usage;

    fn settings(mode: &str) -> Settings {
        let variables =
            [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token"), ("THREESCALE_AUTH_TYPE", mode)];
        Settings::read(&variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into()).unwrap()
    }

    fn read(mode: &str, fields: &Value) -> Result<Forget, ForgetError> {
        Forget::read(&json!({ "forget": fields }).to_string(), &settings(mode)).unwrap()
    }

    /// The ledger of a call with `hits`.
    fn key(mode: &str, credential: Credential) -> CacheKey {
        let caller = Caller { credential, referrer: None };
        CacheKey::new(&settings(mode).keyring, &ServiceId::parse("7").unwrap(), &caller, &Usage::hits(1))
    }

    #[test]
    fn a_user_key_is_named_by_itself_or_by_its_fingerprint() {
        let ledger = key("user_key", user_key("k").unwrap());
        let by_key = read("user_key", &json!({ "user_key": "k" })).unwrap();
        assert!(by_key.concerns(&ledger));
        let fingerprint = by_key.credential.as_str();
        assert_eq!(read("user_key", &json!({ "credential": fingerprint })), Ok(by_key.clone()));
        assert!(!read("user_key", &json!({ "user_key": "K" })).unwrap().concerns(&ledger));
    }

    #[test]
    fn an_application_is_named_with_one_of_its_keys_or_with_all() {
        let ledgers = [None, Some("a"), Some("b")].map(|key_text| key("app_id", application("id", key_text).unwrap()));
        for (fields, expected) in [
            (json!({ "app_id": "id" }), [true, true, true]),
            (json!({ "app_id": "id", "app_key": "a" }), [false, true, false]),
            (json!({ "app_id": "other" }), [false; 3]),
        ] {
            let forget = read("app_id", &fields).unwrap();
            assert_eq!(ledgers.each_ref().map(|ledger| forget.concerns(ledger)), expected, "{fields}");
        }
    }

    #[test]
    fn a_service_can_be_named() {
        let forget = read("user_key", &json!({ "user_key": "k", "service_id": "7" })).unwrap();
        assert_eq!(forget.service, ServiceId::parse("7"));
        assert!(forget.pattern().starts_with("authz:1:7:"));
        assert!(forget.concerns(&key("user_key", user_key("k").unwrap())));
    }

    #[test]
    fn a_mistake_names_the_field_and_repeats_nothing() {
        for (mode, fields, error) in [
            ("user_key", json!("CANARY"), ForgetError::NoObject),
            ("user_key", json!({ "CANARY": "k" }), ForgetError::UnknownField),
            ("user_key", json!({ "user_key": ["CANARY"] }), ForgetError::NoText("user_key")),
            ("user_key", json!({}), ForgetError::NotOneCredential),
            ("user_key", json!({ "user_key": "CANARY", "app_id": "CANARY" }), ForgetError::NotOneCredential),
            ("app_id", json!({ "app_key": "CANARY" }), ForgetError::NotOneCredential),
            (
                "user_key",
                json!({ "user_key": "CANARY\n" }),
                ForgetError::NoCredential("user_key", CredentialError::OddCharacter),
            ),
            ("app_id", json!({ "app_id": "" }), ForgetError::NoCredential("app_id", CredentialError::Empty)),
            ("user_key", json!({ "credential": "CANARY*" }), ForgetError::NoFingerprint),
            ("app_id", json!({ "user_key": "CANARY" }), ForgetError::OtherMode("user_key")),
            ("user_key", json!({ "app_id": "CANARY" }), ForgetError::OtherMode("app_id")),
            ("user_key", json!({ "user_key": "k", "service_id": "CANARY" }), ForgetError::ForeignService),
        ] {
            assert_eq!(read(mode, &fields), Err(error), "{fields}");
            assert!(!error.to_string().contains("CANARY"));
        }
    }

    #[test]
    fn any_other_event_asks_for_something_else() {
        for event in ["", "{", "[]", "null", r#"{"Records":[]}"#, r#"["forget"]"#] {
            assert_eq!(Forget::read(event, &settings("user_key")), None, "{event}");
        }
    }

    #[test]
    fn the_answer_says_how_many_ledgers_there_were() {
        assert_eq!(Forget::answer(3), r#"{"forgotten":3}"#);
    }
}
