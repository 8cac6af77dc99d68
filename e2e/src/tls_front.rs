//! TLS before a server that speaks none.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;

/// Accepts TLS for `localhost`, and passes what is in it on to a server. Dropping it closes the port.
#[derive(Debug)]
pub struct TlsFront {
    port: u16,
    directory: TempDir,
    trusted: Arc<ServerConfig>,
    shown: watch::Sender<Arc<ServerConfig>>,
    task: JoinHandle<()>,
}

impl TlsFront {
    /// Opens a port before the server on another, with a certificate by an authority of its own.
    ///
    /// # Panics
    ///
    /// If there is no port.
    pub async fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let certificate = Certificate::of(HOST);
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join(CA_FILE), &certificate.authority).expect("a directory takes files");
        let trusted = showing(&certificate);
        let (shown, now) = watch::channel(Arc::clone(&trusted));
        let task = tokio::spawn(accept(listener, server, now));
        Self { port, directory, trusted, shown, task }
    }

    /// Returns its URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("https://{HOST}:{}", self.port)
    }

    /// Returns the file of the authority that issued its certificate.
    pub fn ca_file(&self) -> String {
        self.directory.path().join(CA_FILE).display().to_string()
    }

    /// Closes its connections, and shows the certificate of an authority that nobody knows.
    pub fn show_strange_certificate(&self) {
        self.shown.send_replace(showing(&Certificate::of(HOST)));
    }

    /// Closes its connections, and shows the first certificate again.
    pub fn show_trusted_certificate(&self) {
        self.shown.send_replace(Arc::clone(&self.trusted));
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn showing(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::from_pem_slice(certificate.chain.as_bytes()).expect("a certificate of our own");
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).expect("a key of our own");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that the provider knows")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key);
    Arc::new(config.expect("a certificate and its key"))
}

async fn accept(listener: TcpListener, server: u16, mut shown: watch::Receiver<Arc<ServerConfig>>) {
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = TlsAcceptor::from(Arc::clone(&shown.borrow_and_update()));
        let mut shown = shown.clone();
        tokio::spawn(async move {
            // A connection that breaks, or that nobody trusts, ends its own task.
            tokio::select! {
                _ = pass(client, server, &acceptor) => {}
                _ = shown.changed() => {}
            }
        });
    }
}

async fn pass(client: TcpStream, server: u16, acceptor: &TlsAcceptor) -> io::Result<()> {
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

const CA_FILE: &str = "ca.pem";
const HOST: &str = "localhost";
