//! The environment variables of both functions, read once.

mod kinds;
#[cfg(feature = "schema")]
mod schema;
mod services;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::cache::Lifetimes;
use crate::credential::Secret;
use crate::event::{AuthMode, CallerSources, CredentialSource, EventKind};
use crate::keyring::Keyring;
use crate::policy::{AnswerForm, PolicyScope};
use crate::threescale::{Access, Service};
pub use kinds::{BackendUrl, HostName, Number, SampleRate, Sources, TopicArn};
pub use services::{MappedService, Services, ServicesMap};
pub use variables::{Variable, Variables};

/// What the functions are told by their environment: the [`Variables`], put together.
#[derive(Clone, Debug)]
pub struct Settings {
    /// 3scale's Service Management API, without a slash at its end.
    pub backend_url: String,
    /// Whose applications call.
    pub services: Services,
    /// Time limit of a whole call of 3scale.
    pub threescale_timeout: Duration,
    /// Where events say who calls.
    pub sources: CallerSources,
    /// Names callers and seals messages.
    pub keyring: Keyring,
    /// A PEM file with root certificates to trust.
    pub ca_file: Option<String>,
    /// Where answers are remembered, and uses counted.
    pub cache: Option<CacheServer>,
    /// Where messages go.
    pub topic: Option<Topic>,
    /// How long answers are believed.
    pub lifetimes: Lifetimes,
    /// Queue delay + batch window of the queue before `authrep-async`.
    pub collect_delay: Duration,
    /// What becomes of a call that nobody can judge.
    pub fail_mode: FailMode,
    /// Of callers that nobody knows, how many pass in a minute then.
    pub fail_open_per_minute: u64,
    /// Which methods a policy covers.
    pub policy_scope: PolicyScope,
    /// What an HTTP API is answered.
    pub http_api_response: HttpApiResponse,
    /// What API Gateway is told as the API key.
    pub usage_identifier: UsageIdentifier,
    /// What an operator is told.
    pub logging: Logging,
}

/// The Redis or Valkey server that keeps the ledgers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether it is a cluster's configuration endpoint, or any server of a cluster.
    pub cluster: bool,
    /// The user of an access control list; without one the default user.
    pub username: Option<String>,
    /// The user's password, or the AUTH token.
    pub auth_token: Option<Secret>,
    /// Time limit of connecting, and of each answer.
    pub timeout: Duration,
}

/// The SNS topic that wakes `authrep-async`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its ARN.
    pub arn: String,
    /// Time limit of one publish.
    pub timeout: Duration,
}

/// What becomes of a call that neither 3scale nor the cache can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailMode {
    /// It is denied.
    Closed,
    /// It is allowed, and counted for later.
    Open,
}

/// What an HTTP API with payload format 2.0 is answered. The event does not tell which one it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpApiResponse {
    /// `isAuthorized` alone: the API's authorizer has `enableSimpleResponses`.
    Simple,
    /// An IAM policy.
    Iam,
}

/// What API Gateway is told as the caller's API key, for its usage plans (`apiKeySource` is `AUTHORIZER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageIdentifier {
    /// Nothing.
    None,
    /// The user key or app id, which is then also the value of an API key in API Gateway.
    Credential,
}

/// What an operator is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Logging {
    /// The least severe lines that are logged.
    pub level: LogLevel,
    /// How many of the lines that tell of an allowed call and nothing else.
    pub sample_rate: SampleRate,
    /// Whether lines carry metrics.
    pub metrics: bool,
    /// Where they come from.
    pub deployment: Deployment,
}

/// How severe a line of the log must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Every decision is logged.
    Info,
    /// What an operator should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// Where a function runs, in the operator's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// `SERVERLESS_PROJECT`.
    pub project: Option<String>,
    /// `SERVERLESS_STAGE`.
    pub stage: Option<String>,
    /// `SERVERLESS_REGION`.
    pub region: Option<String>,
}

impl Default for Logging {
    /// Everything, of a function that was told nothing.
    fn default() -> Self {
        Self { level: LogLevel::Info, sample_rate: SampleRate::ALL, metrics: true, deployment: Deployment::default() }
    }
}

impl Logging {
    /// Reads what of this can be read: whoever can't start for a mistake in the variables still tells so.
    pub fn read(texts: &BTreeMap<String, String>) -> Self {
        Variables::read(texts, &mut Vec::new()).map(|variables| Self::of(&variables)).unwrap_or_default()
    }

    fn of(variables: &Variables) -> Self {
        Self {
            level: variables.log_level,
            sample_rate: variables.log_sample_rate,
            metrics: variables.metrics,
            deployment: Deployment {
                project: variables.serverless_project.clone(),
                stage: variables.serverless_stage.clone(),
                region: variables.serverless_region.clone(),
            },
        }
    }
}

impl Settings {
    /// Reads the variables, and says everything that is wrong with them at once.
    pub fn read(texts: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let settings = Variables::read(texts, &mut problems).and_then(|variables| Self::of(variables, &mut problems));
        settings.filter(|_| problems.is_empty()).ok_or(SettingsError { problems })
    }

    fn of(variables: Variables, problems: &mut Vec<Problem>) -> Option<Self> {
        let services = services(&variables, problems);
        let keyring = keyring(&variables, problems);
        let sources = sources(&variables, problems);
        let logging = Logging::of(&variables);
        Some(Self {
            backend_url: variables.threescale_backend_url.0,
            services: services?,
            threescale_timeout: Duration::from_millis(variables.threescale_timeout_ms.get()),
            sources,
            keyring: keyring?,
            ca_file: variables.tls_ca_file,
            cache: variables.elasticache_endpoint.map(|host| CacheServer {
                host: host.0,
                port: variables.elasticache_port.port(),
                tls: variables.elasticache_tls,
                cluster: variables.elasticache_cluster,
                username: variables.elasticache_username,
                auth_token: variables.elasticache_auth_token,
                timeout: Duration::from_millis(variables.elasticache_timeout_ms.get()),
            }),
            topic: variables
                .sns_topic_arn
                .map(|arn| Topic { arn: arn.0, timeout: Duration::from_millis(variables.sns_timeout_ms.get()) }),
            lifetimes: Lifetimes {
                grant: Duration::from_secs(variables.cache_grant_ttl_secs.get()),
                denial: Duration::from_secs(variables.cache_denial_ttl_secs.get()),
                stale: Duration::from_secs(variables.cache_stale_secs.get()),
            },
            collect_delay: Duration::from_secs(variables.collect_delay_secs.get()),
            fail_mode: variables.fail_mode,
            fail_open_per_minute: variables.fail_open_per_minute.get(),
            policy_scope: variables.policy_scope,
            http_api_response: variables.http_api_response,
            usage_identifier: variables.usage_identifier_key,
            logging,
        })
    }

    /// How an event of this kind is answered.
    pub fn answer_form(&self, kind: EventKind) -> AnswerForm {
        match (kind, self.http_api_response) {
            (EventKind::Http2, HttpApiResponse::Simple) => AnswerForm::Simple,
            (EventKind::Http2, HttpApiResponse::Iam)
            | (EventKind::Token | EventKind::Request | EventKind::Http1 | EventKind::WebSocket, _) => {
                AnswerForm::Policy(self.policy_scope)
            }
        }
    }

    /// Says what the authorizer lacks: with a cache it needs a topic, or cached calls would never be told to 3scale.
    pub fn check_authorizer(&self) -> Result<(), SettingsError> {
        match (&self.cache, &self.topic) {
            (Some(_), None) => Err(SettingsError::of(
                "SNS_TOPIC_ARN",
                "is missing: with ELASTICACHE_ENDPOINT set, calls are cached, and this topic wakes the function that tells 3scale of them",
            )),
            _ => Ok(()),
        }
    }

    /// Says what `authrep-async` lacks: there is nothing to collect without a cache.
    pub fn check_authrep_async(&self) -> Result<(), SettingsError> {
        match &self.cache {
            Some(_) => Ok(()),
            None => Err(SettingsError::of(
                "ELASTICACHE_ENDPOINT",
                "is missing: set it to the host that the authorizer uses",
            )),
        }
    }

    /// How long after a ring nobody else rings: time enough for a collection to have come and gone.
    pub fn rering(&self) -> Duration {
        self.collect_delay.saturating_mul(2).saturating_add(Duration::from_secs(60))
    }
}

/// Everything that is wrong with the variables. It never repeats the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// One for each mistake, in the order of [`Variables`]; then those that only all of them together show.
    pub problems: Vec<Problem>,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl SettingsError {
    fn of(variable: &'static str, message: &str) -> Self {
        Self { problems: vec![Problem { variable, message: message.to_owned() }] }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.message)
    }
}

impl std::error::Error for SettingsError {}

fn services(variables: &Variables, problems: &mut Vec<Problem>) -> Option<Services> {
    let mut wrong = |variable, message: &str| {
        // One that can't be read was told already.
        if problems.iter().all(|problem| problem.variable != variable) {
            problems.push(Problem { variable, message: message.to_owned() });
        }
    };
    let (id, map, access) = (&variables.threescale_service_id, &variables.services_map, access(variables));
    if map.is_none() && access.is_none() {
        wrong("THREESCALE_SERVICE_TOKEN", "is missing: set it, or `THREESCALE_PROVIDER_KEY`");
    }
    if map.is_some() && variables.mapping_rules.is_some() {
        wrong("MAPPING_RULES", "go into the entries of SERVICES_MAP, as `mapping_rules`");
    }
    match (id, map) {
        (None, None) => {
            wrong("THREESCALE_SERVICE_ID", "is missing: set it to the id of the product in 3scale's admin portal");
            None
        }
        (Some(_), Some(_)) => {
            wrong("SERVICES_MAP", "maps every call to a service: leave out THREESCALE_SERVICE_ID");
            None
        }
        (Some(id), None) => {
            Some(Services::One(Service { id: id.clone(), access: access?, rules: variables.mapping_rules.clone() }))
        }
        (None, Some(map)) => {
            let mapped: Option<Vec<_>> = map.0.iter().map(|entry| entry.mapped(access.as_ref())).collect();
            if mapped.is_none() {
                wrong(
                    "SERVICES_MAP",
                    "has an entry without `service_token`: give it one, or set THREESCALE_SERVICE_TOKEN",
                );
            }
            mapped.map(Services::Mapped)
        }
    }
}

fn access(variables: &Variables) -> Option<Access> {
    let token = variables.threescale_service_token.clone().map(Access::ServiceToken);
    token.or_else(|| variables.threescale_provider_key.clone().map(Access::ProviderKey))
}

fn keyring(variables: &Variables, problems: &mut Vec<Problem>) -> Option<Keyring> {
    let access = access(variables);
    let secret = variables.credential_secret.as_ref().or(access.as_ref().map(Access::secret));
    if secret.is_none() && variables.services_map.is_some() {
        let message =
            "is missing: where only the entries of SERVICES_MAP have tokens, nothing else can stand in for it";
        problems.push(Problem { variable: "CREDENTIAL_SECRET", message: message.to_owned() });
    }
    secret.map(Keyring::derive)
}

fn sources(variables: &Variables, problems: &mut Vec<Problem>) -> CallerSources {
    let mode = variables.threescale_auth_type;
    let credential = match (&variables.credential_sources, mode) {
        (Some(sources), _) => sources.0.clone(),
        (None, AuthMode::UserKey) => vec![CredentialSource::header("apikey", None)],
        (None, AuthMode::AppId) => vec![CredentialSource::header("app_id", Some("app_key"))],
    };
    if mode == AuthMode::UserKey && credential.iter().any(|source| source.key_name.is_some()) {
        let message = "names an id and a key, which go with `THREESCALE_AUTH_TYPE` = `app_id`".to_owned();
        problems.push(Problem { variable: "CREDENTIAL_SOURCES", message });
    }
    CallerSources { mode, credential, referrer: variables.threescale_referrer }
}

#[cfg(test)]
mod tests;
