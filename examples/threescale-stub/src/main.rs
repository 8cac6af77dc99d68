//! Serves a demonstration account of 3scale on a local address.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::Parser;
use threescale_stub::{
    Clock, DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, DEMO_SUSPENDED_USER_KEY, DEMO_TRIAL_USER_KEY, DEMO_USER_KEY, Served,
    Server, demo,
};
use tokio::net::TcpListener;

/// Answers like 3scale's Service Management API, from memory.
#[derive(Parser)]
#[command(name = "threescale-stub")]
struct Arguments {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { listen } = Arguments::parse();
    match serve(listen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot listen on {listen}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(listen: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let backend = Arc::new(Mutex::new(demo()));
    let server = Server::start_observed(listener, backend, Clock::system(), |served| print_served(&served))?;
    println!("listening on {}", server.url());
    println!("service id    {DEMO_SERVICE_ID}");
    println!("service token {DEMO_SERVICE_TOKEN}");
    println!("user keys     {DEMO_USER_KEY} (no limits)");
    println!("              {DEMO_TRIAL_USER_KEY} (5 hits a minute)");
    println!("              {DEMO_SUSPENDED_USER_KEY} (suspended)");
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}

fn print_served(served: &Served) {
    let status = served.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    println!("{} {} {status}", served.method, served.endpoint.path());
}
