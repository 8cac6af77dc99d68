//! A port that is given up and taken again.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpSocket;

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
