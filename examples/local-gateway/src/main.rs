//! `cargo run -p local-gateway`: API Gateway, the authorizer and 3scale on this machine.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use lambda_shell::{Clock, Log};
use local_gateway::{Config, Gateway};
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
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { listen, threescale, upstream } = Arguments::parse();
    let is_stub = threescale.is_none();
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("can't listen on {listen}: {error}; choose another address with --listen");
            return ExitCode::FAILURE;
        }
    };
    let config = Config {
        variables: std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
            .collect(),
        threescale,
        upstream,
        clock: Clock::system(),
        threescale_clock: threescale_stub::Clock::system(),
        log: Log::stdout(),
    };
    let gateway = match Gateway::start(listener, config).await {
        Ok(gateway) => gateway,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    print!("{}", greeting(gateway.address(), is_stub));
    let _ = tokio::signal::ctrl_c().await;
    ExitCode::SUCCESS
}

fn greeting(address: SocketAddr, is_stub: bool) -> String {
    let url = format!("http://{address}");
    if !is_stub {
        return format!("listening on {url}\n\n  curl -i -H 'apikey: YOUR_KEY' {url}/dev/greetings\n\n");
    }
    format!(
        "listening on {url}

keys  {DEMO_USER_KEY:<16}no limits
      {DEMO_TRIAL_USER_KEY:<16}5 hits a minute
      {DEMO_SUSPENDED_USER_KEY:<16}a suspended application

try   curl -i -H 'apikey: {DEMO_USER_KEY}' {url}/dev/greetings
      curl -i -H 'apikey: {DEMO_SUSPENDED_USER_KEY}' {url}/dev/greetings
      curl -i {url}/dev/greetings
      curl '{url}/_local/usage?flush=1'

"
    )
}
