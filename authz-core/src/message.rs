//! What one function publishes and the other receives: *this key has uses that 3scale does not know*.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::cache::CacheKey;
use crate::credential::Caller;
use crate::keyring::Keyring;
use crate::threescale::{ServiceId, Usage};

/// Asks for a collection. It counts nothing itself, so a doubled message does no harm.
///
/// Its wire form is JSON, version 1:
/// `{"v":1,"key":"authz:1:…","service":"…","usage":{"hits":1},"caller":"<sealed>","correlation_id":"…"}`.
/// The caller is sealed for this key, so topic, queue and dead-letter queue never show it. Fields that a later release
/// adds are passed over; one that changes what a message means comes with a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    #[serde(rename = "v")]
    version: u64,
    /// Which ledger.
    pub key: CacheKey,
    /// Which service of 3scale.
    pub service: ServiceId,
    /// What one call uses.
    pub usage: Usage,
    /// Whose uses, sealed.
    caller: String,
    /// Joins this message to the invocation that published it.
    pub correlation_id: String,
}

impl Message {
    const VERSION: u64 = 1;

    /// Writes a message, and seals the caller.
    pub fn new(
        keyring: &Keyring,
        key: CacheKey,
        service: ServiceId,
        usage: Usage,
        caller: &Caller,
        correlation_id: String,
    ) -> Self {
        let caller = keyring.seal(caller, key.as_str());
        Self { version: Self::VERSION, key, service, usage, caller, correlation_id }
    }

    /// Writes the wire form.
    pub fn encode(&self) -> String {
        // Nothing in a message can fail to serialize; an empty text would be refused by the reader.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the wire form.
    pub fn decode(text: &str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Versioned {
            #[serde(rename = "v")]
            version: u64,
            #[serde(default)]
            key: Value,
        }
        let Versioned { version, key } = serde_json::from_str(text).map_err(|_| MessageError::NotAMessage)?;
        if version != Self::VERSION {
            return Err(MessageError::Version(version));
        }
        if key.as_str().is_some_and(|key| CacheKey::parse(key).is_none()) {
            return Err(MessageError::ForeignLedger);
        }
        serde_json::from_str(text).map_err(|_| MessageError::NotAMessage)
    }

    /// Opens the caller, unless anything but the correlation id was changed: the key holds the fingerprint of service,
    /// caller and usage, and the caller opens with this key alone.
    pub fn caller(&self, keyring: &Keyring) -> Result<Caller, MessageError> {
        let caller = keyring.open(&self.caller, self.key.as_str());
        let is_of_key = |caller: &Caller| CacheKey::new(keyring, &self.service, caller, &self.usage) == self.key;
        caller.filter(is_of_key).ok_or(MessageError::SealedElsewhere)
    }
}

/// Why a message can't be used. It never repeats the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// It does not have the form of a message.
    #[error("this is no message of the authorizer")]
    NotAMessage,
    /// A newer release wrote it.
    #[error("the message has version {0}, this release reads version {v}", v = Message::VERSION)]
    Version(u64),
    /// A newer release keeps the ledger, by rules that this one does not know.
    #[error("the message is about a ledger of another version")]
    ForeignLedger,
    /// It was sealed with another secret, or changed on the way.
    #[error("the caller in the message does not open: is `CREDENTIAL_SECRET` the same in both functions?")]
    SealedElsewhere,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{Credential, Referrer, Secret, UserKey};

    fn keyring() -> Keyring {
        Keyring::derive(&Secret::new("s"))
    }

    fn caller() -> Caller {
        Caller { credential: Credential::UserKey(UserKey::parse("CANARY").unwrap()), referrer: None }
    }

    fn message() -> Message {
        let service = ServiceId::parse("7").unwrap();
        let key = CacheKey::new(&keyring(), &service, &caller(), &Usage::hits(1));
        Message::new(&keyring(), key, service, Usage::hits(1), &caller(), "c6af9ac6".to_owned())
    }

    #[test]
    fn the_wire_form_is_stable() {
        let text = r#"{"v":1,"key":"authz:1:7:4YAL0Bgvh2BAIwMYKmyEqQ:wwy5T-rq17UFxXA7JzkyYA","service":"7","usage":{"hits":1},"caller":"esj1bgacpWed4sjUr-wLqwIyhHFw3hDZI-5C8_PSgw","correlation_id":"c6af9ac6"}"#;
        assert_eq!(message().encode(), text);
        assert_eq!(Message::decode(text), Ok(message()));
    }

    #[test]
    fn it_carries_the_caller_to_the_keyring_and_to_nobody_else() {
        assert!(!message().encode().contains("CANARY"));
        assert!(!format!("{:?}", message()).contains("CANARY"));
        assert_eq!(message().caller(&keyring()), Ok(caller()));
        let other = Keyring::derive(&Secret::new("other"));
        assert_eq!(message().caller(&other), Err(MessageError::SealedElsewhere));
    }

    #[test]
    fn what_a_later_release_adds_is_passed_over() {
        let text = message().encode().replace("{\"v\":1,", "{\"v\":1,\"bell\":{\"at\":7},");
        assert_eq!(Message::decode(&text), Ok(message()));
    }

    #[test]
    fn a_ledger_of_another_version_is_nobodys_here() {
        let text = message().encode().replace("authz:1:", "authz:2:");
        assert_eq!(Message::decode(&text), Err(MessageError::ForeignLedger));
    }

    #[test]
    fn a_message_that_was_changed_does_not_open() {
        let other = Caller { referrer: Referrer::parse("example.com"), ..caller() };
        let key = CacheKey::new(&keyring(), &ServiceId::parse("7").unwrap(), &other, &Usage::hits(1));
        for changed in [
            Message { service: ServiceId::parse("8").unwrap(), ..message() },
            Message { usage: Usage::hits(1_000_000), ..message() },
            Message { key, ..message() },
            Message { caller: keyring().seal(&other, message().key.as_str()), ..message() },
        ] {
            assert_eq!(changed.caller(&keyring()), Err(MessageError::SealedElsewhere), "{changed:?}");
        }
    }

    #[test]
    fn a_message_of_another_version_is_told_apart_from_none() {
        assert_eq!(Message::decode(r#"{"v":2,"anything":true}"#), Err(MessageError::Version(2)));
        for text in ["", "{}", "[]", r#"{"v":1}"#, r#"{"v":1,"key":"authz:1:x","service":"","usage":{}}"#] {
            assert_eq!(Message::decode(text), Err(MessageError::NotAMessage), "{text}");
        }
    }
}
