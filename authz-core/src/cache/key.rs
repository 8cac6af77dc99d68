//! The name of a ledger.

use std::{fmt, iter};

use serde::{Deserialize, Serialize};

use crate::credential::Credential;
use crate::keyring::Keyring;
use crate::threescale::{ServiceId, Usage};

/// `authz:1:<service>:<fingerprint>`: one name for each service, credential and usage, with nothing secret in it.
///
/// The 1 is the version of all that is kept under the name, the fields of the ledger and the form of its entry. A
/// change that an older release would misread gets a new number, so two releases never meet in one hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CacheKey(String);

impl CacheKey {
    const PREFIX: &'static str = "authz:1:";

    /// Names the ledger of a credential that is used so.
    pub fn new(keyring: &Keyring, service: &ServiceId, credential: &Credential, usage: &Usage) -> Self {
        let amounts: Vec<String> = usage.iter().map(|(_, amount)| amount.to_string()).collect();
        let who = credential.parameters().into_iter().flat_map(|(name, value)| [name, value]);
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
    use crate::credential::{Secret, UserKey};

    fn key(service: &str, user_key: &str, usage: &Usage) -> CacheKey {
        let credential = Credential::UserKey(UserKey::parse(user_key).unwrap());
        CacheKey::new(&Keyring::derive(&Secret::new("s")), &ServiceId::parse(service).unwrap(), &credential, usage)
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
    fn a_name_shows_the_service_and_no_credential() {
        let name = key("2555417700000", "CANARY", &Usage::hits(1));
        assert!(name.as_str().starts_with("authz:1:2555417700000:"), "{name}");
        assert!(!name.as_str().contains("CANARY"));
        assert_eq!(CacheKey::parse(name.as_str()), Some(name));
        assert_eq!(CacheKey::parse("authz:2:x"), None);
    }
}
