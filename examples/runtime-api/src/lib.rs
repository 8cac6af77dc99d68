//! AWS Lambda's Runtime API and Extensions API on loopback, driving a `bootstrap` as Lambda would.
//!
//! [`Function::start`] starts the program with Lambda's environment variables and waits until its
//! init phase is over; [`Function::invoke`] hands it one event and returns what it answered.
//!
//! ```text
//!  Init ── all asked for an event ──▶ Idle, frozen if so configured ◀─────────┐
//!    │                                  │                                     │
//!    │                                  │ an event: thawed, and delivered     │ all asked
//!    │                                  ▼ to the runtime and the extensions   │ for the next
//!    │                                Busy ── answered: the caller has it ──▶ Settling
//!    │ error, exit, 10 s                │ exit, time limit, error               │
//!    ▼                                  ▼                                       │
//!  Lost: killed; the next event starts a new process ◀──────────────────────────┘
//! ```
//!
//! The rules are those of the [execution environment's life cycle][lifecycle], the
//! [Runtime API][runtime] and the [Extensions API][extensions].
//!
//! For Unix: the process is stopped, continued and killed by signals to its group.
//!
//! Not modelled: external extensions, and so the `SHUTDOWN` event, which internal extensions may not
//! subscribe to; the Logs and Telemetry APIs; `SnapStart`; response streaming (the answer is read whole);
//! memory limits; several events at once in one environment.
//!
//! ```no_run
//! use runtime_api::{Config, Function};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let function = Function::start(Config::new("target/lambda/authorizer/bootstrap")).await?;
//! match function.invoke(r#"{"type":"TOKEN"}"#).await?.answer {
//!     Ok(body) => println!("{body}"),
//!     Err(error) => println!("{} said: {}", error.error_type, error.error_message),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [lifecycle]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
//! [runtime]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//! [extensions]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html

mod api;
mod config;
mod environment;
mod function;
mod keeper;
mod logs;
mod outcome;
mod process;
mod state;

pub use config::Config;
pub use function::Function;
pub use outcome::{FunctionError, Invocation, InvokeError, StartError};
