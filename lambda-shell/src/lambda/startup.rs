//! What both functions are made of, from the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use authz_core::settings::{Settings, SettingsError};
use authz_core::threescale::Access;
use thiserror::Error;

use crate::{
    AwsError, Cache, Clock, Environment, HttpError, Log, SecretsError, Sns, Threescale, http_client, read_files,
    resolve_secrets, tls,
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
    Http(#[from] HttpError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("Lambda's Runtime API: {0}")]
    Runtime(lambda_runtime::Error),
}

impl Parts {
    /// Makes everything, and connects to the cache: at init Lambda lends more of a processor than later.
    pub(super) async fn from_environment() -> Result<Self, StartError> {
        let mut variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
            .collect();
        read_files(&mut variables)?;
        resolve_secrets(&http_client(&tls(None)?)?, &mut variables).await?;
        let settings = Arc::new(Settings::read(&variables)?);
        let tls = tls(settings.ca_file.as_deref())?;
        let client = http_client(&tls)?;
        let sns = match &settings.topic {
            Some(topic) => Some(Sns::new(client.clone(), &Environment::read(&variables)?, &topic.arn, topic.timeout)),
            None => None,
        };
        let log = Log::stdout().of(&settings);
        if settings.services.iter().any(|service| matches!(service.access, Access::ProviderKey(_))) {
            log.provider_key();
        }
        let cache = Cache::on(settings.cache.as_ref(), tls);
        if let Err(error) = cache.connect().await {
            log.cache_failed("connect", &error, "init");
        }
        let threescale = Threescale::new(client, &settings.backend_url);
        Ok(Self { settings, cache, threescale, sns, clock: Clock::system(), log })
    }
}
