//! Which service is asked, and by which right.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::credential::Secret;
use crate::mapping::MappingRules;

/// A service of 3scale (a product, in its newer words), our right to ask about it, and its mapping rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Our right.
    pub access: Access,
    /// What a call uses of it; without rules one of `hits`.
    pub rules: Option<MappingRules>,
}

/// The secret that opens the Service Management API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Bound to services; the modern way.
    ServiceToken(Secret),
    /// Opens the whole account; 3scale calls it deprecated.
    ProviderKey(Secret),
}

impl Access {
    /// Returns the secret, whichever it is.
    pub fn secret(&self) -> &Secret {
        match self {
            Self::ServiceToken(secret) | Self::ProviderKey(secret) => secret,
        }
    }
}

/// A service's id: 1 to 64 letters, digits, `_`, `.` or `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceId(String);

impl ServiceId {
    /// Accepts an id; `None` if it is empty, too long or of another alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        (plain && (1..=64).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ServiceId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a service id has 1 to 64 letters, digits, `_`, `.` or `-`")
    }
}

impl From<ServiceId> for String {
    fn from(id: ServiceId) -> Self {
        id.0
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
