//! The two functions as Lambda runs them.

mod startup;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use authz_core::time::UnixTime;
use lambda_runtime::tower::util::AndThenLayer;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use crate::telemetry::Role;
use crate::{Authorizer, Collector, Courier, Invocation, NoAnswer, Outbox, Refusal};
use startup::{Parts, StartError, sound_variables, tell_cannot_start};

/// Lambda ends a function at its deadline; a lease ends so much later, so that no two workers ever hold it.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// Runs the authorizer until Lambda ends the process; with `--check-config`, only checks its environment.
pub async fn run_authorizer() -> ExitCode {
    match check_config(Role::Authorizer) {
        Some(checked) => checked,
        None => ended(Role::Authorizer, authorizer().await),
    }
}

/// Runs `authrep-async` until Lambda ends the process; with `--check-config`, only checks its environment.
pub async fn run_authrep_async() -> ExitCode {
    match check_config(Role::AuthrepAsync) {
        Some(checked) => checked,
        None => ended(Role::AuthrepAsync, authrep_async().await),
    }
}

/// Checks the environment if that is what is asked for: exit code 0 if it is sound, else 2 and a line for each mistake.
/// No secret is looked up, and nobody is connected to.
fn check_config(role: Role) -> Option<ExitCode> {
    if std::env::args().nth(1).as_deref() != Some("--check-config") {
        return None;
    }
    match sound_variables(role) {
        Ok(_) => Some(ExitCode::SUCCESS),
        Err(error) => {
            for problem in error.problems {
                eprintln!("{problem}");
            }
            Some(ExitCode::from(2))
        }
    }
}

async fn authorizer() -> Result<(), StartError> {
    let Parts { settings, cache, threescale, sns, clock, log } = Parts::from_environment(Role::Authorizer).await?;
    let (outbox, inbox) = Outbox::new();
    let courier = Mutex::new(Courier::new(inbox, sns, clock.clone(), log.clone()));
    let authorizer = Authorizer { settings, cache, threescale, outbox, clock, log, allowance: Arc::default() };
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let answer = authorizer.answer(event.payload.get(), &event.context).await;
        let error_type = |refusal: &Refusal| match refusal {
            Refusal::Unauthorized => "Unauthorized",
            Refusal::Event(_) => "EventNotUnderstood",
        };
        answer.map_err(|refusal| failure(error_type(&refusal), &refusal)).and_then(|answer| json(answer.policy))
    });
    // API Gateway has its answer by then, and until the runtime asks for the next event, Lambda neither sends one nor
    // freezes the process. Source: "Building a custom runtime for AWS Lambda" in the Lambda guide, cleanup.
    let publishing = AndThenLayer::new(async |()| {
        courier.lock().await.deliver().await;
        Ok(())
    });
    Runtime::new(handler).layer(publishing).run().await.map_err(StartError::Runtime)
}

async fn authrep_async() -> Result<(), StartError> {
    let Parts { settings, cache, threescale, clock, log, .. } = Parts::from_environment(Role::AuthrepAsync).await?;
    let collector = Collector { settings, cache, threescale, clock, log };
    let handler = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let deadline = UnixTime::from_millis(event.context.deadline);
        let answer = collector.answer(event.payload.get(), &event.context, deadline, LEASE_MARGIN).await;
        let error_type = |reason: &NoAnswer| match reason {
            NoAnswer::Event(_) => "EventNotUnderstood",
            NoAnswer::MustComeAgain(_) => "MustComeAgain",
            NoAnswer::NotForgotten { .. } => "NotForgotten",
        };
        answer.map_err(|reason| failure(error_type(&reason), &reason)).and_then(json)
    });
    Runtime::new(handler).run().await.map_err(StartError::Runtime)
}

impl<'i> From<&'i Context> for Invocation<'i> {
    fn from(context: &'i Context) -> Self {
        Self { request_id: &context.request_id, tracing: context.xray_trace_id.as_deref() }
    }
}

/// API Gateway answers 401 to a function that fails with exactly the text `Unauthorized`, and 500 to any other.
fn failure(error_type: &str, error: &impl std::error::Error) -> Diagnostic {
    Diagnostic { error_type: error_type.to_owned(), error_message: error.to_string() }
}

fn json(text: String) -> Result<Box<RawValue>, Diagnostic> {
    RawValue::from_string(text).map_err(|error| failure("AnswerNotJson", &error))
}

/// A function that can't start says why in the log, and ends: Lambda reports the failed init.
fn ended(role: Role, end: Result<(), StartError>) -> ExitCode {
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell_cannot_start(role, &error);
            ExitCode::from(2)
        }
    }
}
