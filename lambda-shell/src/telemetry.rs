//! What an operator reads: lines of JSON, and in the same lines what CloudWatch counts.
//!
//! There is one for each decision, each collection, and each thing that went wrong. `docs/log.schema.json` says what is in
//! them.

mod collection;
mod decision;
mod embedded;
mod function_log;
mod invocation;
mod line;
mod metric;
#[cfg(feature = "schema")]
mod schema;

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use authz_core::settings::Logging;
use serde::Serialize;

use crate::Clock;
pub(crate) use decision::{Decided, Upstream};
pub(crate) use function_log::FunctionLog;
pub use invocation::Invocation;
pub(crate) use invocation::Role;
use invocation::Starts;
pub use metric::{Metric, Unit};
#[cfg(feature = "schema")]
pub use schema::log_schema;

/// Where the lines go, which of them, and where they come from.
#[derive(Clone)]
pub struct Log {
    write: Arc<dyn Fn(&str) + Send + Sync>,
    logging: Arc<Logging>,
    function_name: Option<Arc<str>>,
    clock: Clock,
    starts: Arc<Starts>,
}

impl Log {
    /// Writes to standard output, as Lambda expects it.
    pub fn stdout() -> Self {
        Self::to(|line| {
            // In one piece: in two, a long line would be two writes. A log that nobody takes is no reason to fail a caller.
            let _ = std::io::stdout().lock().write_all(&[line.as_bytes(), b"\n"].concat());
        })
    }

    /// Hands each line to `write`.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            write: Arc::new(write),
            logging: Arc::default(),
            function_name: None,
            clock: Clock::system(),
            starts: Arc::default(),
        }
    }

    /// Tells what an operator wants to be told, and where it comes from.
    #[must_use]
    pub fn of(self, logging: &Logging) -> Self {
        Self { logging: Arc::new(logging.clone()), ..self }
    }

    /// Reads the time of each line from `clock`.
    #[must_use]
    pub fn timed_by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Tells the function's name in AWS, if it has one.
    #[must_use]
    pub fn of_function(self, name: Option<&str>) -> Self {
        Self { function_name: name.map(Arc::from), ..self }
    }

    fn write(&self, line: &impl Serialize) {
        // Texts and numbers can't fail to serialize.
        (self.write)(&serde_json::to_string(line).unwrap_or_default());
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log(..)")
    }
}

#[cfg(test)]
mod tests;
