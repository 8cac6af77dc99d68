//! Ports of loopback.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::net::TcpSocket;

/// Finds a port that nobody has at this moment. Somebody else may take it before it is used.
///
/// # Panics
///
/// If there is none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Binds a port that was ours a moment ago. Until the socket listens, connections are refused.
///
/// A process that is just being started holds a copy of every socket for a moment, closed ones included, so this may
/// take several attempts.
///
/// # Panics
///
/// If the port is not to be had.
pub async fn bound_again(address: SocketAddr) -> TcpSocket {
    for _ in 0..ATTEMPTS {
        match bound(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => tokio::time::sleep(BETWEEN_ATTEMPTS).await,
            socket => return socket.expect("a port of loopback"),
        }
    }
    panic!("port {} is taken by somebody else", address.port());
}

/// Binds a port; with 0 any that is free.
pub(crate) fn bound(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

const ATTEMPTS: usize = 2000;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);
