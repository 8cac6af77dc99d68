//! What keeps credentials out of every store: fingerprints instead of keys, sealed texts instead of plain ones.

use std::fmt::{self, Write as _};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use arrayvec::ArrayString;
use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::credential::{AppId, AppKey, Caller, Credential, Referrer, Secret, UserKey};

/// Keys derived from one secret, `CREDENTIAL_SECRET`.
///
/// Whoever has the secret can join fingerprints to credentials and open sealed ones; nobody else can.
#[derive(Clone)]
pub struct Keyring {
    fingerprints: Hmac<Sha256>,
    seal: Aes256GcmSiv,
}

/// What names something secret: 128 bits, as 22 characters of base64url.
///
/// That of an application's id and key is twice as long, with a dot between: the first half names the application, and is
/// the same for all of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(ArrayString<{ 2 * Fingerprint::HALF + 1 }>);

impl Fingerprint {
    const HALF: usize = 22;

    /// Accepts what has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_half = |half: &str| half.len() == Self::HALF && half.bytes().all(is_letter);
        let (first, second) = text.split_once('.').unzip();
        let is_one = is_half(first.unwrap_or(text)) && second.is_none_or(is_half);
        is_one.then(|| Self::of(text))
    }

    fn of(text: impl fmt::Display) -> Self {
        let mut room = ArrayString::new();
        // There is room for two halves and the dot between them.
        let _ = write!(room, "{text}");
        Self(room)
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Keyring {
    /// Derives the keys from a secret of any length.
    pub fn derive(secret: &Secret) -> Self {
        let root = mac(&Sha256::digest(secret.expose()).into());
        let key = |purpose: &str| -> [u8; 32] { root.clone().chain_update(purpose).finalize().into_bytes().into() };
        Self { fingerprints: mac(&key("fingerprint")), seal: Aes256GcmSiv::new(&key("seal").into()) }
    }

    /// Names a credential in logs, policies and the cache.
    pub fn credential_fingerprint(&self, credential: &Credential) -> Fingerprint {
        let (name, value) = credential.application();
        let application = self.fingerprint(["credential", name, value]);
        match credential.app_key() {
            None => application,
            Some(key) => {
                let key = self.fingerprint(["credential", name, value, "app_key", key.expose()]);
                Fingerprint::of(format_args!("{application}.{key}"))
            }
        }
    }

    /// Fingerprints a list of texts; no two different lists run together, because each text is led by its length.
    pub(crate) fn fingerprint<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) -> Fingerprint {
        let mut mac = self.fingerprints.clone();
        for text in texts {
            let text = text.as_ref();
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        let (half, _) = bytes.split_at(16);
        Fingerprint::of(Base64Display::new(half, &URL_SAFE_NO_PAD))
    }

    /// Seals a caller so that only this keyring opens it, and only with the same `context`.
    ///
    /// The same caller in the same context gives the same text: AES-GCM-SIV (RFC 8452) with a fixed nonce keeps
    /// everything secret but that equality, and the context, a cache key, tells as much anyway.
    pub fn seal(&self, caller: &Caller, context: &str) -> String {
        let plain = Serializer::new(String::new()).extend_pairs(caller.parameters()).finish();
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        // Encrypting fails only beyond 64 GiB of plain text; an empty text never opens.
        let sealed = self.seal.encrypt(&Nonce::default(), payload).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what [`Self::seal`] sealed; `None` if it was sealed by another secret, for another context, or changed.
    pub fn open(&self, sealed: &str, context: &str) -> Option<Caller> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let payload = Payload { msg: &sealed, aad: context.as_bytes() };
        let plain = self.seal.decrypt(&Nonce::default(), payload).ok()?;
        let find = |name: &str| form_urlencoded::parse(&plain).find(|(found, _)| found == name).map(|(_, text)| text);
        let credential = match (find("user_key"), find("app_id")) {
            (Some(key), None) => Credential::UserKey(UserKey::parse(&key).ok()?),
            (None, Some(id)) => Credential::Application {
                id: AppId::parse(&id).ok()?,
                key: find("app_key").map(|key| AppKey::parse(&key)).transpose().ok()?,
            },
            _ => return None,
        };
        Some(Caller { credential, referrer: find("referrer").and_then(|text| Referrer::parse(&text)) })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

/// HMAC-SHA-256 takes a key of one block; a shorter one is filled with zeros (RFC 2104).
fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(secret: &str) -> Keyring {
        Keyring::derive(&Secret::new(secret))
    }

    fn user_key(text: &str) -> Credential {
        Credential::UserKey(UserKey::parse(text).unwrap())
    }

    #[test]
    fn a_fingerprint_is_stable_across_versions() {
        let fingerprint = keyring("secret").credential_fingerprint(&user_key("key"));
        assert_eq!(fingerprint.as_str(), "Ws5fZVImIofSr0dIdcAQPQ");
    }

    #[test]
    fn another_key_or_another_secret_gives_another_fingerprint() {
        let of = |secret, key| keyring(secret).credential_fingerprint(&user_key(key));
        assert_ne!(of("secret", "key"), of("secret", "Key"));
        assert_ne!(of("secret", "key"), of("secret", "key "));
        assert_ne!(of("secret", "key"), of("other", "key"));
    }

    #[test]
    fn the_keys_of_an_application_have_its_fingerprint_in_common() {
        let keyring = keyring("secret");
        let of = |id: &str, key: Option<&str>| {
            let key = key.map(|key| AppKey::parse(key).unwrap());
            keyring.credential_fingerprint(&Credential::Application { id: AppId::parse(id).unwrap(), key }).0
        };
        let halves =
            |key| of("id", Some(key)).split_once('.').map(|(id, key)| (id.to_owned(), key.to_owned())).unwrap();
        let (first, second) = (halves("a"), halves("b"));
        let application = of("id", None);
        assert_eq!((first.0.as_str(), second.0.as_str()), (application.as_str(), application.as_str()));
        assert_ne!(first.1, second.1);
        assert!(!of("other", Some("a")).contains(&first.1), "a key is named together with its application");
    }

    #[test]
    fn a_fingerprint_is_known_by_its_form() {
        let half = "Ws5fZVImIofSr0dIdcAQPQ";
        for text in [half.to_owned(), format!("{half}.{half}")] {
            assert_eq!(Fingerprint::parse(&text).unwrap().as_str(), text);
        }
        for text in ["", "*", &half[1..], &format!("{half}."), &format!("{half}.{half}.{half}"), &"*".repeat(22)] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn texts_do_not_run_together() {
        let keyring = keyring("secret");
        assert_ne!(keyring.fingerprint(["ab", "c"]), keyring.fingerprint(["a", "bc"]));
    }

    #[test]
    fn a_sealed_caller_opens_only_here_and_in_its_context() {
        let caller = Caller { credential: user_key("CANARY &=é"), referrer: Referrer::parse("example.com") };
        let sealed = keyring("secret").seal(&caller, "authz:1:7:x");
        assert!(!sealed.contains("CANARY"));
        assert_eq!(keyring("secret").open(&sealed, "authz:1:7:x"), Some(caller));
        assert_eq!(keyring("secret").open(&sealed, "authz:1:7:y"), None);
        assert_eq!(keyring("other").open(&sealed, "authz:1:7:x"), None);
        assert_eq!(keyring("secret").open(&sealed[1..], "authz:1:7:x"), None);
        assert_eq!(keyring("secret").open("not base64!", ""), None);
    }

    #[test]
    fn an_application_is_sealed_with_its_key_or_without() {
        for key in [None, Some(AppKey::parse("CANARY").unwrap())] {
            let credential = Credential::Application { id: AppId::parse("id").unwrap(), key };
            let caller = Caller { credential, referrer: None };
            let sealed = keyring("secret").seal(&caller, "c");
            assert_eq!(keyring("secret").open(&sealed, "c"), Some(caller));
        }
    }
}
