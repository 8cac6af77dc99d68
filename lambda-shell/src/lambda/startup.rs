//! What both functions are made of, from the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use authz_core::settings::{Logging, Problem, Settings, SettingsError};
use authz_core::threescale::Access;
use thiserror::Error;

use crate::telemetry::Role;
use crate::{
    Cache, Clock, Environment, HttpError, Log, SecretsError, Sns, Threescale, http_client, read_files,
    refers_to_secrets, resolve_secrets, tls,
};

pub(super) struct Parts {
    pub(super) settings: Arc<Settings>,
    pub(super) cache: Cache,
    pub(super) threescale: Threescale,
    pub(super) sns: Option<Sns>,
    pub(super) clock: Clock,
    pub(super) log: Log,
}

/// Why a function can't start. It shows no secret.
#[derive(Debug, Error)]
pub(super) enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("Lambda's Runtime API: {0}")]
    Runtime(lambda_runtime::Error),
}

impl Parts {
    /// Makes everything, and connects to the cache: at init Lambda lends more of a processor than later.
    pub(super) async fn from_environment(role: Role) -> Result<Self, StartError> {
        let mut variables = sound_variables(role)?;
        if refers_to_secrets(&variables) {
            resolve_secrets(&http_client(&tls(None)?)?, &mut variables).await?;
        }
        let settings = Arc::new(Settings::read(&variables)?);
        let tls = tls(settings.ca_file.as_deref())?;
        let client = http_client(&tls)?;
        let sns = match &settings.topic {
            Some(topic) if role == Role::Authorizer => {
                Some(Sns::new(client.clone(), &Environment::read(&variables)?, &topic.arn, topic.timeout))
            }
            Some(_) | None => None,
        };
        let log = log(&variables);
        if settings.services.iter().any(|service| matches!(service.access, Access::ProviderKey(_))) {
            log.function(role).provider_key();
        }
        if variables.get("CREDENTIAL_SECRET").is_none_or(String::is_empty) {
            log.function(role).derived_secret();
        }
        let cache = Cache::on(settings.cache.as_ref(), tls);
        if let Err(error) = cache.connect().await {
            log.function(role).cache_not_connected(&error);
        }
        let threescale = Threescale::new(client, &settings.backend_url);
        Ok(Self { settings, cache, threescale, sns, clock: Clock::system(), log })
    }
}

/// Tells that a function can't start, even if that is because of its settings.
pub(super) fn tell_cannot_start(role: Role, error: &StartError) {
    log(&environment()).function(role).cannot_start(error);
}

/// Reads the environment, files included, and says everything that is wrong with it at once. Nobody is asked: whether a
/// secret is where a variable says is not known yet.
pub(super) fn sound_variables(role: Role) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut variables = environment();
    let files = read_files(&mut variables);
    let settings = Settings::read(&variables);
    let publishes = role == Role::Authorizer && settings.as_ref().is_ok_and(|settings| settings.topic.is_some());
    let needs_aws = publishes || refers_to_secrets(&variables);
    let aws = if needs_aws { Environment::read(&variables).map(drop) } else { Ok(()) };
    let settings = settings.and_then(|settings| match role {
        Role::Authorizer => settings.check_authorizer(),
        Role::AuthrepAsync => settings.check_authrep_async(),
    });
    let mut problems: Vec<Problem> = Vec::new();
    for problem in [files, settings, aws].into_iter().filter_map(Result::err).flat_map(|error| error.problems) {
        // A file that can't be read is no list of rules either.
        if problems.iter().all(|told| told.variable != problem.variable) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(variables) } else { Err(SettingsError { problems }) }
}

fn environment() -> BTreeMap<String, String> {
    let variables = std::env::vars_os();
    variables.filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?))).collect()
}

fn log(variables: &BTreeMap<String, String>) -> Log {
    let function_name = variables.get("AWS_LAMBDA_FUNCTION_NAME").map(String::as_str);
    Log::stdout().of(&Logging::read(variables)).of_function(function_name)
}
