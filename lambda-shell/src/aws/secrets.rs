//! Secrets by reference: variables that say where a secret is kept.

mod failure;
mod lookup;
mod reference;
mod request;

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::join_all;
use reqwest::Client;
use serde_json::Value;

use super::environment::Environment;
use lookup::look_up;
use reference::Reference;

pub use failure::{SecretFailure, SecretsError, Unresolved};

/// The variables that may refer to a secret.
const VARIABLES: [&str; 4] =
    ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN"];

/// Where references may be besides.
const MAP: &str = "SERVICES_MAP";
const TOKEN: &str = "service_token";

/// Puts secrets in the place of references to them.
///
/// | value | becomes |
/// |---|---|
/// | `ssm:NAME` | the parameter, decrypted (Systems Manager API, `GetParameter`); `NAME` may be an ARN |
/// | `secretsmanager:NAME` | the secret's text (Secrets Manager API, `GetSecretValue`); `NAME` may be an ARN |
/// | `secretsmanager:NAME#KEY` | the text of a member of the secret, which is a JSON object |
///
/// Only `THREESCALE_SERVICE_TOKEN`, `THREESCALE_PROVIDER_KEY`, `CREDENTIAL_SECRET` and `ELASTICACHE_AUTH_TOKEN` may
/// refer, and `service_token` in the entries of `SERVICES_MAP`. An ARN is asked for in its own region. All are asked for
/// at once, and each has 2 seconds; whatever fails is told at once, and then no variable is changed.
///
/// Where nothing refers, the AWS side of the variables ([`Environment::read`]) is not even read.
pub async fn resolve_secrets(client: &Client, variables: &mut BTreeMap<String, String>) -> Result<(), SecretsError> {
    let mut map = entries(variables);
    let references = references(variables, &map);
    if references.is_empty() {
        return Ok(());
    }
    let environment = Environment::read(variables).map_err(SecretsError::Environment)?;
    let lookups = references.iter().map(|(_, reference)| look_up(client, &environment, reference));
    let (mut resolved, mut failures) = (variables.clone(), Vec::new());
    for ((place, reference), looked_up) in references.iter().zip(join_all(lookups).await) {
        match (looked_up, *place) {
            (Ok(secret), Place::Variable(name)) => drop(resolved.insert(name.to_owned(), secret)),
            (Ok(secret), Place::Entry(index)) => map[index][TOKEN] = Value::String(secret),
            (Err(failure), place) => {
                failures.push(Unresolved { place: place.to_string(), reference: reference.to_string(), failure });
            }
        }
    }
    if !failures.is_empty() {
        return Err(SecretsError::Unresolved(failures));
    }
    if !map.is_empty() {
        resolved.insert(MAP.to_owned(), Value::Array(map).to_string());
    }
    *variables = resolved;
    Ok(())
}

/// Whether any secret is to be looked up.
pub fn refers_to_secrets(variables: &BTreeMap<String, String>) -> bool {
    !references(variables, &entries(variables)).is_empty()
}

fn references(variables: &BTreeMap<String, String>, map: &[Value]) -> Vec<(Place, Reference)> {
    let of_variables = VARIABLES.map(|name| (Place::Variable(name), variables.get(name).map(String::as_str)));
    let of_entries = map.iter().enumerate().map(|(index, entry)| (Place::Entry(index), entry[TOKEN].as_str()));
    let all = of_variables.into_iter().chain(of_entries);
    all.filter_map(|(place, text)| Some((place, Reference::parse(text?)?))).collect()
}

/// The entries of the map. What is no JSON list is left to be told with the other settings.
fn entries(variables: &BTreeMap<String, String>) -> Vec<Value> {
    variables.get(MAP).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What refers to a secret.
#[derive(Clone, Copy, Debug)]
enum Place {
    Variable(&'static str),
    /// An entry of the map, by its index.
    Entry(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Entry(index) => write!(f, "{TOKEN} of entry {} of {MAP}", index + 1),
        }
    }
}
