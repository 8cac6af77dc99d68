//! The one HTTP client of a process.

use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// The client can't be built on this machine.
#[derive(Debug, Error)]
#[error("the HTTPS client can't be built: {0}")]
pub struct HttpError(String);

/// Makes a client. Its clones share connections, which are kept open; nothing is connected yet.
///
/// It follows no redirect, because requests carry secrets, and repeats none that was sent.
pub fn http_client(tls: &Arc<ClientConfig>) -> Result<reqwest::Client, HttpError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(ClientConfig::clone(tls))
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .build()
        .map_err(|error| HttpError(error.without_url().to_string()))
}

/// Makes the TLS settings of every connection of a process.
///
/// Mozilla's root certificates are compiled in: the system's take milliseconds to load at each cold start.
pub fn tls() -> Result<Arc<ClientConfig>, HttpError> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
