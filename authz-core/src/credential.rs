//! What a caller shows us, and the secrets of our own.

use std::fmt;

use thiserror::Error;

/// What identifies a calling application at 3scale.
///
/// Its `Debug` form never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// One secret that is name and password at once (3scale's authentication mode "API Key").
    UserKey(UserKey),
}

impl Credential {
    /// Returns 3scale's parameters for it, name and value, secrets included.
    pub(crate) fn parameters(&self) -> [(&'static str, &str); 1] {
        match self {
            Self::UserKey(key) => [("user_key", key.expose())],
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
        if text.is_empty() {
            return Err(CredentialError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(CredentialError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(CredentialError::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(..)")
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
    /// It has a control character.
    #[error("the credential has a control character")]
    ControlCharacter,
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

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_to_the_letter() {
        assert_eq!(UserKey::parse(" Key/with é ").unwrap().expose(), " Key/with é ");
    }

    #[test]
    fn what_3scale_could_not_hold_is_refused() {
        assert_eq!(UserKey::parse(""), Err(CredentialError::Empty));
        assert_eq!(UserKey::parse(&"k".repeat(257)), Err(CredentialError::TooLong));
        for text in ["a\0b", "a\nb", "a\u{7f}"] {
            assert_eq!(UserKey::parse(text), Err(CredentialError::ControlCharacter));
        }
        assert!(UserKey::parse(&"k".repeat(256)).is_ok());
    }

    #[test]
    fn debug_forms_show_no_secret() {
        let shown = format!("{:?} {:?}", Credential::UserKey(UserKey::parse("CANARY").unwrap()), Secret::new("CANARY"));
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}
