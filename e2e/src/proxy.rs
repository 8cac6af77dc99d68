//! A stretch of network between cache and server that can misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use authz_core::settings::CacheServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Accepts connections, and passes on what its mode lets through. Dropping it closes the port.
#[derive(Debug)]
pub struct Proxy {
    settings: CacheServer,
    /// The port of the server.
    leads_to: Arc<AtomicU16>,
    mode: watch::Sender<ProxyMode>,
    accepted: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

/// What becomes of requests and replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyMode {
    /// Everything passes.
    Forward,
    /// Connections are closed as soon as they are accepted.
    Close,
    /// Connections are accepted, and nobody ever answers.
    Silence,
    /// Somebody answers who is no Redis.
    Nonsense,
    /// A request passes, and its reply is lost together with the connection.
    LoseReplies,
    /// A request passes, and half of its reply.
    CutReplies,
}

impl Proxy {
    /// Opens a port before a server.
    ///
    /// # Panics
    ///
    /// If there is no port.
    pub async fn before(server: &CacheServer, mode: ProxyMode) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let settings = CacheServer { port, ..server.clone() };
        let (mode, now) = watch::channel(mode);
        let (leads_to, accepted) = (Arc::new(AtomicU16::new(server.port)), Arc::new(AtomicU64::new(0)));
        let task = tokio::spawn(accept(listener, Arc::clone(&leads_to), now, Arc::clone(&accepted)));
        Self { settings, leads_to, mode, accepted, task }
    }

    /// Returns how a cache reaches it.
    pub fn settings(&self) -> CacheServer {
        self.settings.clone()
    }

    /// Goes on in another mode, on open connections, too.
    pub fn set(&self, mode: ProxyMode) {
        self.mode.send_replace(mode);
    }

    /// Leads new connections to another server.
    pub fn lead_to(&self, server: &CacheServer) {
        self.leads_to.store(server.port, Ordering::Relaxed);
    }

    /// Returns how many connections were accepted.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    leads_to: Arc<AtomicU16>,
    mode: watch::Receiver<ProxyMode>,
    accepted: Arc<AtomicU64>,
) {
    while let Ok((client, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::Relaxed);
        let (server, mode) = (leads_to.load(Ordering::Relaxed), mode.clone());
        tokio::spawn(async move {
            // A connection that breaks ends its own task.
            let _ = pass(client, server, mode).await;
        });
    }
}

async fn pass(mut client: TcpStream, server: u16, mode: watch::Receiver<ProxyMode>) -> std::io::Result<()> {
    if *mode.borrow() == ProxyMode::Close {
        return Ok(());
    }
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    let (mut request, mut reply) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            length = client.read(&mut request) => {
                let Some(request) = request.get(..length?).filter(|request| !request.is_empty()) else { return Ok(()) };
                let now = *mode.borrow();
                match now {
                    ProxyMode::Close => return Ok(()),
                    ProxyMode::Silence => {}
                    ProxyMode::Nonsense => client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?,
                    ProxyMode::Forward | ProxyMode::LoseReplies | ProxyMode::CutReplies => server.write_all(request).await?,
                }
            }
            length = server.read(&mut reply) => {
                let Some(reply) = reply.get(..length?).filter(|reply| !reply.is_empty()) else { return Ok(()) };
                let now = *mode.borrow();
                match now {
                    ProxyMode::Forward => client.write_all(reply).await?,
                    ProxyMode::CutReplies => return client.write_all(&reply[..reply.len() / 2]).await,
                    ProxyMode::Close | ProxyMode::Silence | ProxyMode::Nonsense | ProxyMode::LoseReplies => return Ok(()),
                }
            }
        }
    }
}
