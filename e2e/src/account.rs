//! 3scale: what it holds, and how it can be reached.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use threescale_stub::{Backend, Clock, Endpoint, Fault, Request, Server};
use tokio::net::{TcpListener, TcpSocket};

use crate::port::bound_again;

/// An account of 3scale on a port of its own.
#[derive(Debug)]
pub struct Account {
    address: SocketAddr,
    clock: Clock,
    backend: Arc<Mutex<Backend>>,
    server: Option<Server>,
    /// While closed, the port stays ours and refuses connections.
    reserved: Option<TcpSocket>,
}

impl Account {
    /// Serves an account.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn serve(backend: Backend, clock: Clock) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let mut account = Self { address, clock, backend: Arc::new(Mutex::new(backend)), server: None, reserved: None };
        account.listen(listener);
        account
    }

    /// Returns its URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Makes it fail in this way, or work again.
    ///
    /// # Panics
    ///
    /// If it is closed.
    pub fn set_fault(&self, fault: impl Into<Option<Fault>>) {
        self.server().set_fault(fault);
    }

    /// Lets the caller choose how each request fails, or that it does not.
    ///
    /// # Panics
    ///
    /// If it is closed.
    pub fn choose_faults(&self, choose: impl FnMut(&Request) -> Option<Fault> + Send + 'static) {
        self.server().choose_faults(choose);
    }

    /// Closes its connections, and refuses new ones.
    pub async fn close(&mut self) {
        let Some(server) = self.server.take() else { return };
        server.stop().await;
        self.reserved = Some(bound_again(self.address).await);
    }

    /// Takes connections again, after [`Account::close`], and works.
    ///
    /// # Panics
    ///
    /// If its port is not to be had.
    pub fn open(&mut self) {
        if let Some(socket) = self.reserved.take() {
            self.listen(socket.listen(BACKLOG).expect("a bound socket can listen"));
        }
    }

    /// Closes every connection, and listens on the same port again.
    pub async fn restart(&mut self) {
        self.close().await;
        self.open();
    }

    /// Returns how many uses it counted of a user key.
    ///
    /// # Panics
    ///
    /// If it panicked before.
    pub fn counted(&self, user_key: &str) -> u64 {
        let counted = self.backend().counted();
        counted.get(user_key).and_then(|metrics| metrics.get("hits")).copied().unwrap_or_default()
    }

    /// Returns how many requests for this it answered.
    ///
    /// # Panics
    ///
    /// If it panicked before.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.backend().requests(endpoint)
    }

    /// Returns what it holds, to look at it and to change it.
    ///
    /// # Panics
    ///
    /// If it panicked before.
    pub fn backend(&self) -> MutexGuard<'_, Backend> {
        self.backend.lock().expect("a backend that did not panic")
    }

    fn listen(&mut self, listener: TcpListener) {
        let server = Server::start(listener, Arc::clone(&self.backend), self.clock.clone());
        self.server = Some(server.expect("a bound socket has an address"));
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("an account that is open")
    }
}

const BACKLOG: u32 = 1024;
