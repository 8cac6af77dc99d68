//! The table of all variables: names, meanings, kinds, defaults.

use std::collections::BTreeMap;

use super::Problem;
use super::kinds::{BackendUrl, HostName, Kind, Number, SampleRate, Sources, TopicArn};
use super::services::ServicesMap;
use crate::credential::Secret;
use crate::event::{AuthMode, ReferrerSource};
use crate::mapping::MappingRules;
use crate::policy::PolicyScope;
use crate::settings::{FailMode, HttpApiResponse, LogLevel, UsageIdentifier};
use crate::threescale::ServiceId;

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What it holds where it is not set.
    pub default: Option<&'static str>,
}

/// What a schema says of a variable besides its name and meaning.
#[cfg(feature = "schema")]
pub(super) struct Described {
    pub(super) schema: schemars::Schema,
    pub(super) default: Option<serde_json::Value>,
}

/// Declares a struct with one field for each variable, how it is read, and the table.
///
/// A variable without a default may be left out. Behind `|` stands a name that it had in earlier products.
macro_rules! variables {
    (@held $kind:ty) => { Option<$kind> };
    (@held $kind:ty, $default:literal) => { $kind };
    (@default) => { None };
    (@default $default:literal) => { Some(concat!($default)) };
    (@value) => { None };
    (@value $default:literal) => { Some(serde_json::Value::from($default)) };
    (@read $reader:ident, $names:expr) => { $reader.set($names) };
    (@read $reader:ident, $names:expr, $default:literal) => { $reader.or_default($names, concat!($default))? };
    ($(#[$about:meta])* pub struct $table:ident {
        $($(#[doc = $meaning:literal])+ $variable:ident $(| $former:ident)? => $field:ident: $kind:ty $(= $default:literal)?,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $table {
            $($(#[doc = $meaning])+ pub $field: variables!(@held $kind $(, $default)?),)+
        }

        impl $table {
            /// Every variable, in the order of the fields.
            pub const ALL: &[Variable] = &[$(Variable {
                name: stringify!($variable),
                meaning: concat!($($meaning),+).trim_ascii(),
                default: variables!(@default $($default)?),
            }),+];

            /// The names that variables had in earlier products, and those that they have now.
            pub const FORMER: &[(&str, &str)] = &[$($((stringify!($former), stringify!($variable)),)?)+];

            /// Whether this is the name of one of them, or a former one.
            pub fn has(name: &str) -> bool {
                Self::ALL.iter().any(|variable| variable.name == name) || Self::FORMER.iter().any(|(former, _)| *former == name)
            }

            /// Reads every variable. Mistakes are told; what was mistaken holds its default, or nothing.
            pub(super) fn read(texts: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Option<Self> {
                let mut reader = Reader { texts, problems };
                $(let $field = variables!(
                    @read reader, &[stringify!($variable) $(, stringify!($former))?] $(, $default)?
                );)+
                Some(Self { $($field,)+ })
            }

            /// The schema of each variable's values, and its default as a value.
            #[cfg(feature = "schema")]
            pub(super) fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<Described> {
                vec![$(Described {
                    schema: <$kind as schemars::JsonSchema>::json_schema(generator),
                    default: variables!(@value $($default)?),
                }),+]
            }
        }
    };
}

variables! {
    /// The variables that both functions read from their environment. An empty one counts as one that is not there:
    /// deployment tools can't always leave one out.
    pub struct Variables {
        /// 3scale's Service Management API
        THREESCALE_BACKEND_URL => threescale_backend_url: BackendUrl = "https://su1.3scale.net",
        /// the service (product); required without `SERVICES_MAP`
        THREESCALE_SERVICE_ID => threescale_service_id: ServiceId,
        /// the secret that opens the API for the service; or `THREESCALE_PROVIDER_KEY`
        THREESCALE_SERVICE_TOKEN => threescale_service_token: Secret,
        /// the secret that opens the API for the whole account; the service token is preferred
        THREESCALE_PROVIDER_KEY => threescale_provider_key: Secret,
        /// time limit of a whole call, in milliseconds
        THREESCALE_TIMEOUT_MS => threescale_timeout_ms: Number<1, 10_000> = 1500,
        /// how the services identify applications
        THREESCALE_AUTH_TYPE => threescale_auth_type: AuthMode = "user_key",
        /// what 3scale compares with referrer filters: the host of the header `referer` or `origin`, the client's
        /// address, or nothing
        THREESCALE_REFERRER => threescale_referrer: ReferrerSource = "none",
        /// several services: a JSON list of `gateway` (id), `stage`, `service_id`, and where they differ
        /// `service_token` and `mapping_rules`; or `file:PATH`
        SERVICES_MAP => services_map: ServicesMap,
        /// a JSON list of 3scale's mapping rules: `http_method`, `pattern`, `metric`, `delta`, `last`; or `file:PATH`;
        /// without rules each call is one of `hits`
        MAPPING_RULES => mapping_rules: MappingRules,
        /// where the credential is, separated by commas, tried in order: `header:NAME`, `header:NAME:SCHEME`,
        /// `query:NAME`, with an app id `header:ID/KEY`, `query:ID/KEY`, and `bearer`, `basic`; by default
        /// `header:apikey`, with an app id `header:app_id/app_key`
        CREDENTIAL_SOURCES => credential_sources: Sources,
        /// derives fingerprints and seals messages; with one of its own, a token can be changed without a cold cache;
        /// by default derived from the token or key
        CREDENTIAL_SECRET => credential_secret: Secret,
        /// host of the cache; without one every call asks 3scale. Of a cluster: its configuration endpoint, or any node
        ELASTICACHE_ENDPOINT => elasticache_endpoint: HostName,
        /// port of the cache
        ELASTICACHE_PORT => elasticache_port: Number<1, 65_535> = 6379,
        /// whether the cache speaks TLS
        ELASTICACHE_TLS => elasticache_tls: bool = false,
        /// whether the cache is a cluster
        ELASTICACHE_CLUSTER => elasticache_cluster: bool = false,
        /// the cache's user, where it has an access control list
        ELASTICACHE_USERNAME => elasticache_username: String,
        /// the secret of that user, or of all
        ELASTICACHE_AUTH_TOKEN => elasticache_auth_token: Secret,
        /// time limit of connecting, and of each answer, in milliseconds
        ELASTICACHE_TIMEOUT_MS => elasticache_timeout_ms: Number<1, 5000> = 100,
        /// a PEM file with root certificates to trust besides the public ones, for 3scale and the cache
        TLS_CA_FILE => tls_ca_file: String,
        /// the topic that wakes `authrep-async`; the authorizer needs it with a cache
        SNS_TOPIC_ARN | SNS_AUTHREP_ARN => sns_topic_arn: TopicArn,
        /// time limit of one publish, in milliseconds
        SNS_TIMEOUT_MS => sns_timeout_ms: Number<1, 10_000> = 1000,
        /// how long a grant is believed, in seconds; at 0 none is kept, not even to stand in
        CACHE_GRANT_TTL_SECS => cache_grant_ttl_secs: Number<0, 3600> = 60,
        /// how long a denial is believed, in seconds
        CACHE_DENIAL_TTL_SECS => cache_denial_ttl_secs: Number<0, 3600> = 10,
        /// how long beyond its time a grant stands in while 3scale does not answer, in seconds
        CACHE_STALE_SECS => cache_stale_secs: Number<0, 86_400> = 300,
        /// queue delay + batch window of the queue before `authrep-async`, in seconds
        COLLECT_DELAY_SECS => collect_delay_secs: Number<0, 900> = 0,
        /// a call that neither 3scale nor the cache can judge: `closed` denies it, `open` allows it
        FAIL_MODE => fail_mode: FailMode = "closed",
        /// with `open`: how many calls of callers that 3scale never granted, or of whom the cache can't tell, pass in
        /// each minute and instance
        FAIL_OPEN_PER_MINUTE => fail_open_per_minute: Number<0, 100_000> = 100,
        /// which methods a policy covers: those of the stage, the called one alone, or those of the API
        POLICY_SCOPE => policy_scope: PolicyScope = "stage",
        /// what an HTTP API with payload format 2.0 is answered, as its authorizer is configured
        HTTP_API_RESPONSE => http_api_response: HttpApiResponse = "simple",
        /// what a REST API with API keys from its authorizer is told as the API key: nothing, or the user key or app id
        USAGE_IDENTIFIER_KEY => usage_identifier_key: UsageIdentifier = "none",
        /// the least severe lines that are logged
        LOG_LEVEL => log_level: LogLevel = "info",
        /// of calls that are allowed and remarkable in no way: how large a share is logged in full; of the others the
        /// metrics alone
        LOG_SAMPLE_RATE => log_sample_rate: SampleRate = 1,
        /// whether lines of the log carry metrics
        METRICS => metrics: bool = true,
        /// the project's name, shown in logs
        SERVERLESS_PROJECT => serverless_project: String,
        /// the stage's name, shown in logs
        SERVERLESS_STAGE => serverless_stage: String,
        /// the region, shown in logs
        SERVERLESS_REGION => serverless_region: String,
    }
}

struct Reader<'v> {
    texts: &'v BTreeMap<String, String>,
    problems: &'v mut Vec<Problem>,
}

impl Reader<'_> {
    fn or_default<K: Kind>(&mut self, names: &[&'static str], default: &str) -> Option<K> {
        self.set(names).or_else(|| K::read(default).ok())
    }

    /// Reads the first of the names that is set; a mistake is told, and counts as not set from then on.
    fn set<K: Kind>(&mut self, names: &[&'static str]) -> Option<K> {
        let mut set = names.iter().filter_map(|name| Some((*name, self.texts.get(*name)?)));
        let (name, text) = set.find(|(_, text)| !text.is_empty())?;
        K::read(text).map_err(|message| self.problems.push(Problem { variable: name, message })).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_can_be_read() {
        let mut problems = Vec::new();
        assert!(Variables::read(&BTreeMap::new(), &mut problems).is_some());
        assert_eq!(problems, []);
    }

    #[test]
    fn the_table_has_every_variable_once_and_in_the_order_of_the_fields() {
        let names: Vec<_> = Variables::ALL.iter().map(|variable| variable.name).collect();
        assert_eq!(names.first().zip(names.last()), Some((&"THREESCALE_BACKEND_URL", &"SERVERLESS_REGION")));
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        let port = Variables::ALL.iter().find(|variable| variable.name == "ELASTICACHE_PORT").unwrap();
        assert_eq!((port.meaning, port.default), ("port of the cache", Some("6379")));
        assert!(Variables::has("ELASTICACHE_PORT") && Variables::has("SNS_AUTHREP_ARN") && !Variables::has("PATH"));
    }

    #[test]
    fn a_former_name_is_read_and_named_where_it_is_wrong() {
        let mut problems = Vec::new();
        let texts = BTreeMap::from([("SNS_AUTHREP_ARN".to_owned(), "topic".to_owned())]);
        assert!(Variables::read(&texts, &mut problems).is_some_and(|variables| variables.sns_topic_arn.is_none()));
        assert_eq!(problems.first().map(|problem| problem.variable), Some("SNS_AUTHREP_ARN"));
    }
}
