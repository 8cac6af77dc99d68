//! `cargo run -p local-gateway`: API Gateway, the authorizer and 3scale on this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use authz_core::gateway::GatewayResponses;
use clap::{Parser, ValueEnum};
use local_gateway::{ApiConfig, Config, Gateway, Kind};
use threescale_stub::{DEMO_SUSPENDED_USER_KEY, DEMO_TRIAL_USER_KEY, DEMO_USER_KEY};
use tokio::net::TcpListener;

/// API Gateway on this machine: real HTTP in, the authorizer's own code, policy enforced.
///
/// The authorizer reads the variables that it reads in Lambda, such as `CACHE_GRANT_TTL_SECS` or `FAIL_MODE`.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9100", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// A real Service Management API, such as `https://su1.3scale.net`, opened by `THREESCALE_SERVICE_ID` and
    /// `THREESCALE_SERVICE_TOKEN`; without it a stub answers.
    #[arg(long, value_name = "URL")]
    threescale: Option<String>,
    /// A real API to pass allowed calls on to; without it an echo answers.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// A Redis or Valkey server to cache in, such as `redis://127.0.0.1:6379`; without it the cache is in this process.
    #[arg(long, value_name = "URL")]
    redis: Option<reqwest::Url>,
    /// A built authorizer to run as Lambda would; without it the authorizer is in this process.
    #[arg(long, value_name = "PATH")]
    bootstrap: Option<PathBuf>,
    /// A variable that `authrep-async` reads otherwise than the authorizer; may be given again.
    #[arg(long, value_name = "NAME=TEXT", value_parser = variable)]
    authrep_async: Vec<(String, String)>,
    /// The kind of API, and of its authorizer.
    #[arg(long, value_enum, default_value = "rest-request")]
    api: Kind,
    /// Serve the stage `$default` of an HTTP API at the root; without it the first part of the path is the stage.
    #[arg(long)]
    default_stage: bool,
    /// Where a call shows who calls, as the API writes it, such as `method.request.header.apikey`; may be given again.
    /// Without it that is where the authorizer looks, if it looks in one place.
    #[arg(long = "identity-source", value_name = "SOURCE")]
    identity_sources: Vec<String>,
    /// Whether an HTTP API of payload format 2.0 takes simple responses; without it, whether the authorizer gives them.
    #[arg(long, value_name = "BOOL")]
    simple_responses: Option<bool>,
    /// How long API Gateway itself remembers an answer of the authorizer, at most 3600; 0: not at all.
    #[arg(long, default_value = "0", value_name = "SECS")]
    authorizer_ttl: u64,
    /// What clients of a REST API get in place of API Gateway's own answers.
    #[arg(long, value_enum, default_value = "recommended")]
    gateway_responses: Responses,
}

#[derive(Clone, Copy, ValueEnum)]
enum Responses {
    /// The reason of a denial, and `Retry-After`
    Recommended,
    /// API Gateway's own answers
    Default,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (listen, api, is_stub) = (arguments.listen, arguments.api(), arguments.threescale.is_none());
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("can't listen on {listen}: {error}; choose another address with --listen");
            return ExitCode::FAILURE;
        }
    };
    let mut variables: BTreeMap<_, _> = std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
        .collect();
    if let Some(url) = arguments.redis {
        variables.extend(cache_variables(&url));
    }
    let Arguments { threescale, upstream, bootstrap, authrep_async, .. } = arguments;
    let authrep_async = authrep_async.into_iter().collect();
    let config =
        Config { variables, authrep_async, threescale, upstream, bootstrap, api: api.clone(), ..Config::default() };
    let gateway = match Gateway::start(listener, config).await {
        Ok(gateway) => gateway,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    // Standard output is for programs: lines of JSON alone.
    eprint!("{}", greeting(gateway.address(), is_stub, &api));
    let _ = tokio::signal::ctrl_c().await;
    ExitCode::SUCCESS
}

impl Arguments {
    fn api(&self) -> ApiConfig {
        ApiConfig {
            kind: self.api,
            default_stage: self.default_stage,
            identity_sources: self.identity_sources.clone(),
            simple_responses: self.simple_responses,
            ttl: Duration::from_secs(self.authorizer_ttl),
            responses: match self.gateway_responses {
                Responses::Recommended => GatewayResponses::recommended(),
                Responses::Default => GatewayResponses::none(),
            },
        }
    }
}

fn variable(text: &str) -> Result<(String, String), &'static str> {
    let (name, text) = text.split_once('=').ok_or("a variable is given as NAME=TEXT")?;
    Ok((name.to_owned(), text.to_owned()))
}

/// The variables that name a cache as its URL does: `redis://USER:SECRET@HOST:PORT`, or `rediss` for TLS.
fn cache_variables(url: &reqwest::Url) -> impl Iterator<Item = (String, String)> {
    let port = url.port().unwrap_or(6379).to_string();
    [
        ("ELASTICACHE_ENDPOINT", url.host_str().unwrap_or_default()),
        ("ELASTICACHE_PORT", &port),
        ("ELASTICACHE_TLS", if url.scheme() == "rediss" { "true" } else { "false" }),
        ("ELASTICACHE_USERNAME", url.username()),
        ("ELASTICACHE_AUTH_TOKEN", url.password().unwrap_or_default()),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into_iter()
}

fn greeting(address: SocketAddr, is_stub: bool, api: &ApiConfig) -> String {
    let url = format!("http://{address}");
    let (client, call) = match (api.kind, api.default_stage) {
        (Kind::WebSocket, _) => ("npx wscat", format!("-c ws://{address}/dev")),
        (_, true) => ("curl -i", format!("{url}/greetings")),
        (_, false) => ("curl -i", format!("{url}/dev/greetings")),
    };
    if !is_stub {
        return format!("listening on {url}\n\n  {client} -H 'apikey: YOUR_KEY' {call}\n\n");
    }
    format!(
        "listening on {url}

keys  {DEMO_USER_KEY:<16}no limits
      {DEMO_TRIAL_USER_KEY:<16}5 hits a minute
      {DEMO_SUSPENDED_USER_KEY:<16}a suspended application

try   {client} -H 'apikey: {DEMO_USER_KEY}' {call}
      {client} -H 'apikey: {DEMO_SUSPENDED_USER_KEY}' {call}
      {client} {call}
      curl '{url}/_local/usage?flush=1'

"
    )
}
