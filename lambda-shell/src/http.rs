//! The one HTTP client of a process.

use std::sync::Arc;

use authz_core::threescale::Failure;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Request};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Why there is no client.
#[derive(Debug, Error)]
pub enum HttpError {
    /// It can't be built on this machine.
    #[error("the HTTPS client can't be built: {0}")]
    Client(String),
    /// The file of further root certificates can't be read, or holds none.
    #[error("TLS_CA_FILE `{file}` must be a PEM file with certificates: {why}")]
    CaFile {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A whole answer, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Makes a client. Its clones share connections, which are kept open; nothing is connected yet.
///
/// It follows no redirect, because requests carry secrets, and repeats none that was sent.
pub fn http_client(tls: &Arc<ClientConfig>) -> Result<Client, HttpError> {
    Client::builder()
        .tls_backend_preconfigured(ClientConfig::clone(tls))
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .build()
        .map_err(|error| HttpError::Client(error.without_url().to_string()))
}

/// Sends a request and reads its whole answer, of no more than `most` bytes. It does not watch the time.
pub(crate) async fn exchange(client: &Client, request: Request, most: usize) -> Result<Answer, Failure> {
    // An error of the client shows the URL, with its secrets: only its kind is passed on.
    let mut response = client.execute(request).await.map_err(|error| failure(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), body })
}

fn failure(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        Failure::TimedOut
    } else if error.is_connect() || error.is_builder() {
        Failure::NotConnected
    } else {
        Failure::CutOff
    }
}

/// Makes the TLS settings of every connection of a process.
///
/// Mozilla's root certificates are compiled in: the system's take milliseconds to load at each cold start. `ca_file` adds
/// those of a PEM file.
pub fn tls(ca_file: Option<&str>) -> Result<Arc<ClientConfig>, HttpError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = ca_file {
        add_roots(&mut roots, file).map_err(|why| HttpError::CaFile { file: file.to_owned(), why })?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Client(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn add_roots(roots: &mut RootCertStore, file: &str) -> Result<(), String> {
    let mut found = false;
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())? {
        roots.add(certificate.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        found = true;
    }
    if found { Ok(()) } else { Err("there is none in it".to_owned()) }
}
