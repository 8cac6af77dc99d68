//! What keeps credentials out of every store: fingerprints instead of keys, sealed texts instead of plain ones.

use std::{fmt, iter};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::credential::{Credential, Secret, UserKey};

/// Keys derived from one secret, `CREDENTIAL_SECRET`.
///
/// Whoever has the secret can join fingerprints to credentials and open sealed ones; nobody else can.
#[derive(Clone)]
pub struct Keyring {
    fingerprints: Hmac<Sha256>,
    seal: Aes256GcmSiv,
}

/// 128 bits that name something secret, as 22 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
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

    /// Names a credential in logs, policies and metrics.
    pub fn credential_fingerprint(&self, credential: &Credential) -> Fingerprint {
        let texts = credential.parameters().into_iter().flat_map(|(name, value)| [name, value]);
        self.fingerprint(iter::once("credential").chain(texts))
    }

    /// Fingerprints a list of texts; no two different lists run together, because each text is led by its length.
    pub(crate) fn fingerprint<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Fingerprint {
        let mut mac = self.fingerprints.clone();
        for text in texts {
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        let (half, _) = bytes.split_at(16);
        Fingerprint(URL_SAFE_NO_PAD.encode(half))
    }

    /// Seals a credential so that only this keyring opens it, and only with the same `context`.
    ///
    /// The same credential in the same context gives the same text: AES-GCM-SIV (RFC 8452) with a fixed nonce keeps
    /// everything secret but that equality, and the context, a cache key, tells as much anyway.
    pub fn seal(&self, credential: &Credential, context: &str) -> String {
        let Credential::UserKey(key) = credential;
        let payload = Payload { msg: key.expose().as_bytes(), aad: context.as_bytes() };
        // Encrypting fails only beyond 64 GiB of plain text; an empty text never opens.
        let sealed = self.seal.encrypt(&Nonce::default(), payload).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what [`Self::seal`] sealed; `None` if it was sealed by another secret, for another context, or changed.
    pub fn open(&self, sealed: &str, context: &str) -> Option<Credential> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let payload = Payload { msg: &sealed, aad: context.as_bytes() };
        let plain = self.seal.decrypt(&Nonce::default(), payload).ok()?;
        UserKey::parse(std::str::from_utf8(&plain).ok()?).ok().map(Credential::UserKey)
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
    fn texts_do_not_run_together() {
        let keyring = keyring("secret");
        assert_ne!(keyring.fingerprint(["ab", "c"]), keyring.fingerprint(["a", "bc"]));
    }

    #[test]
    fn a_sealed_credential_opens_only_here_and_in_its_context() {
        let sealed = keyring("secret").seal(&user_key("CANARY"), "authz:1:7:x");
        assert!(!sealed.contains("CANARY"));
        assert_eq!(keyring("secret").open(&sealed, "authz:1:7:x"), Some(user_key("CANARY")));
        assert_eq!(keyring("secret").open(&sealed, "authz:1:7:y"), None);
        assert_eq!(keyring("other").open(&sealed, "authz:1:7:x"), None);
        assert_eq!(keyring("secret").open(&sealed[1..], "authz:1:7:x"), None);
        assert_eq!(keyring("secret").open("not base64!", ""), None);
    }
}
