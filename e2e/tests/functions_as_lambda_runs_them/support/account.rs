//! 3scale, and what it counted.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use e2e::bound_again;
use threescale_stub::{Application, Backend, Clock, Endpoint, Fault, Plan, Server, Service, ServiceKind};
use tokio::net::TcpListener;

use super::SERVICE_TOKEN;

/// A user key that 3scale knows, and that nobody else may ever see.
pub(crate) const USER_KEY: &str = "CANARY-user-key-0";

/// More of them.
pub(crate) fn user_key(number: usize) -> String {
    format!("CANARY-user-key-{number}")
}

/// A 3scale with one service, whose applications have no limits.
pub(crate) struct Account {
    server: Option<Server>,
    backend: Arc<Mutex<Backend>>,
}

impl Account {
    pub(crate) async fn start() -> Self {
        let unlimited = Plan::new("Unlimited");
        let service = Service::new("7", SERVICE_TOKEN, ServiceKind::UserKey).with_metric("hits");
        let service = (0..APPLICATIONS).fold(service, |service, number| {
            service.with_application(Application::by_user_key(&user_key(number), &unlimited))
        });
        let backend = Arc::new(Mutex::new(Backend::new("CANARY-provider-key").with_service(service)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self { server: Some(serve(listener, &backend)), backend }
    }

    pub(crate) fn url(&self) -> String {
        self.server().url()
    }

    /// Makes it fail in this way, or work again.
    pub(crate) fn set_fault(&self, fault: impl Into<Option<Fault>>) {
        self.server().set_fault(fault);
    }

    /// Closes every connection, and listens on the same port again.
    pub(crate) async fn restart(&mut self) {
        let address = self.server().address();
        self.server.take().unwrap().stop().await;
        let listener = bound_again(address).await.listen(1024).unwrap();
        self.server = Some(serve(listener, &self.backend));
    }

    /// Suspends the application of a user key.
    pub(crate) fn suspend(&self, user_key: &str) {
        self.backend.lock().unwrap().suspend_application("7", user_key).unwrap();
    }

    /// How many uses it counted of a user key.
    pub(crate) fn counted(&self, user_key: &str) -> u64 {
        let counted = self.backend.lock().unwrap().counted();
        counted.get(user_key).and_then(|metrics| metrics.get("hits")).copied().unwrap_or_default()
    }

    /// How many requests for this it answered.
    pub(crate) fn requests(&self, endpoint: Endpoint) -> u64 {
        self.backend.lock().unwrap().requests(endpoint)
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }
}

fn serve(listener: TcpListener, backend: &Arc<Mutex<Backend>>) -> Server {
    Server::start(listener, Arc::clone(backend), Clock::system()).unwrap()
}

const APPLICATIONS: usize = 12;
