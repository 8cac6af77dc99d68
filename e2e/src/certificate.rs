//! A certificate that only those trust who are told to.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// A host's certificate and key, and the authority that issued it and nothing else. All are PEM.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) chain: String,
    pub(crate) key: String,
    pub(crate) authority: String,
}

impl Certificate {
    /// Makes one.
    pub(crate) fn of(host: &str) -> Self {
        let mut authority = CertificateParams::default();
        // OpenSSL takes a certificate whose issuer has the same name for its own issuer.
        authority.distinguished_name.push(DnType::CommonName, "authority of a test");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, new_key()).expect("an authority signs itself");
        let key = new_key();
        let host = CertificateParams::new(vec![host.to_owned()]).expect("the name of a host");
        let certificate = host.signed_by(&key, &authority).expect("an authority signs for a host");
        Self { chain: certificate.pem(), key: key.serialize_pem(), authority: authority.pem() }
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
