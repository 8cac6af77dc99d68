//! The variables of a function.

use std::collections::BTreeMap;

use authz_core::settings::{Settings, SettingsError, Variables};
use serde_json::Value;

use crate::{CANARY, keeps_secrets};

/// Reads variables, one `NAME=value` a line; the value of each secret is replaced by a marked one.
///
/// Either every variable is right and within its bounds, or each mistake is told by the name of a variable. Neither the
/// settings nor the mistakes show a secret.
pub fn check(input: &[u8]) -> bool {
    let variables = parsed(&String::from_utf8_lossy(input));
    match Settings::read(&variables) {
        Ok(settings) => {
            keeps_secrets(&format!("{settings:?}"));
            is_within_bounds(&settings);
            let missing = [settings.check_authorizer(), settings.check_authrep_async()];
            missing.iter().filter_map(|missing| missing.as_ref().err()).for_each(names_variables);
            true
        }
        Err(error) => {
            names_variables(&error);
            false
        }
    }
}

fn names_variables(error: &SettingsError) {
    keeps_secrets(&format!("{error} {error:?}"));
    assert!(!error.problems.is_empty());
    assert!(error.problems.iter().all(|problem| Variables::has(problem.variable)), "{error}");
}

const SECRETS: [&str; 4] =
    ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN"];

fn parsed(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(name, value)| {
            let value = value.replace(CANARY, "plain-");
            let value = match name {
                _ if SECRETS.contains(&name) && !value.is_empty() => format!("{CANARY}{value}"),
                "SERVICES_MAP" => with_secrets(&value),
                _ => value,
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// Marks the token of every service, whatever it is.
fn with_secrets(services: &str) -> String {
    let Ok(Value::Array(mut services)) = serde_json::from_str(services) else { return services.to_owned() };
    for token in services.iter_mut().filter_map(|service| service.get_mut("service_token")) {
        *token = format!("{CANARY}{token}").into();
    }
    Value::Array(services).to_string()
}

fn is_within_bounds(settings: &Settings) {
    let url = &settings.backend_url;
    assert!(url.starts_with("https://") || url.starts_with("http://"), "{url}");
    assert!(!url.contains(['@', '?', '#']) && !url.ends_with('/'), "{url}");
    assert!(settings.services.iter().next().is_some() && !settings.sources.credential.is_empty());
    let limits = [Some(settings.threescale_timeout), settings.cache.as_ref().map(|cache| cache.timeout)];
    let limits = limits.into_iter().chain([settings.topic.as_ref().map(|topic| topic.timeout)]).flatten();
    assert!(limits.into_iter().all(|limit| !limit.is_zero() && limit.as_secs() <= 10), "every wait has a limit");
    assert!(settings.lifetimes.grant.as_secs() <= 3600 && settings.lifetimes.denial.as_secs() <= 3600);
}
