//! AWS Lambda's Runtime API on loopback, driving a `bootstrap` as Lambda would.
//!
//! [`Function::start`] starts the program with Lambda's environment variables and waits until its
//! init phase is over; [`Function::invoke`] hands it one event and returns what it answered.
//!
//! ```text
//!  Init ── asked for an event ──▶ Idle, frozen if so configured ◀─────────────┐
//!    │                              │                                         │
//!    │                              │ an event: thawed, and delivered         │ asked
//!    │                              ▼                                         │ for the next
//!    │                            Busy ── answered: the caller has it ──▶ Settling
//!    │ error, exit, 10 s            │ exit, time limit                        │ exit, time limit
//!    ▼                              ▼                                         ▼
//!  Lost: killed; the next event starts a new process
//! ```
//!
//! A function may go on after its answer, to send data to other services for example: until its
//! runtime asks for the next event, it is not frozen, is sent no event, and its time limit runs.
//!
//! The rules are those of the [execution environment's life cycle][lifecycle], the
//! [Runtime API][runtime] and [custom runtimes][custom].
//!
//! For Unix: the process is stopped, continued and killed by signals to its group.
//!
//! Not modelled: extensions of any kind, and so the SIGTERM that announces a shutdown to functions that
//! have one; the Logs and Telemetry APIs; `SnapStart`; response streaming (the answer is read whole);
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
//! [custom]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html

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
