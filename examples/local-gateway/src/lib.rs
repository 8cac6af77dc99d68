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
//!
//! With a bootstrap the authorizer is a built binary behind Lambda's Runtime API, and its messages come over a topic.

mod backend;
mod event;
mod front;
mod function;
mod queue;
mod topic;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use authz_core::settings::{Settings, SettingsError};
use lambda_shell::{Authorizer, Cache, Clock, Collector, HttpError, Log, Outbox, Threescale, http_client, tls};
use thiserror::Error;
use threescale_stub::{DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use backend::Backend;
use front::Front;
use function::Function;
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
    /// A built authorizer, in place of the one in this process.
    pub bootstrap: Option<PathBuf>,
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
    _stub: Option<threescale_stub::Server>,
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
    /// The built authorizer does not start.
    #[error("the bootstrap does not start: {0}")]
    Bootstrap(#[source] runtime_api::StartError),
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
        let Config { mut variables, threescale, upstream, bootstrap, clock, threescale_clock, log } = config;
        let account = match threescale {
            Some(url) => Account::elsewhere(url, &mut variables),
            None => Account::demo(threescale_clock, &mut variables).await?,
        };
        let (outbox, inbox) = Outbox::new();
        name_topic(&outbox, bootstrap.is_some(), &mut variables).await?;
        let settings = Arc::new(Settings::read(&variables)?);
        let tls = tls(settings.ca_file.as_deref())?;
        let client = http_client(&tls)?;
        let cache = settings.cache.as_ref().map_or_else(Cache::memory, |server| Cache::on(Some(server), tls));
        let threescale = Threescale::new(client.clone(), &settings.backend_url);
        let collector = Collector {
            settings: Arc::clone(&settings),
            cache: cache.clone(),
            threescale: threescale.clone(),
            clock: clock.clone(),
            log: log.clone(),
        };
        let function = if let Some(program) = bootstrap {
            Function::bootstrap(program, &variables, settings).await?
        } else {
            let allowance = Arc::default();
            Function::InProcess(Authorizer { settings, cache, threescale, outbox, clock, log, allowance })
        };
        let (backend, queue) = (Backend::new(client, upstream)?, Queue::start(collector, inbox));
        let front = Front { function, backend, queue, account: account.counted };
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async {
            // It ends with the gateway; accepting does not fail.
            let _ = axum::serve(listener, front.router()).await;
        });
        Ok(Self { address, serving, _stub: account.stub })
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An account at 3scale, and what it has counted if it is in this process.
struct Account {
    stub: Option<threescale_stub::Server>,
    counted: Option<Arc<Mutex<threescale_stub::Backend>>>,
}

impl Account {
    fn elsewhere(url: String, variables: &mut BTreeMap<String, String>) -> Self {
        variables.insert("THREESCALE_BACKEND_URL".to_owned(), url);
        Self { stub: None, counted: None }
    }

    async fn demo(clock: threescale_stub::Clock, variables: &mut BTreeMap<String, String>) -> io::Result<Self> {
        let counted = Arc::new(Mutex::new(threescale_stub::demo()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let stub = threescale_stub::Server::start(listener, Arc::clone(&counted), clock)?;
        variables.extend(
            [
                ("THREESCALE_BACKEND_URL", stub.url().as_str()),
                ("THREESCALE_SERVICE_ID", DEMO_SERVICE_ID),
                ("THREESCALE_SERVICE_TOKEN", DEMO_SERVICE_TOKEN),
            ]
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
        );
        Ok(Self { stub: Some(stub), counted: Some(counted) })
    }
}

/// A built authorizer publishes to a topic. Here it is one of this process, with credentials that nobody checks.
async fn name_topic(outbox: &Outbox, is_needed: bool, variables: &mut BTreeMap<String, String>) -> io::Result<()> {
    if is_needed {
        let url = topic::start(outbox.clone()).await?;
        variables.extend(
            [
                ("SNS_TOPIC_ARN", topic::ARN),
                ("AWS_ENDPOINT_URL_SNS", url.as_str()),
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
            ]
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
        );
    }
    Ok(())
}
