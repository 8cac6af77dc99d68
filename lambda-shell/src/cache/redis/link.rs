//! One connection to Redis that knows whether anything was written to it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use authz_core::settings::CacheServer;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisConnectionInfo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::CacheError;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Address {
    /// Reads `HOST:PORT` as this server says it.
    pub(super) fn relative(&self, text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        Some(Self { host: self.host_it_means(host)?, port: port.parse().ok()? })
    }

    /// Reads a host as this server says it: without a name it means its own, and by `?` one that it does not know.
    pub(super) fn host_it_means(&self, name: &str) -> Option<String> {
        match name {
            "" => Some(self.host.clone()),
            "?" => None,
            name => Some(name.to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A connection, and how many bytes went out on it.
///
/// A request that failed while nothing was written was surely not carried out, and can be sent again; a client alone
/// can't tell that from one whose answer was lost.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) connection: MultiplexedConnection,
    written: Arc<AtomicU64>,
}

impl Link {
    /// Connects, and authenticates if there is a secret.
    pub(super) async fn open(
        address: &Address,
        server: &CacheServer,
        tls: &Arc<ClientConfig>,
    ) -> Result<Self, CacheError> {
        let connecting = TcpStream::connect((address.host.as_str(), address.port));
        let tcp = connecting.await.map_err(|_| CacheError::NotConnected)?;
        tcp.set_nodelay(true).map_err(|_| CacheError::NotConnected)?;
        if !server.tls {
            return Self::over(tcp, server).await;
        }
        let name = ServerName::try_from(address.host.clone()).map_err(|_| CacheError::NotConnected)?;
        let connecting = TlsConnector::from(Arc::clone(tls)).connect(name, tcp);
        Self::over(connecting.await.map_err(|_| CacheError::NotConnected)?, server).await
    }

    async fn over<S>(stream: S, server: &CacheServer) -> Result<Self, CacheError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut info = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(username) = &server.username {
            info = info.set_username(username);
        }
        if let Some(token) = &server.auth_token {
            info = info.set_password(token.expose());
        }
        let written = Arc::new(AtomicU64::new(0));
        let stream = Counted { stream, written: Arc::clone(&written) };
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(server.timeout));
        let (connection, driver) = MultiplexedConnection::new_with_config(&info, stream, config)
            .await
            .map_err(|error| CacheError::of(&error))?;
        tokio::spawn(driver);
        Ok(Self { connection, written })
    }

    /// Returns how many bytes went out.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Whether both are the same connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.written, &other.written)
    }
}

/// A stream that counts what is written to it.
struct Counted<S> {
    stream: S,
    written: Arc<AtomicU64>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = &wrote {
            self.written.fetch_add(*count as u64, Ordering::AcqRel);
        }
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_the_server_means_it() {
        let server = Address { host: "teller".to_owned(), port: 1 };
        for (text, expected) in [
            ("10.0.0.7:6379", Some(("10.0.0.7", 6379))),
            ("a.example:6379", Some(("a.example", 6379))),
            ("fd00::7:6379", Some(("fd00::7", 6379))),
            (":6379", Some(("teller", 6379))),
            ("?:6379", None),
            ("a.example", None),
            ("a.example:65536", None),
        ] {
            let expected = expected.map(|(host, port)| Address { host: host.to_owned(), port });
            assert_eq!(server.relative(text), expected, "{text}");
        }
    }
}
