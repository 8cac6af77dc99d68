//! What a caller shows us, and the secrets of our own.

use std::{fmt, iter};

use thiserror::Error;

/// Who calls: a credential, and from where it is used if the service minds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What identifies the calling application.
    pub credential: Credential,
    /// The host that the call refers to.
    pub referrer: Option<Referrer>,
}

impl Caller {
    /// Returns 3scale's parameters for an authorize or authrep, name and value, secrets included.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let referrer = self.referrer.as_ref().map(|referrer| ("referrer", referrer.as_str()));
        self.credential.parameters().chain(referrer)
    }
}

/// What identifies a calling application at 3scale.
///
/// Its `Debug` form never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// One secret that is name and password at once (3scale's authentication mode "API Key").
    UserKey(UserKey),
    /// A name, and a password if the application has one ("App ID and App Key pair").
    Application {
        /// The name.
        id: AppId,
        /// The password.
        key: Option<AppKey>,
    },
}

impl Credential {
    /// Returns 3scale's parameters for it, name and value, secrets included.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let key = self.app_key().map(|key| ("app_key", key.expose()));
        iter::once(self.application()).chain(key)
    }

    /// Returns the password of an application that has one.
    pub(crate) fn app_key(&self) -> Option<&AppKey> {
        match self {
            Self::UserKey(_) => None,
            Self::Application { key, .. } => key.as_ref(),
        }
    }

    /// Returns the parameter that names the application in a report, which asks for no password.
    pub(crate) fn application(&self) -> (&'static str, &str) {
        match self {
            Self::UserKey(key) => ("user_key", key.expose()),
            Self::Application { id, .. } => ("app_id", id.as_str()),
        }
    }
}

/// A user key, exactly as the caller sent it.
///
/// Keys that differ in case or blanks are different keys: 3scale does not trim (measured).
#[derive(Clone, PartialEq, Eq)]
pub struct UserKey(String);

impl UserKey {
    /// The longest key 3scale accepts, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Accepts 1 to [`Self::MAX_BYTES`] bytes without control characters.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        bounded(text, Self::MAX_BYTES, |c| !c.is_control()).map(Self)
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// An application's id. It is a name, not a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppId(String);

impl AppId {
    /// The longest id 3scale accepts, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Accepts 1 to [`Self::MAX_BYTES`] printing ASCII characters without blanks and `/`, as 3scale's admin portal does.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        bounded(text, Self::MAX_BYTES, |c| c.is_ascii_graphic() && c != '/').map(Self)
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An application's key, exactly as the caller sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct AppKey(String);

impl AppKey {
    /// The longest key 3scale accepts, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Accepts 1 to [`Self::MAX_BYTES`] printing ASCII characters and blanks, as 3scale's admin portal does.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        bounded(text, Self::MAX_BYTES, |c| c.is_ascii_graphic() || c == ' ').map(Self)
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The host or address that a call refers to, which 3scale compares with an application's referrer filters.
///
/// It is never `*`, which 3scale takes for any host: a caller must not choose that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer(String);

impl Referrer {
    /// Accepts a host or an IPv4 address: 1 to 255 letters, digits, `-` and `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_host = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        (is_host && (1..=255).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// Takes the host out of a URL, as the headers `Referer` and `Origin` hold it. 3scale does not match whole URLs.
    pub fn of_url(url: &str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        Self::parse(host.split(':').next()?)
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text can't be a credential. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CredentialError {
    /// There is nothing.
    #[error("the credential is empty")]
    Empty,
    /// It is longer than 3scale accepts.
    #[error("the credential is longer than {} bytes", UserKey::MAX_BYTES)]
    TooLong,
    /// It has a character that 3scale's credentials don't have.
    #[error("the credential has a character that none of 3scale's has")]
    OddCharacter,
    /// It is not encoded as its scheme wants it.
    #[error("the credential is not encoded as its scheme wants it")]
    Encoding,
}

/// A secret of ours: a service token, a provider key, the credential secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

macro_rules! redacted {
    ($($secret:ident),+) => {
        $(impl fmt::Debug for $secret {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($secret), "(..)"))
            }
        })+
    };
}

redacted!(UserKey, AppKey, Secret);

fn bounded(text: &str, most: usize, is_allowed: impl Fn(char) -> bool) -> Result<String, CredentialError> {
    match text.len() {
        0 => Err(CredentialError::Empty),
        length if length > most => Err(CredentialError::TooLong),
        _ if text.chars().all(is_allowed) => Ok(text.to_owned()),
        _ => Err(CredentialError::OddCharacter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_to_the_letter() {
        assert_eq!(UserKey::parse(" Key/with é ").unwrap().expose(), " Key/with é ");
        assert_eq!(AppKey::parse(" s<2>&\"x\" ").unwrap().expose(), " s<2>&\"x\" ");
        assert_eq!(AppId::parse("b\"<2>").unwrap().as_str(), "b\"<2>");
    }

    #[test]
    fn what_3scale_could_not_hold_is_refused() {
        assert_eq!(UserKey::parse(""), Err(CredentialError::Empty));
        assert_eq!(UserKey::parse(&"k".repeat(257)), Err(CredentialError::TooLong));
        assert!(UserKey::parse(&"k".repeat(256)).is_ok());
        for text in ["a\0b", "a\nb", "a\u{7f}"] {
            assert_eq!(UserKey::parse(text), Err(CredentialError::OddCharacter));
        }
        for text in ["a b", "a/b", "é", "\u{7f}"] {
            assert_eq!(AppId::parse(text), Err(CredentialError::OddCharacter));
        }
        assert_eq!(AppKey::parse("é"), Err(CredentialError::OddCharacter));
    }

    #[test]
    fn a_referrer_is_a_host() {
        let of = |url| Referrer::of_url(url).map(|referrer| referrer.as_str().to_owned());
        assert_eq!(of("https://www.example.com/page?x#y").as_deref(), Some("www.example.com"));
        assert_eq!(of("http://user@10.1.2.3:8080").as_deref(), Some("10.1.2.3"));
        for url in ["", "*", "www.example.com", "null", "https://*/", "https://", "https://[::1]/", "https://a b/"] {
            assert_eq!(of(url), None, "{url}");
        }
        assert_eq!(Referrer::parse("*"), None);
    }

    #[test]
    fn debug_forms_show_no_secret() {
        let application =
            Credential::Application { id: AppId::parse("id").unwrap(), key: Some(AppKey::parse("CANARY").unwrap()) };
        let user_key = Credential::UserKey(UserKey::parse("CANARY").unwrap());
        let shown = format!("{application:?} {user_key:?} {:?}", Secret::new("CANARY"));
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}
