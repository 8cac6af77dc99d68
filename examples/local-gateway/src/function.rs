//! The authorizer function: our own code in this process, or a built binary as Lambda runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use authz_core::gateway::FunctionAnswer;
use authz_core::settings::Variables;
use lambda_shell::Authorizer;
use tokio::sync::Mutex;

use crate::StartError;

/// What API Gateway gives a function in our templates.
const TIME_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(crate) enum Function {
    InProcess(Authorizer),
    Bootstrap(Arc<Bootstrap>),
}

/// A built binary. One that can't start fails its caller, and is started anew for the next.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    config: runtime_api::Config,
    started: Mutex<Option<Arc<runtime_api::Function>>>,
}

impl Function {
    /// Starts a built binary. It sees the variables, and nothing else of this process's environment.
    pub(crate) async fn bootstrap(program: PathBuf, variables: &BTreeMap<String, String>) -> Result<Self, StartError> {
        let env = variables.iter().filter(|(name, _)| is_ours(name)).map(|(name, text)| (name.clone(), text.clone()));
        let config = runtime_api::Config {
            env: env.collect(),
            function_name: "authorizer".to_owned(),
            timeout: TIME_LIMIT,
            echo_logs: true,
            ..runtime_api::Config::new(program)
        };
        let bootstrap = Bootstrap { config, started: Mutex::default() };
        match bootstrap.function().await {
            Ok(_) | Err(runtime_api::StartError::Init(_)) => Ok(Self::Bootstrap(Arc::new(bootstrap))),
            Err(error) => Err(StartError::Bootstrap(error)),
        }
    }

    pub(crate) async fn answer(&self, event: &str, request_id: &str) -> FunctionAnswer {
        match self {
            Self::InProcess(authorizer) => match authorizer.answer(event, request_id).await {
                Ok(answer) => FunctionAnswer::Returned(answer.policy),
                Err(refusal) => FunctionAnswer::Failed(refusal.to_string()),
            },
            Self::Bootstrap(bootstrap) => match bootstrap.function().await {
                Ok(function) => invoked(&function, event).await,
                Err(error) => FunctionAnswer::Failed(error.to_string()),
            },
        }
    }
}

impl Bootstrap {
    /// Returns the function, and starts it if it never did.
    async fn function(&self) -> Result<Arc<runtime_api::Function>, runtime_api::StartError> {
        let mut started = self.started.lock().await;
        if let Some(function) = &*started {
            return Ok(Arc::clone(function));
        }
        let function = Arc::new(runtime_api::Function::start(self.config.clone()).await?);
        *started = Some(Arc::clone(&function));
        Ok(function)
    }
}

async fn invoked(function: &runtime_api::Function, event: &str) -> FunctionAnswer {
    match function.invoke(event).await.map(|invocation| invocation.answer) {
        Ok(Ok(answer)) => FunctionAnswer::Returned(answer),
        Ok(Err(error)) if error.error_type == "Sandbox.Timedout" => FunctionAnswer::TimedOut,
        Ok(Err(error)) => FunctionAnswer::Failed(error.error_message),
        Err(error) => FunctionAnswer::Failed(error.to_string()),
    }
}

/// Whether a variable is one that the functions read.
fn is_ours(name: &str) -> bool {
    name.starts_with("AWS_") || Variables::has(name)
}
