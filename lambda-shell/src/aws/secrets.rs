//! Secrets by reference: variables that say where a secret is kept.

mod failure;
mod lookup;
mod reference;
mod request;

use std::collections::BTreeMap;

use reqwest::Client;

use super::environment::Environment;
use lookup::look_up;
use reference::Reference;

pub use failure::{SecretFailure, SecretsError, Unresolved};

/// The variables that may refer to a secret.
const VARIABLES: [&str; 4] =
    ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN"];

/// Puts secrets in the place of references to them.
///
/// | value | becomes |
/// |---|---|
/// | `ssm:NAME` | the parameter, decrypted (Systems Manager API, `GetParameter`); `NAME` may be an ARN |
/// | `secretsmanager:NAME` | the secret's text (Secrets Manager API, `GetSecretValue`); `NAME` may be an ARN |
/// | `secretsmanager:NAME#KEY` | the text of a member of the secret, which is a JSON object |
///
/// Only `THREESCALE_SERVICE_TOKEN`, `THREESCALE_PROVIDER_KEY`, `CREDENTIAL_SECRET` and `ELASTICACHE_AUTH_TOKEN` may
/// refer. An ARN is asked for in its own region. All are asked for at once, and each has 2 seconds; whatever fails is
/// told at once, and then no variable is changed.
///
/// Where nothing refers, the AWS side of the variables ([`Environment::read`]) is not even read.
pub async fn resolve_secrets(client: &Client, variables: &mut BTreeMap<String, String>) -> Result<(), SecretsError> {
    let references = VARIABLES.map(|variable| Some((variable, Reference::parse(variables.get(variable)?)?)));
    if references.iter().all(Option::is_none) {
        return Ok(());
    }
    let environment = Environment::read(variables).map_err(SecretsError::Environment)?;
    let [first, second, third, fourth] = references.map(|reference| resolve(client, &environment, reference));
    let resolved = tokio::join!(first, second, third, fourth);
    let mut secrets = Vec::new();
    let mut failures = Vec::new();
    for resolved in [resolved.0, resolved.1, resolved.2, resolved.3].into_iter().flatten() {
        match resolved {
            Ok(secret) => secrets.push(secret),
            Err(failure) => failures.push(failure),
        }
    }
    if !failures.is_empty() {
        return Err(SecretsError::Unresolved(failures));
    }
    variables.extend(secrets.into_iter().map(|(variable, secret)| (variable.to_owned(), secret)));
    Ok(())
}

type Variable = &'static str;

async fn resolve(
    client: &Client,
    environment: &Environment,
    reference: Option<(Variable, Reference)>,
) -> Option<Result<(Variable, String), Unresolved>> {
    let (variable, reference) = reference?;
    let looked_up = look_up(client, environment, &reference).await;
    let unresolved = |failure| Unresolved { variable, reference: reference.to_string(), failure };
    Some(looked_up.map(|secret| (variable, secret)).map_err(unresolved))
}
