//! An account at 3scale: a real one, or the stub's.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use threescale_stub::{Backend, Clock, DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, Server};
use tokio::net::TcpListener;

/// An account at 3scale.
#[derive(Debug)]
pub(crate) enum Account {
    /// Behind a URL.
    Elsewhere,
    /// In this process.
    Demo(Demo),
}

/// The stub's account, which can be looked at and changed.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) server: Server,
    backend: Arc<Mutex<Backend>>,
}

impl Account {
    pub(crate) fn elsewhere(url: String, variables: &mut BTreeMap<String, String>) -> Self {
        variables.insert("THREESCALE_BACKEND_URL".to_owned(), url);
        Self::Elsewhere
    }

    /// Starts the stub. A token or a service id that is set stays, so that a wrong one can be tried.
    pub(crate) async fn demo(clock: Clock, variables: &mut BTreeMap<String, String>) -> io::Result<Self> {
        let backend = Arc::new(Mutex::new(threescale_stub::demo()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let server = Server::start(listener, Arc::clone(&backend), clock)?;
        variables.insert("THREESCALE_BACKEND_URL".to_owned(), server.url());
        set_if_missing(variables, "THREESCALE_SERVICE_TOKEN", DEMO_SERVICE_TOKEN);
        // A map of services names them itself.
        if variables.get("SERVICES_MAP").is_none_or(String::is_empty) {
            set_if_missing(variables, "THREESCALE_SERVICE_ID", DEMO_SERVICE_ID);
        }
        Ok(Self::Demo(Demo { server, backend }))
    }
}

impl Demo {
    pub(crate) fn backend(&self) -> MutexGuard<'_, Backend> {
        self.backend.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets a variable that is empty or not there.
pub(crate) fn set_if_missing(variables: &mut BTreeMap<String, String>, name: &str, text: &str) {
    if variables.get(name).is_none_or(String::is_empty) {
        variables.insert(name.to_owned(), text.to_owned());
    }
}
