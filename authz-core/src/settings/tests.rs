//! Settings of both functions, from the texts of an environment.

use super::*;
use crate::method_arn::MethodArn;
use crate::threescale::ServiceId;

fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(&variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
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
    assert!(matches!(both.services.iter().next().unwrap().access, Access::ServiceToken(_)));
    let key = read(&[id, ("THREESCALE_PROVIDER_KEY", "key")]).unwrap();
    assert!(matches!(key.services.iter().next().unwrap().access, Access::ProviderKey(_)));
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
            "THREESCALE_TIMEOUT_MS",
            "THREESCALE_REFERRER",
            "CREDENTIAL_SOURCES",
            "ELASTICACHE_ENDPOINT",
            "ELASTICACHE_PORT",
            "ELASTICACHE_TLS",
            "ELASTICACHE_CLUSTER",
            "SNS_TOPIC_ARN",
            "CACHE_GRANT_TTL_SECS",
            "FAIL_MODE",
            "POLICY_SCOPE",
            "THREESCALE_SERVICE_TOKEN",
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

const MAP: &str = r#"[{"gateway":"abc","stage":"dev","service_id":"7"},
    {"gateway":"abc","stage":"prod","service_id":"8","service_token":"CANARY-8"}]"#;

#[test]
fn a_map_tells_the_service_of_a_gateway_and_its_stage() {
    let [_, token] = LEAST;
    let settings = read(&[token, ("SERVICES_MAP", MAP)]).unwrap();
    let of_call = |stage: &str| {
        let arn = format!("arn:aws:execute-api:us-east-1:1:{stage}/GET/a");
        settings.services.of_call(&MethodArn::parse(&arn).unwrap()).map(|service| service.id.as_str())
    };
    assert_eq!(["abc/dev", "abc/prod", "abc/x", "abcd/dev"].map(of_call), [Some("7"), Some("8"), None, None]);
    assert!(settings.services.by_id(&ServiceId::parse("8").unwrap()).is_some());
    assert!(settings.services.by_id(&ServiceId::parse("9").unwrap()).is_none());
    assert!(!format!("{settings:?}").contains("CANARY"));
}

#[test]
fn a_map_stands_alone() {
    let [id, token] = LEAST;
    let map = ("SERVICES_MAP", MAP);
    let error = |variables: &[(&str, &str)]| read(variables).unwrap_err().to_string();
    assert!(error(&[id, token, map]).starts_with("SERVICES_MAP maps every call"));
    assert_eq!(
        error(&[map]),
        "SERVICES_MAP has an entry without `service_token`: give it one, or set THREESCALE_SERVICE_TOKEN; \
         CREDENTIAL_SECRET is missing: where only the entries of SERVICES_MAP have tokens, nothing else can stand in for it"
    );
    let own = r#"[{"gateway":"abc","stage":"dev","service_id":"7","service_token":"CANARY"}]"#;
    assert!(read(&[("SERVICES_MAP", own), ("CREDENTIAL_SECRET", "secret")]).is_ok());
    let rules = ("MAPPING_RULES", r#"[{"http_method":"GET","pattern":"/","metric":"hits"}]"#);
    assert!(error(&[token, map, rules]).starts_with("MAPPING_RULES go into the entries"));
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

#[test]
fn whoever_can_not_start_still_knows_what_to_tell() {
    let logging = |variables: &[(&str, &str)]| {
        Logging::read(&variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    };
    assert_eq!(logging(&[]), Logging::default());
    let told = logging(&[("FAIL_MODE", "ajar"), ("LOG_SAMPLE_RATE", "0.25"), ("SERVERLESS_STAGE", "dev")]);
    assert_eq!((told.sample_rate.get(), told.deployment.stage.as_deref()), (0.25, Some("dev")));
    assert_eq!(logging(&[("LOG_SAMPLE_RATE", "2"), ("METRICS", "false")]).sample_rate, SampleRate::ALL);
    assert!(!logging(&[("METRICS", "false")]).metrics);
}
