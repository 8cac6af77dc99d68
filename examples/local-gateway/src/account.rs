//! An account at 3scale: a real one, or the stub's.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use threescale_stub::{DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN};
use tokio::net::TcpListener;

/// An account at 3scale, and what it has counted if it is in this process.
pub(crate) struct Account {
    pub(crate) stub: Option<threescale_stub::Server>,
    pub(crate) counted: Option<Arc<Mutex<threescale_stub::Backend>>>,
}

impl Account {
    pub(crate) fn elsewhere(url: String, variables: &mut BTreeMap<String, String>) -> Self {
        variables.insert("THREESCALE_BACKEND_URL".to_owned(), url);
        Self { stub: None, counted: None }
    }

    pub(crate) async fn demo(
        clock: threescale_stub::Clock,
        variables: &mut BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let counted = Arc::new(Mutex::new(threescale_stub::demo()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let stub = threescale_stub::Server::start(listener, Arc::clone(&counted), clock)?;
        let mut set = |name: &str, text: &str| drop(variables.insert(name.to_owned(), text.to_owned()));
        set("THREESCALE_BACKEND_URL", &stub.url());
        set("THREESCALE_SERVICE_TOKEN", DEMO_SERVICE_TOKEN);
        // A map of services names them itself.
        if variables.get("SERVICES_MAP").is_none_or(String::is_empty) {
            variables.insert("THREESCALE_SERVICE_ID".to_owned(), DEMO_SERVICE_ID.to_owned());
        }
        Ok(Self { stub: Some(stub), counted: Some(counted) })
    }
}
