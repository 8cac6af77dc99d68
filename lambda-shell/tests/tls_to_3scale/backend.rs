//! A backend behind TLS that authorizes every call.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const YES: &str = "<status><authorized>true</authorized><plan>Basic</plan></status>";

/// What becomes of a connection once a request has come.
#[derive(Clone, Copy)]
pub(crate) enum Manners {
    /// It is answered, and the connection is kept.
    Kept,
    /// The connection is closed without an answer.
    HangsUp,
}

pub(crate) struct Backend {
    port: u16,
    ca_file: NamedTempFile,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicU32,
    requests: AtomicU32,
}

impl Backend {
    /// Starts a backend with a certificate for `host` by an authority of its own.
    pub(crate) async fn start(host: &str, manners: Manners) -> Self {
        let (config, ca_pem) = certified(host);
        let mut ca_file = NamedTempFile::new().unwrap();
        ca_file.write_all(ca_pem.as_bytes()).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), manners, Arc::clone(&counts)));
        Self { port, ca_file, counts }
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.port)
    }

    pub(crate) fn ca_file(&self) -> &str {
        self.ca_file.path().to_str().unwrap()
    }

    pub(crate) fn connections(&self) -> u32 {
        self.counts.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> u32 {
        self.counts.requests.load(Ordering::Relaxed)
    }
}

/// A certificate, and the PEM of the authority that issued it.
fn certified(host: &str) -> (ServerConfig, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (config, authority.pem())
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, manners: Manners, counts: Arc<Counts>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (acceptor, counts) = (acceptor.clone(), Arc::clone(&counts));
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(tcp).await {
                counts.connections.fetch_add(1, Ordering::Relaxed);
                serve(stream, manners, &counts).await;
            }
        });
    }
}

/// A GET ends with an empty line. The connection ends with its client, or as the manners are.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, manners: Manners, counts: &Counts) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while matches!(stream.read_line(&mut line).await, Ok(length) if length > 0) {
        if line == "\r\n" {
            counts.requests.fetch_add(1, Ordering::Relaxed);
            let Manners::Kept = manners else { return };
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{YES}", YES.len());
            let _ = stream.get_mut().write_all(answer.as_bytes()).await;
            let _ = stream.get_mut().flush().await;
        }
        line.clear();
    }
}
