//! A gateway with a demo account, whose clocks stand still.

use std::sync::{Arc, Mutex};

use lambda_shell::{Log, http_client, tls};
use local_gateway::{AccessLog, Config, Gateway, StartError};
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// 2026-11-23 12:00:00 UTC, the first second of a minute.
const NOON_MS: u64 = 1_795_435_200_000;

pub(crate) struct Running {
    pub(crate) gateway: Gateway,
    pub(crate) client: Client,
    pub(crate) hand: threescale_stub::Clock,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    pub(crate) access: Arc<Mutex<Vec<String>>>,
}

/// Starts with the clocks and logs of a test, and else what `config` says.
pub(crate) async fn start_with(config: Config) -> Result<Running, StartError> {
    let hand = threescale_stub::Clock::frozen(NOON_MS);
    let (lines, access) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
    let (written, accessed) = (Arc::clone(&lines), Arc::clone(&access));
    let mut variables = config.variables;
    variables.insert("THREESCALE_TIMEOUT_MS".to_owned(), "10000".to_owned());
    let config = Config {
        variables,
        clock: hand.clone(),
        log: Log::to(move |line| written.lock().unwrap().push(line.to_owned())),
        access_log: AccessLog::to(move |line| accessed.lock().unwrap().push(line.to_owned())),
        ..config
    };
    let gateway = Gateway::start(TcpListener::bind(("127.0.0.1", 0)).await?, config).await?;
    Ok(Running { gateway, client: http_client(&tls(None).unwrap()).unwrap(), hand, lines, access })
}

impl Running {
    pub(crate) async fn get(&self, path: &str, key: Option<&str>) -> Response {
        let mut request = self.client.get(format!("http://{}{path}", self.gateway.address()));
        if let Some(key) = key {
            request = request.header("apikey", key);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn usage(&self) -> Value {
        body(self.get("/_local/usage?flush=1", None).await).await
    }
}

pub(crate) async fn body(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// Status, `x-authorizer-decision`, `x-authorizer-reason`, `x-authorizer-cache`.
pub(crate) fn summary(response: &Response) -> String {
    let header = |name: &str| response.headers().get(name).map_or("-", |value| value.to_str().unwrap());
    let decision = header("x-authorizer-decision");
    let (reason, cache) = (header("x-authorizer-reason"), header("x-authorizer-cache"));
    format!("{} {decision} {reason} {cache}", response.status().as_u16())
}
