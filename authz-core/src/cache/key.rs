//! The name of a ledger.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::credential::{Caller, Referrer};
use crate::keyring::{Fingerprint, Keyring};
use crate::threescale::{ServiceId, Usage};

/// `authz:1:<service>:<credential>:<use>`: one name for each service, caller and usage, with nothing secret in it.
///
/// The credential's fingerprint is the one that logs show; the other is of what a call uses, and from where.
///
/// The 1 is the version of all that is kept under the name, the fields of the ledger and the form of its entry. A
/// change that an older release would misread gets a new number, so two releases never meet in one hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CacheKey(String);

impl CacheKey {
    const PREFIX: &'static str = "authz:1:";

    /// Names the ledger of a caller's uses of this kind.
    pub fn new(keyring: &Keyring, service: &ServiceId, caller: &Caller, usage: &Usage) -> Self {
        let credential = keyring.credential_fingerprint(&caller.credential);
        Self::of(keyring, service, &credential, caller.referrer.as_ref(), usage)
    }

    /// As [`Self::new`], where the credential has its fingerprint already.
    pub(crate) fn of(
        keyring: &Keyring,
        service: &ServiceId,
        credential: &Fingerprint,
        referrer: Option<&Referrer>,
        usage: &Usage,
    ) -> Self {
        let from = referrer.map_or("", Referrer::as_str);
        let what = usage.iter().flat_map(|(metric, amount)| [Cow::from(metric), amount.to_string().into()]);
        let used = keyring.fingerprint(["use", from].map(Cow::from).into_iter().chain(what));
        Self([Self::PREFIX, service.as_str(), ":", credential.as_str(), ":", used.as_str()].concat())
    }

    /// Accepts a name of this version.
    pub fn parse(text: &str) -> Option<Self> {
        text.starts_with(Self::PREFIX).then(|| Self(text.to_owned()))
    }

    /// Writes the pattern of the names that [`Self::is_of`] a credential, as Redis reads patterns.
    pub fn pattern(credential: &Fingerprint, service: Option<&ServiceId>) -> String {
        format!("{}{}:{credential}[.:]*", Self::PREFIX, service.map_or("*", ServiceId::as_str))
    }

    /// Tells whether it names a ledger of a credential, of any service or of this one.
    ///
    /// An application's fingerprint alone stands for the application with any of its keys.
    pub fn is_of(&self, credential: &Fingerprint, service: Option<&ServiceId>) -> bool {
        let mut parts = self.0.strip_prefix(Self::PREFIX).unwrap_or_default().split(':');
        let is_of_service = |id| service.is_none_or(|service| service.as_str() == id);
        let is_of_credential = |text: &str| {
            let rest = text.strip_prefix(credential.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        parts.next().is_some_and(is_of_service) && parts.next().is_some_and(is_of_credential)
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CacheKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("the name of a ledger of this version begins with `authz:1:`")
    }
}

impl From<CacheKey> for String {
    fn from(key: CacheKey) -> Self {
        key.0
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
    use crate::credential::{AppId, AppKey, Credential, Secret, UserKey};

    fn key(service: &str, user_key: &str, usage: &Usage) -> CacheKey {
        let credential = Credential::UserKey(UserKey::parse(user_key).unwrap());
        of(service, &Caller { credential, referrer: None }, usage)
    }

    fn caller(id: &str, key: Option<&str>) -> Caller {
        let key = key.map(|key| AppKey::parse(key).unwrap());
        Caller { credential: Credential::Application { id: AppId::parse(id).unwrap(), key }, referrer: None }
    }

    fn fingerprint(id: &str, key: Option<&str>) -> Fingerprint {
        Keyring::derive(&Secret::new("s")).credential_fingerprint(&caller(id, key).credential)
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
            let referrer = referrer.map(|referrer| Referrer::parse(referrer).unwrap());
            of("1", &Caller { referrer, ..caller("id", key) }, &Usage::hits(1))
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
        assert!(serde_json::from_str::<CacheKey>(r#""authz:2:x""#).is_err(), "nor comes one in a message");
    }

    #[test]
    fn a_name_shows_the_fingerprint_that_logs_show() {
        let fingerprint = fingerprint("id", Some("key"));
        let name = of("7", &caller("id", Some("key")), &Usage::hits(1));
        assert!(name.as_str().starts_with(&format!("authz:1:7:{fingerprint}:")), "{name}");
    }

    #[test]
    fn a_referrer_is_no_metric() {
        let usage = |metrics: &[&str]| Usage::new(metrics.iter().map(|metric| ((*metric).to_owned(), 1))).unwrap();
        let bare = caller("id", None);
        let from = |host| Caller { referrer: Referrer::parse(host), ..caller("id", None) };
        assert_ne!(of("7", &bare, &usage(&["referrer", "write"])), of("7", &from("1"), &usage(&["write"])));
    }

    #[test]
    fn the_ledgers_of_a_credential_are_found_and_no_others() {
        let (seven, eight) = (ServiceId::parse("7").unwrap(), ServiceId::parse("8").unwrap());
        let name = |id, key| of("7", &caller(id, key), &Usage::hits(1));
        let with_key = fingerprint("id", Some("key"));
        assert!(name("id", Some("key")).is_of(&with_key, None));
        assert!(name("id", Some("key")).is_of(&with_key, Some(&seven)));
        assert!(!name("id", Some("key")).is_of(&with_key, Some(&eight)));
        assert!(!name("id", Some("other")).is_of(&with_key, None));
        assert!(!name("id", None).is_of(&with_key, None));
        let application = fingerprint("id", None);
        assert!([None, Some("key"), Some("other")].iter().all(|key| name("id", *key).is_of(&application, None)));
        assert!(!name("other", None).is_of(&application, None));
    }

    #[test]
    fn a_pattern_names_the_service_or_any() {
        let application = fingerprint("id", None);
        let seven = ServiceId::parse("7").unwrap();
        assert_eq!(CacheKey::pattern(&application, Some(&seven)), format!("authz:1:7:{application}[.:]*"));
        assert_eq!(CacheKey::pattern(&application, None), format!("authz:1:*:{application}[.:]*"));
    }
}
