//! API Gateway on this machine.
//!
//! Real HTTP comes in, becomes the event that API Gateway would send, goes to the authorizer's own code, and the answer
//! that comes back is enforced; [`authz_core::gateway`] says how. What AWS and 3scale would be is in this process or on
//! loopback:
//!
//! ```text
//!   curl ──▶ front ──event──▶ Authorizer ──▶ cache in memory, 3scale (a stub, unless another is named)
//!              │ ◀──answer──       └─ message ──▶ queue ──▶ Collector ──▶ 3scale
//!              └──▶ echo, or a real API
//! ```
//!
//! With a bootstrap the authorizer is a built binary behind Lambda's Runtime API, and its messages come over a topic.

mod account;
mod answer;
mod backend;
mod call;
mod config;
mod front;
mod function;
mod local;
mod queue;
mod topic;
mod websocket;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use authz_core::gateway::{self, ApiError, IdentitySourceError};
use authz_core::settings::{Settings, SettingsError};
use authz_core::time::UnixTime;
use lambda_shell::{Authorizer, Cache, Clock, Collector, HttpError, Outbox, Threescale, http_client, read_files, tls};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use account::Account;
use backend::Backend;
pub use config::{AccessLog, ApiConfig, Config, Kind};
use front::Front;
use function::Function;
use queue::Queue;

/// A gateway that listens. Dropping it ends it.
#[derive(Debug)]
#[must_use = "a dropped gateway listens no longer"]
pub struct Gateway {
    address: SocketAddr,
    serving: JoinHandle<()>,
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
    /// `--upstream` is named where nothing is passed on.
    #[error("a WebSocket API has an echo behind it: leave `--upstream` out")]
    UpstreamOfWebSocket,
    /// API Gateway would not take the API.
    #[error("API Gateway would refuse the API: {0}")]
    Api(#[from] ApiError),
    /// `--identity-source` is none.
    #[error("{0}; correct `--identity-source`")]
    IdentitySource(#[from] IdentitySourceError),
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
        let Config { mut variables, authrep_async, threescale, upstream, bootstrap, api, clock: hand, .. } = config;
        let account = match threescale {
            Some(url) => Account::elsewhere(url, &mut variables),
            None => Account::demo(hand.clone(), &mut variables).await?,
        };
        let clock = clock_of(&hand);
        let (outbox, inbox) = Outbox::new();
        if bootstrap.is_some() {
            topic::name(outbox.clone(), &mut variables).await?;
        }
        read_files(&mut variables)?;
        let settings = Arc::new(Settings::read(&variables)?);
        let log = config.log.of(&settings.logging).timed_by(clock.clone());
        if upstream.is_some() && api.kind == Kind::WebSocket {
            return Err(StartError::UpstreamOfWebSocket);
        }
        let api = api.api(&settings)?;
        let gateway = Arc::new(Mutex::new(gateway::Gateway::new(api)?));
        let tls = tls(settings.ca_file.as_deref())?;
        let client = http_client(&tls)?;
        let cache = settings.cache.as_ref().map_or_else(Cache::memory, |server| Cache::on(Some(server), tls));
        let threescale = |settings: &Settings| Threescale::new(client.clone(), &settings.backend_url);
        let told = Settings::read(&variables.clone().into_iter().chain(authrep_async).collect())?;
        let collector = Collector {
            threescale: threescale(&told),
            settings: Arc::new(told),
            cache: cache.clone(),
            clock: clock.clone(),
            log: log.clone(),
        };
        let function = if let Some(program) = bootstrap {
            Function::bootstrap(program, &variables).await?
        } else {
            let (threescale, allowance, clock) = (threescale(&settings), Arc::default(), clock.clone());
            Function::InProcess(Authorizer { settings, cache, threescale, outbox, clock, log, allowance })
        };
        let (backend, queue) = (Backend::new(client, upstream)?, Queue::start(collector.clone(), inbox));
        let (account, access_log) = (Arc::new(account), config.access_log);
        let front = Front { gateway, function, backend, queue, collector, account, clock, hand, access_log };
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async {
            // It ends with the gateway; accepting does not fail.
            let _ = axum::serve(listener, front.service()).await;
        });
        Ok(Self { address, serving })
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

fn clock_of(hand: &threescale_stub::Clock) -> Clock {
    let hand = hand.clone();
    Clock::from_fn(move || UnixTime::from_millis(hand.now_ms()))
}
