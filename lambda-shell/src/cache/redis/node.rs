//! One server, alone or of a cluster.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authz_core::settings::CacheServer;
use authz_core::time::UnixTime;
use redis::Value;
use rustls::ClientConfig;

use super::failure::Failure;
use super::link::{Address, Link};
use super::request::Request;
use crate::CacheError;
use crate::breaker::Breaker;

/// How servers are reached, whatever their addresses: by TLS or not, as which user, in which time.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) server: CacheServer,
    pub(super) tls: Arc<ClientConfig>,
}

/// A server, the connection to it, which is made anew when it breaks, and how well the server has been.
pub(super) struct Node {
    pub(super) address: Address,
    access: Arc<Access>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    breaker: Breaker,
}

impl Node {
    /// A server to which nothing is connected yet.
    pub(super) fn new(address: Address, access: &Arc<Access>) -> Self {
        Self { address, access: Arc::clone(access), state: Mutex::default() }
    }

    /// Connects, so that the first request does not have to.
    pub(super) async fn connect(&self) -> Result<(), CacheError> {
        self.link().await.map(drop)
    }

    /// Whether there is a connection that was good when it was last used.
    pub(super) fn is_connected(&self) -> bool {
        self.state().link.is_some()
    }

    /// Sends a request, unless the server is to be left alone for a while.
    pub(super) async fn ask(&self, now: UnixTime, request: &Request<'_>) -> Result<Value, Failure> {
        if !self.state().breaker.lets_through(now) {
            return Err(CacheError::Resting.into());
        }
        let answer = self.attempt(request).await;
        match &answer {
            Err(failure) if !failure.is_answer() => self.state().breaker.failed(now),
            _ => self.state().breaker.succeeded(),
        }
        answer
    }

    /// Sends a request, and once more over a new connection if the old one broke before anything was written to it: that
    /// happens to connections that idle while a function is frozen.
    pub(super) async fn attempt(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let mut link = self.link().await?;
        let written = link.written();
        match request.send(&mut link.connection).await {
            Err(error) if error.is_connection_dropped() && link.written() == written => {
                self.forget(&link);
                let mut link = self.link().await?;
                request.send(&mut link.connection).await.map_err(|error| self.judge(&link, &error))
            }
            answer => answer.map_err(|error| self.judge(&link, &error)),
        }
    }

    async fn link(&self) -> Result<Link, CacheError> {
        if let Some(link) = &self.state().link {
            return Ok(link.clone());
        }
        let Access { server, tls } = &*self.access;
        let opening = tokio::time::timeout(server.timeout, Link::open(&self.address, server, tls));
        let link = opening.await.unwrap_or(Err(CacheError::NotConnected))?;
        self.state().link = Some(link.clone());
        Ok(link)
    }

    fn judge(&self, link: &Link, error: &redis::RedisError) -> Failure {
        let failure = Failure::of(error, &self.address);
        if failure.ends_the_link() {
            self.forget(link);
        }
        failure
    }

    fn forget(&self, link: &Link) {
        let mut state = self.state();
        if state.link.as_ref().is_some_and(|current| current.is(link)) {
            state.link = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.address)
    }
}
