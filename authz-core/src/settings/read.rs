//! Reading of the variables, mistakes collected.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{CacheServer, FailMode, Problem, Settings, SettingsError, Topic};
use crate::cache::Lifetimes;
use crate::credential::Secret;
use crate::event::{AuthMode, CallerSources, CredentialSource, ReferrerSource};
use crate::keyring::Keyring;
use crate::policy::PolicyScope;
use crate::threescale::{Access, Service, ServiceId};

pub(super) fn settings(variables: &BTreeMap<String, String>) -> Result<Settings, SettingsError> {
    let mut reader = Reader { variables, problems: Vec::new() };
    let backend_url = reader.backend_url();
    let id = reader.service_id();
    let access = reader.access();
    let threescale_timeout = Duration::from_millis(reader.number("THREESCALE_TIMEOUT_MS", 1..=10_000, 1500));
    let sources = reader.sources();
    let secret = reader.text("CREDENTIAL_SECRET").map(Secret::new);
    let ca_file = reader.text("TLS_CA_FILE").map(str::to_owned);
    let cache = reader.cache();
    let topic = reader.topic();
    let lifetimes = Lifetimes {
        grant: reader.secs("CACHE_GRANT_TTL_SECS", 0..=3600, 60),
        denial: reader.secs("CACHE_DENIAL_TTL_SECS", 0..=3600, 10),
        stale: reader.secs("CACHE_STALE_SECS", 0..=86_400, 300),
    };
    let collect_delay = reader.secs("COLLECT_DELAY_SECS", 0..=900, 0);
    let fail_mode = reader.choice("FAIL_MODE", &[("closed", FailMode::Closed), ("open", FailMode::Open)]);
    let fail_open_per_minute = reader.number("FAIL_OPEN_PER_MINUTE", 0..=100_000, 100);
    let scopes = [("stage", PolicyScope::Stage), ("exact", PolicyScope::Exact), ("api", PolicyScope::Api)];
    let policy_scope = reader.choice("POLICY_SCOPE", &scopes);
    match (id, access, sources, fail_mode, policy_scope) {
        (Some(id), Some(access), Some(sources), Some(fail_mode), Some(policy_scope)) if reader.problems.is_empty() => {
            let keyring = Keyring::derive(secret.as_ref().unwrap_or(access.secret()));
            Ok(Settings {
                backend_url,
                service: Service { id, access },
                threescale_timeout,
                sources,
                keyring,
                ca_file,
                cache,
                topic,
                lifetimes,
                collect_delay,
                fail_mode,
                fail_open_per_minute,
                policy_scope,
            })
        }
        _ => Err(SettingsError { problems: reader.problems }),
    }
}

struct Reader<'v> {
    variables: &'v BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl<'v> Reader<'v> {
    /// An empty variable counts as one that is not there: deployment tools can't always leave one out.
    fn text(&self, variable: &str) -> Option<&'v str> {
        self.variables.get(variable).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, variable: &'static str, message: impl Into<String>) {
        self.problems.push(Problem { variable, message: message.into() });
    }

    fn backend_url(&mut self) -> String {
        const VARIABLE: &str = "THREESCALE_BACKEND_URL";
        let url = self.text(VARIABLE).unwrap_or("https://su1.3scale.net");
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['?', '#', '@', ' '])) {
            self.wrong(VARIABLE, "must be a URL such as `https://su1.3scale.net`, without user, query and fragment");
        }
        url.trim_end_matches('/').to_owned()
    }

    fn service_id(&mut self) -> Option<ServiceId> {
        const VARIABLE: &str = "THREESCALE_SERVICE_ID";
        let Some(text) = self.text(VARIABLE) else {
            self.wrong(VARIABLE, "is missing: set it to the id of the product in 3scale's admin portal");
            return None;
        };
        let id = ServiceId::parse(text);
        if id.is_none() {
            self.wrong(VARIABLE, "must be 1 to 64 letters, digits, `_`, `.` or `-`");
        }
        id
    }

    fn access(&mut self) -> Option<Access> {
        let token = self.text("THREESCALE_SERVICE_TOKEN").map(|text| Access::ServiceToken(Secret::new(text)));
        let key = self.text("THREESCALE_PROVIDER_KEY").map(|text| Access::ProviderKey(Secret::new(text)));
        if token.is_none() && key.is_none() {
            self.wrong("THREESCALE_SERVICE_TOKEN", "is missing: set it, or `THREESCALE_PROVIDER_KEY`");
        }
        token.or(key)
    }

    fn sources(&mut self) -> Option<CallerSources> {
        const MODES: [(&str, AuthMode); 3] =
            [("user_key", AuthMode::UserKey), ("APIKEY", AuthMode::UserKey), ("app_id", AuthMode::AppId)];
        const REFERRERS: [(&str, ReferrerSource); 4] = [
            ("none", ReferrerSource::None),
            ("referer", ReferrerSource::Referer),
            ("origin", ReferrerSource::Origin),
            ("source_ip", ReferrerSource::SourceIp),
        ];
        let mode = self.choice("THREESCALE_AUTH_TYPE", &MODES);
        let credential = self.credential_sources(mode?);
        let referrer = self.choice("THREESCALE_REFERRER", &REFERRERS);
        Some(CallerSources { mode: mode?, credential, referrer: referrer? })
    }

    fn credential_sources(&mut self, mode: AuthMode) -> Vec<CredentialSource> {
        const VARIABLE: &str = "CREDENTIAL_SOURCES";
        let text = self.text(VARIABLE).unwrap_or(match mode {
            AuthMode::UserKey => "header:apikey",
            AuthMode::AppId => "header:app_id/app_key",
        });
        let sources: Option<Vec<_>> = text.split(',').map(|source| CredentialSource::parse(source.trim())).collect();
        let Some(sources) = sources else {
            self.wrong(
                VARIABLE,
                "must be a list of `header:NAME`, `header:NAME:SCHEME`, `query:NAME`, `header:ID/KEY`, `query:ID/KEY`, \
                 `bearer` and `basic`, separated by commas",
            );
            return Vec::new();
        };
        if mode == AuthMode::UserKey && sources.iter().any(|source| source.key_name.is_some()) {
            self.wrong(VARIABLE, "names an id and a key, which go with `THREESCALE_AUTH_TYPE` = `app_id`");
        }
        sources
    }

    fn cache(&mut self) -> Option<CacheServer> {
        const VARIABLE: &str = "ELASTICACHE_ENDPOINT";
        let host = self.text(VARIABLE);
        let port = self.number("ELASTICACHE_PORT", 1..=65_535, 6379);
        let tls = self.choice("ELASTICACHE_TLS", &[("false", false), ("true", true)]);
        let cluster = self.choice("ELASTICACHE_CLUSTER", &[("false", false), ("true", true)]);
        let timeout = Duration::from_millis(self.number("ELASTICACHE_TIMEOUT_MS", 1..=5000, 100));
        if host.is_some_and(|host| host.contains(['/', ':', '@', ' '])) {
            self.wrong(VARIABLE, "must be a host name alone; the port has a variable of its own");
        }
        Some(CacheServer {
            host: host?.to_owned(),
            port: u16::try_from(port).ok()?,
            tls: tls?,
            cluster: cluster?,
            username: self.text("ELASTICACHE_USERNAME").map(str::to_owned),
            auth_token: self.text("ELASTICACHE_AUTH_TOKEN").map(Secret::new),
            timeout,
        })
    }

    fn topic(&mut self) -> Option<Topic> {
        let timeout = Duration::from_millis(self.number("SNS_TIMEOUT_MS", 1..=10_000, 1000));
        let arn = self.text("SNS_TOPIC_ARN").or(self.text("SNS_AUTHREP_ARN"))?;
        let is_topic = arn.starts_with("arn:") && arn.split(':').nth(2) == Some("sns") && arn.split(':').count() == 6;
        if !is_topic {
            self.wrong("SNS_TOPIC_ARN", "must have the form `arn:PARTITION:sns:REGION:ACCOUNT:NAME`");
        }
        Some(Topic { arn: arn.to_owned(), timeout })
    }

    fn secs(&mut self, variable: &'static str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(self.number(variable, range, default))
    }

    fn number(&mut self, variable: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(text) = self.text(variable) else { return default };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (least, most) = range.into_inner();
                self.wrong(variable, format!("must be a whole number from {least} to {most}"));
                default
            }
        }
    }

    /// The first choice is the default.
    fn choice<T: Copy>(&mut self, variable: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let Some(text) = self.text(variable) else { return choices.first().map(|(_, choice)| *choice) };
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.wrong(variable, format!("must be one of {}", names.join(", ")));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        settings(&variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    const LEAST: [(&str, &str); 2] = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "CANARY")];

    #[test]
    fn id_and_token_suffice() {
        let settings = read(&LEAST).unwrap();
        assert_eq!(settings.backend_url, "https://su1.3scale.net");
        assert_eq!(settings.lifetimes.keep(), Duration::from_secs(420));
        assert_eq!(settings.rering(), Duration::from_secs(60));
        assert_eq!((settings.fail_mode, settings.policy_scope), (FailMode::Closed, PolicyScope::Stage));
        assert!(!format!("{settings:?}").contains("CANARY"));
    }

    #[test]
    fn the_token_is_preferred_to_the_provider_key() {
        let [id, token] = LEAST;
        let both = read(&[id, token, ("THREESCALE_PROVIDER_KEY", "key")]).unwrap();
        assert!(matches!(both.service.access, Access::ServiceToken(_)));
        let key = read(&[id, ("THREESCALE_PROVIDER_KEY", "key")]).unwrap();
        assert!(matches!(key.service.access, Access::ProviderKey(_)));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let error = read(&[
            ("THREESCALE_BACKEND_URL", "su1.3scale.net"),
            ("THREESCALE_SERVICE_ID", "{id}"),
            ("THREESCALE_SERVICE_TOKEN", ""),
            ("THREESCALE_TIMEOUT_MS", "0"),
            ("CREDENTIAL_SOURCES", "body:key"),
            ("THREESCALE_REFERRER", "*"),
            ("ELASTICACHE_ENDPOINT", "redis://host:6379"),
            ("ELASTICACHE_PORT", "65536"),
            ("ELASTICACHE_TLS", "yes"),
            ("ELASTICACHE_CLUSTER", "3"),
            ("SNS_TOPIC_ARN", "my-topic"),
            ("CACHE_GRANT_TTL_SECS", "1.5"),
            ("FAIL_MODE", "ajar"),
            ("POLICY_SCOPE", "world"),
        ])
        .unwrap_err();
        let variables: Vec<_> = error.problems.iter().map(|problem| problem.variable).collect();
        assert_eq!(
            variables,
            [
                "THREESCALE_BACKEND_URL",
                "THREESCALE_SERVICE_ID",
                "THREESCALE_SERVICE_TOKEN",
                "THREESCALE_TIMEOUT_MS",
                "CREDENTIAL_SOURCES",
                "THREESCALE_REFERRER",
                "ELASTICACHE_PORT",
                "ELASTICACHE_TLS",
                "ELASTICACHE_CLUSTER",
                "ELASTICACHE_ENDPOINT",
                "SNS_TOPIC_ARN",
                "CACHE_GRANT_TTL_SECS",
                "FAIL_MODE",
                "POLICY_SCOPE",
            ]
        );
        assert!(error.to_string().contains("FAIL_MODE must be one of `closed`, `open`; POLICY_SCOPE must"), "{error}");
    }

    #[test]
    fn sources_fit_the_kind_of_credential() {
        let [id, token] = LEAST;
        let application = read(&[id, token, ("THREESCALE_AUTH_TYPE", "app_id")]).unwrap();
        assert_eq!(application.sources.credential, [CredentialSource::parse("header:app_id/app_key").unwrap()]);
        assert_eq!(read(&[id, token, ("THREESCALE_AUTH_TYPE", "APIKEY")]).unwrap().sources.mode, AuthMode::UserKey);
        let error = read(&[id, token, ("CREDENTIAL_SOURCES", "bearer, query:a/b")]).unwrap_err();
        assert!(error.to_string().starts_with("CREDENTIAL_SOURCES names an id and a key"), "{error}");
        assert!(read(&[id, token, ("THREESCALE_AUTH_TYPE", "OAUTH")]).is_err());
    }

    #[test]
    fn a_cache_needs_a_topic_and_a_collector_needs_a_cache() {
        let [id, token] = LEAST;
        let neither = read(&LEAST).unwrap();
        assert!(neither.check_authorizer().is_ok());
        assert!(neither.check_authrep_async().is_err());
        let cache = ("ELASTICACHE_ENDPOINT", "cache.example");
        let cached = read(&[id, token, cache, ("ELASTICACHE_AUTH_TOKEN", "CANARY")]).unwrap();
        assert!(cached.check_authorizer().unwrap_err().to_string().starts_with("SNS_TOPIC_ARN is missing"));
        assert!(cached.check_authrep_async().is_ok());
        assert!(!format!("{cached:?}").contains("CANARY"));
        let topic = ("SNS_AUTHREP_ARN", "arn:aws:sns:us-east-1:123456789012:authrep");
        assert!(read(&[id, token, cache, topic]).unwrap().check_authorizer().is_ok());
    }

    #[test]
    fn a_cache_is_one_server_unless_it_is_said_to_be_a_cluster() {
        let [id, token] = LEAST;
        let endpoint = ("ELASTICACHE_ENDPOINT", "cache.example");
        for (text, cluster) in [("", false), ("false", false), ("true", true)] {
            let settings = read(&[id, token, endpoint, ("ELASTICACHE_CLUSTER", text)]).unwrap();
            assert_eq!(settings.cache.map(|cache| cache.cluster), Some(cluster), "{text}");
        }
    }

    #[test]
    fn a_credential_secret_of_its_own_outlives_a_token() {
        let [id, token] = LEAST;
        let fingerprint = |settings: Settings| settings.keyring.fingerprint(["x"]);
        let with = |token, secret| fingerprint(read(&[id, token, ("CREDENTIAL_SECRET", secret)]).unwrap());
        let new_token = ("THREESCALE_SERVICE_TOKEN", "new");
        assert_eq!(with(token, "secret"), with(new_token, "secret"));
        assert_ne!(with(token, ""), with(new_token, ""));
    }
}
