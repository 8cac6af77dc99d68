//! The authorizer function: our own code in this process, or a built binary as Lambda runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use authz_core::settings::Settings;
use lambda_shell::{Authorizer, Refusal};

use crate::StartError;

/// What API Gateway gives a function in our templates.
const TIME_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(crate) enum Function {
    InProcess(Authorizer),
    Bootstrap { function: Arc<runtime_api::Function>, settings: Arc<Settings> },
}

/// How a function answers an event.
#[derive(Debug)]
pub(crate) enum Answer {
    /// With JSON.
    Policy(String),
    /// With an error of exactly the text `Unauthorized`.
    Unauthorized,
    /// With any other error, or not at all.
    Failed,
}

impl Function {
    /// Starts a built binary. It sees the variables, and nothing else of this process's environment.
    pub(crate) async fn bootstrap(
        program: PathBuf,
        variables: &BTreeMap<String, String>,
        settings: Arc<Settings>,
    ) -> Result<Self, StartError> {
        let env = variables.iter().filter(|(name, _)| is_ours(name)).map(|(name, text)| (name.clone(), text.clone()));
        let config = runtime_api::Config {
            env: env.collect(),
            function_name: "authorizer".to_owned(),
            timeout: TIME_LIMIT,
            echo_logs: true,
            ..runtime_api::Config::new(program)
        };
        let function = runtime_api::Function::start(config).await.map_err(StartError::Bootstrap)?;
        Ok(Self::Bootstrap { function: Arc::new(function), settings })
    }

    pub(crate) fn settings(&self) -> &Settings {
        match self {
            Self::InProcess(authorizer) => &authorizer.settings,
            Self::Bootstrap { settings, .. } => settings,
        }
    }

    pub(crate) async fn answer(&self, event: &str, request_id: &str) -> Answer {
        match self {
            Self::InProcess(authorizer) => match authorizer.answer(event, request_id).await {
                Ok(answer) => Answer::Policy(answer.policy),
                Err(Refusal::Unauthorized) => Answer::Unauthorized,
                Err(Refusal::Event(_)) => Answer::Failed,
            },
            Self::Bootstrap { function, .. } => {
                match function.invoke(event).await.map(|invocation| invocation.answer) {
                    Ok(Ok(policy)) => Answer::Policy(policy),
                    Ok(Err(error)) if error.error_message == "Unauthorized" => Answer::Unauthorized,
                    Ok(Err(_)) | Err(_) => Answer::Failed,
                }
            }
        }
    }
}

/// Whether a variable is one that the functions read.
fn is_ours(name: &str) -> bool {
    const OURS: [&str; 10] = [
        "AWS_",
        "CACHE_",
        "COLLECT_",
        "CREDENTIAL_",
        "ELASTICACHE_",
        "FAIL_",
        "POLICY_SCOPE",
        "SNS_",
        "THREESCALE_",
        "TLS_",
    ];
    OURS.iter().any(|ours| name.starts_with(ours))
}
