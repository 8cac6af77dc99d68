//! TLS to 3scale is verified, connections are kept, and nothing that was sent is sent again.
#![expect(clippy::unwrap_used, reason = "a certificate that can not be made fails its test")]

mod backend;

use std::time::Duration;

use authz_core::credential::{Caller, Credential, Secret, UserKey};
use authz_core::threescale::{Access, Failure, Service, ServiceCall, ServiceId, Usage};
use lambda_shell::{HttpError, Threescale, http_client, tls};

use backend::{Backend, Manners};

const TIME_LIMIT: Duration = Duration::from_secs(20);

fn call() -> ServiceCall {
    let access = Access::ServiceToken(Secret::new("token"));
    let service = Service { id: ServiceId::parse("7").unwrap(), access, rules: None };
    let caller = Caller { credential: Credential::UserKey(UserKey::parse("key").unwrap()), referrer: None };
    ServiceCall::authrep(&service, &caller, &Usage::hits(1))
}

fn client(ca_file: Option<&str>, url: &str) -> Threescale {
    Threescale::new(http_client(&tls(ca_file).unwrap()).unwrap(), url)
}

#[tokio::test]
async fn a_certificate_of_our_own_authority_is_trusted_where_that_is_named() {
    let backend = Backend::start("localhost", Manners::Kept).await;
    let threescale = client(Some(backend.ca_file()), &backend.url("localhost"));
    assert_eq!(threescale.send(&call(), TIME_LIMIT).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let backend = Backend::start("localhost", Manners::Kept).await;
    let threescale = client(None, &backend.url("localhost"));
    assert_eq!(threescale.send(&call(), TIME_LIMIT).await, Err(Failure::NotConnected));
    assert_eq!(backend.requests(), 0);
}

#[tokio::test]
async fn a_certificate_of_another_host_is_not_trusted() {
    let backend = Backend::start("elsewhere.test", Manners::Kept).await;
    let threescale = client(Some(backend.ca_file()), &backend.url("localhost"));
    assert_eq!(threescale.send(&call(), TIME_LIMIT).await, Err(Failure::NotConnected));
    assert_eq!(backend.requests(), 0);
}

#[tokio::test]
async fn a_connection_is_kept_from_call_to_call() {
    let backend = Backend::start("localhost", Manners::Kept).await;
    let threescale = client(Some(backend.ca_file()), &backend.url("localhost"));
    for _ in 0..5 {
        assert_eq!(threescale.send(&call(), TIME_LIMIT).await.unwrap().status, 200);
    }
    assert_eq!((backend.connections(), backend.requests()), (1, 5));
}

#[tokio::test]
async fn a_call_that_was_sent_is_not_sent_again() {
    let backend = Backend::start("localhost", Manners::HangsUp).await;
    let threescale = client(Some(backend.ca_file()), &backend.url("localhost"));
    for calls in 1..=3 {
        assert_eq!(threescale.send(&call(), TIME_LIMIT).await, Err(Failure::CutOff));
        assert_eq!(backend.requests(), calls);
    }
}

#[test]
fn a_file_without_certificates_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for path in [path, "/nowhere/ca.pem"] {
        let error = tls(Some(path)).unwrap_err();
        assert!(matches!(error, HttpError::CaFile { .. }));
        assert!(error.to_string().starts_with(&format!("TLS_CA_FILE `{path}` must be a PEM file")), "{error}");
    }
}
