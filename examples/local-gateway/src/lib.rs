//! API Gateway on this machine.
//!
//! Real HTTP comes in, becomes the event that API Gateway would send, goes to the authorizer's own code, and the policy
//! that comes back is enforced. What AWS and 3scale would be is in this process or on loopback:
//!
//! ```text
//!   curl ──▶ front ──event──▶ Authorizer ──▶ cache in memory, 3scale (a stub, unless another is named)
//!              │ ◀──policy──       └─ message ──▶ queue ──▶ Collector ──▶ 3scale
//!              └──▶ echo, or a real API
//! ```

mod backend;
mod event;
mod front;
mod queue;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use authz_core::settings::{Settings, SettingsError};
use lambda_shell::{Authorizer, Cache, Clock, Collector, HttpError, Log, Outbox, Threescale, http_client, tls};
use thiserror::Error;
use threescale_stub::{DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use backend::Backend;
use front::Front;
use queue::Queue;

/// What a gateway is made of.
#[derive(Debug)]
pub struct Config {
    /// Variables as the Lambda functions read them. Without `threescale`, those that name 3scale are the stub's.
    pub variables: BTreeMap<String, String>,
    /// The URL of a real Service Management API, in place of the stub.
    pub threescale: Option<String>,
    /// The URL of a real API, in place of the echo.
    pub upstream: Option<String>,
    /// What the authorizer reads the time from.
    pub clock: Clock,
    /// What the stub reads the time from.
    pub threescale_clock: threescale_stub::Clock,
    /// What the functions tell an operator.
    pub log: Log,
}

/// A gateway that listens. Dropping it ends it.
#[derive(Debug)]
#[must_use = "a dropped gateway listens no longer"]
pub struct Gateway {
    address: SocketAddr,
    serving: JoinHandle<()>,
    stub: Option<threescale_stub::Server>,
}

/// Why a gateway does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable is wrong.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// `--upstream` is no URL.
    #[error("`--upstream` must be a URL such as `http://127.0.0.1:8080`")]
    Upstream,
    /// The HTTPS client can't be built.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// No address on loopback is free for the stub, or the gateway's own can't be read.
    #[error("can't listen: {0}")]
    Listen(#[from] io::Error),
}

impl Gateway {
    /// Starts a gateway in tasks of the current runtime.
    pub async fn start(listener: TcpListener, config: Config) -> Result<Self, StartError> {
        let Config { mut variables, threescale, upstream, clock, threescale_clock, log } = config;
        let (stub, account) = if let Some(url) = threescale {
            variables.insert("THREESCALE_BACKEND_URL".to_owned(), url);
            (None, None)
        } else {
            let account = Arc::new(Mutex::new(threescale_stub::demo()));
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let stub = threescale_stub::Server::start(listener, Arc::clone(&account), threescale_clock)?;
            variables.insert("THREESCALE_BACKEND_URL".to_owned(), stub.url());
            variables.insert("THREESCALE_SERVICE_ID".to_owned(), DEMO_SERVICE_ID.to_owned());
            variables.insert("THREESCALE_SERVICE_TOKEN".to_owned(), DEMO_SERVICE_TOKEN.to_owned());
            (Some(stub), Some(account))
        };
        let settings = Arc::new(Settings::read(&variables)?);
        let client = http_client(&tls()?)?;
        let (cache, threescale) = (Cache::memory(), Threescale::new(client.clone(), &settings.backend_url));
        let (outbox, inbox) = Outbox::new();
        let collector = Collector {
            settings: Arc::clone(&settings),
            cache: cache.clone(),
            threescale: threescale.clone(),
            clock: clock.clone(),
            log: log.clone(),
        };
        let front = Front {
            authorizer: Authorizer { settings, cache, threescale, outbox, clock, log },
            backend: Backend::new(client, upstream)?,
            queue: Queue::start(collector, inbox),
            account,
        };
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async {
            // It ends with the gateway; accepting does not fail.
            let _ = axum::serve(listener, front.router()).await;
        });
        Ok(Self { address, serving, stub })
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the 3scale stub, to make it fail.
    pub fn stub(&self) -> Option<&threescale_stub::Server> {
        self.stub.as_ref()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
