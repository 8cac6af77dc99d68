//! The environment variables of both functions, read once.

mod read;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::cache::Lifetimes;
use crate::credential::Secret;
use crate::event::CallerSources;
use crate::keyring::Keyring;
use crate::policy::PolicyScope;
use crate::threescale::Service;

/// What the functions are told by their environment.
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `THREESCALE_BACKEND_URL` | 3scale's Service Management API | `https://su1.3scale.net` |
/// | `THREESCALE_SERVICE_ID` | the service (product) | required |
/// | `THREESCALE_SERVICE_TOKEN` or `THREESCALE_PROVIDER_KEY` | the secret that opens the API; the token is preferred | one required |
/// | `THREESCALE_TIMEOUT_MS` | time limit of a whole call, 1 to 10,000 | 1500 |
/// | `THREESCALE_AUTH_TYPE` | how the service identifies applications: `user_key` (or `APIKEY`), `app_id` | `user_key` |
/// | `CREDENTIAL_SOURCES` | where the credential is, separated by commas, tried in order: `header:NAME`, `header:NAME:SCHEME`, `query:NAME`, with an app id `header:ID/KEY`, `query:ID/KEY`, and `bearer`, `basic` | `header:apikey`, with an app id `header:app_id/app_key` |
/// | `THREESCALE_REFERRER` | what 3scale compares with referrer filters: the host of the header `referer` or `origin`, `source_ip`, or `none` | `none` |
/// | `CREDENTIAL_SECRET` | derives fingerprints and seals messages; with one of its own, a token can be changed without a cold cache | derived from the token or key |
/// | `ELASTICACHE_ENDPOINT`, `ELASTICACHE_PORT` | host and port of the cache; without a host every call asks 3scale | none, 6379 |
/// | `ELASTICACHE_TLS` | whether the cache speaks TLS: `true` or `false` | `false` |
/// | `ELASTICACHE_CLUSTER` | whether the cache is a cluster: `true` or `false`; the host is then its configuration endpoint, or any node | `false` |
/// | `ELASTICACHE_USERNAME`, `ELASTICACHE_AUTH_TOKEN` | the cache's user, and its secret | none |
/// | `ELASTICACHE_TIMEOUT_MS` | time limit of connecting, and of each answer, 1 to 5000 | 100 |
/// | `TLS_CA_FILE` | a PEM file with root certificates to trust besides the public ones, for 3scale and the cache | none |
/// | `SNS_TOPIC_ARN` (or `SNS_AUTHREP_ARN`) | the topic that wakes `authrep-async`; the authorizer needs it with a cache | none |
/// | `SNS_TIMEOUT_MS` | time limit of one publish, 1 to 10,000 | 1000 |
/// | `CACHE_GRANT_TTL_SECS` | how long a grant is believed, 0 to 3600; at 0 none is kept, not even to stand in | 60 |
/// | `CACHE_DENIAL_TTL_SECS` | how long a denial is believed, 0 to 3600 | 10 |
/// | `CACHE_STALE_SECS` | how long beyond its time a grant stands in while 3scale does not answer, 0 to 86,400 | 300 |
/// | `COLLECT_DELAY_SECS` | queue delay + batch window of the queue before `authrep-async`, 0 to 900 | 0 |
/// | `FAIL_MODE` | a call that neither 3scale nor the cache can judge: `closed` denies it, `open` allows it | `closed` |
/// | `FAIL_OPEN_PER_MINUTE` | with `open`: how many calls of callers that 3scale never granted, or of whom the cache can't tell, pass in each minute and instance, 0 to 100,000 | 100 |
/// | `POLICY_SCOPE` | what a policy covers: `stage`, `exact` (the method alone), `api` | `stage` |
#[derive(Clone, Debug)]
pub struct Settings {
    /// `THREESCALE_BACKEND_URL`, without a slash at its end.
    pub backend_url: String,
    /// `THREESCALE_SERVICE_ID` and its token or key.
    pub service: Service,
    /// `THREESCALE_TIMEOUT_MS`.
    pub threescale_timeout: Duration,
    /// `THREESCALE_AUTH_TYPE`, `CREDENTIAL_SOURCES`, `THREESCALE_REFERRER`.
    pub sources: CallerSources,
    /// Derived from `CREDENTIAL_SECRET`.
    pub keyring: Keyring,
    /// `TLS_CA_FILE`.
    pub ca_file: Option<String>,
    /// `ELASTICACHE_*`.
    pub cache: Option<CacheServer>,
    /// `SNS_*`.
    pub topic: Option<Topic>,
    /// `CACHE_GRANT_TTL_SECS`, `CACHE_DENIAL_TTL_SECS`, `CACHE_STALE_SECS`.
    pub lifetimes: Lifetimes,
    /// `COLLECT_DELAY_SECS`.
    pub collect_delay: Duration,
    /// `FAIL_MODE`.
    pub fail_mode: FailMode,
    /// `FAIL_OPEN_PER_MINUTE`.
    pub fail_open_per_minute: u64,
    /// `POLICY_SCOPE`.
    pub policy_scope: PolicyScope,
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

impl Settings {
    /// Reads the variables, and says everything that is wrong with them at once.
    pub fn read(variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        read::settings(variables)
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
    /// One for each mistake, in the order of the table of [`Settings`].
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
        for (index, Problem { variable, message }) in self.problems.iter().enumerate() {
            write!(f, "{}{variable} {message}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}
