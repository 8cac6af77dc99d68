//! The name of a ledger.

use std::{fmt, iter};

use serde::{Deserialize, Serialize};

use crate::credential::Caller;
use crate::keyring::Keyring;
use crate::threescale::{ServiceId, Usage};

/// `authz:1:<service>:<fingerprint>`: one name for each service, caller and usage, with nothing secret in it.
///
/// The 1 is the version of all that is kept under the name, the fields of the ledger and the form of its entry. A
/// change that an older release would misread gets a new number, so two releases never meet in one hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CacheKey(String);

impl CacheKey {
    const PREFIX: &'static str = "authz:1:";

    /// Names the ledger of a caller's uses of this kind.
    pub fn new(keyring: &Keyring, service: &ServiceId, caller: &Caller, usage: &Usage) -> Self {
        let amounts: Vec<String> = usage.iter().map(|(_, amount)| amount.to_string()).collect();
        let who = caller.parameters().flat_map(|(name, value)| [name, value]);
        let what = usage.iter().zip(&amounts).flat_map(|((metric, _), amount)| [metric, amount.as_str()]);
        let fingerprint = keyring.fingerprint(iter::once("use").chain(who).chain(what));
        Self(format!("{}{service}:{fingerprint}", Self::PREFIX))
    }

    /// Accepts a name of this version.
    pub fn parse(text: &str) -> Option<Self> {
        text.starts_with(Self::PREFIX).then(|| Self(text.to_owned()))
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{AppId, AppKey, Credential, Referrer, Secret, UserKey};

    fn key(service: &str, user_key: &str, usage: &Usage) -> CacheKey {
        let credential = Credential::UserKey(UserKey::parse(user_key).unwrap());
        of(service, &Caller { credential, referrer: None }, usage)
    }

    fn of(service: &str, caller: &Caller, usage: &Usage) -> CacheKey {
        CacheKey::new(&Keyring::derive(&Secret::new("s")), &ServiceId::parse(service).unwrap(), caller, usage)
    }

    #[test]
    fn names_are_apart_for_each_service_credential_and_usage() {
        let names = [
            key("1", "k", &Usage::hits(1)),
            key("2", "k", &Usage::hits(1)),
            key("1", "K", &Usage::hits(1)),
            key("1", "k", &Usage::hits(2)),
            key("1", "k", &Usage::new([("list".to_owned(), 1)]).unwrap()),
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn a_wrong_app_key_never_finds_what_a_right_one_left() {
        let key_of = |key: Option<&str>, referrer: Option<&str>| {
            let key = key.map(|key| AppKey::parse(key).unwrap());
            let credential = Credential::Application { id: AppId::parse("id").unwrap(), key };
            let referrer = referrer.map(|referrer| Referrer::parse(referrer).unwrap());
            of("1", &Caller { credential, referrer }, &Usage::hits(1))
        };
        let names = [
            key_of(Some("right"), None),
            key_of(Some("wrong"), None),
            key_of(None, None),
            key_of(None, Some("right")),
            key_of(Some("right"), Some("example.com")),
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn a_name_shows_the_service_and_no_credential() {
        let name = key("2555417700000", "CANARY", &Usage::hits(1));
        assert!(name.as_str().starts_with("authz:1:2555417700000:"), "{name}");
        assert!(!name.as_str().contains("CANARY"));
        assert_eq!(CacheKey::parse(name.as_str()), Some(name));
        assert_eq!(CacheKey::parse("authz:2:x"), None);
    }
}
