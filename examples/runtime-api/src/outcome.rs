//! What comes of starting and of invoking a function.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// One event, handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The request id the function was given.
    pub request_id: String,
    /// The body the function answered with, or the error Lambda reports to its caller.
    pub answer: Result<String, FunctionError>,
}

/// A failed invocation or init phase, in the two fields every Lambda error has.
///
/// Lambda's own: `Sandbox.Timedout` for `Task timed out after 3.00 seconds`, `Runtime.ExitError` for a
/// process that ended, `Function.ResponseSizeTooLarge`. Every other type was chosen by the function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {error_message}")]
pub struct FunctionError {
    /// `errorType` of the error's JSON.
    pub error_type: String,
    /// `errorMessage` of the error's JSON.
    pub error_message: String,
}

/// Why a function is not running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port on loopback could be had.
    #[error("no port on loopback to serve the Runtime API on")]
    Listen(#[source] io::Error),
    /// The program could not be run.
    #[error("`{}` could not be run", program.display())]
    Spawn {
        /// The program as configured.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The init phase failed: an error was posted, the process ended, or ten seconds passed.
    #[error("the init phase failed")]
    Init(#[source] FunctionError),
}

/// Why an event was handled by nobody.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// Lambda takes JSON only (`InvalidRequestContentException`).
    #[error("the event is not JSON")]
    InvalidEvent(#[source] serde_json::Error),
    /// The last process was lost and no other could be started. An init phase that fails is not
    /// here but in [`Invocation::answer`], as Lambda's caller sees it.
    #[error("the function could not be started again")]
    Start(#[source] StartError),
    /// The asynchronous runtime that [`Function::start`](crate::Function::start) ran in is gone.
    #[error("the function is stopped")]
    Stopped,
}

pub(crate) type Answer = Result<String, FunctionError>;

impl FunctionError {
    /// Lambda's error for a function that took longer than it may.
    pub(crate) fn timed_out(limit: Duration) -> FunctionError {
        FunctionError {
            error_type: "Sandbox.Timedout".to_owned(),
            error_message: format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
        }
    }

    /// Lambda's error for a process that ended; an unknown status counts as none given.
    pub(crate) fn exited(status: Option<ExitStatus>) -> FunctionError {
        let error_message = match status.and_then(reason) {
            Some(reason) => format!("Runtime exited with error: {reason}"),
            None => "Runtime exited without providing a reason".to_owned(),
        };
        FunctionError { error_type: "Runtime.ExitError".to_owned(), error_message }
    }

    /// Lambda's error for an answer above the limit for synchronous invocations.
    pub(crate) fn answer_too_large(limit: usize) -> FunctionError {
        FunctionError {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
        }
    }

    /// Lambda's own errors name the request; those a function reports are passed on as they are.
    pub(crate) fn in_request(mut self, request_id: &str) -> FunctionError {
        self.error_message = format!("RequestId: {request_id} Error: {}", self.error_message);
        self
    }
}

/// The words of Go's `os/exec`, which Lambda's messages are made with.
fn reason(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(0), _) | (None, None) => None,
        (Some(code), _) => Some(format!("exit status {code}")),
        (None, Some(6)) => Some("signal: aborted".to_owned()),
        (None, Some(9)) => Some("signal: killed".to_owned()),
        (None, Some(11)) => Some("signal: segmentation fault".to_owned()),
        (None, Some(15)) => Some("signal: terminated".to_owned()),
        (None, Some(number)) => Some(format!("signal: signal {number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn message(wait_status: i32) -> String {
        FunctionError::exited(Some(ExitStatus::from_raw(wait_status))).error_message
    }

    #[test]
    fn an_exit_is_told_as_lambda_tells_it() {
        assert_eq!(message(1 << 8), "Runtime exited with error: exit status 1");
        assert_eq!(message(9), "Runtime exited with error: signal: killed");
        assert_eq!(message(0), "Runtime exited without providing a reason");
    }

    #[test]
    fn a_time_out_is_told_with_two_decimals_and_the_request() {
        let error = FunctionError::timed_out(Duration::from_secs(3)).in_request("r-1");
        assert_eq!(error.error_message, "RequestId: r-1 Error: Task timed out after 3.00 seconds");
    }
}
