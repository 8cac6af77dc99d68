//! The `s-function.json` of an earlier product as a stage's file.

use authz_core::settings::Variables;
use serde_json::{Map, Value, json};

use crate::environment;
use crate::init::SCHEMA_FILE;
use crate::report::Problem;
use crate::schema::{self, Key};
use crate::secret::{Reference, SERVICE_TOKEN};
use crate::source::Source;

/// What was understood.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The stage that the file is for, if it says.
    pub(crate) stage: Option<String>,
    /// A stage's file.
    pub(crate) file: Map<String, Value>,
    /// What was changed, or left out, and why.
    pub(crate) notes: Vec<String>,
}

/// Reads a file of Serverless 0.5. Secrets are not copied.
pub(crate) fn s_function(name: &str, text: &str) -> Result<Imported, Problem> {
    let (source, problems) = Source::parse(name.to_owned(), text.to_owned());
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let Some(environment) = source.value.get("environment").and_then(Value::as_object) else {
        let problem = Problem::error("no-environment", format!("{name} has no `environment`"));
        return Err(problem.help("name the s-function.json of `authorizer` or `authrepAsync`"));
    };
    let mut import = Import::default();
    environment.iter().for_each(|(name, value)| import.variable(name, value));
    import.function(&source.value);
    let Import { stage, deployment, settings, notes } = import;
    let file = json!({ "$schema": SCHEMA_FILE, "deployment": deployment, "settings": settings });
    Ok(Imported { stage, file: file.as_object().cloned().unwrap_or_default(), notes })
}

#[derive(Default)]
struct Import {
    stage: Option<String>,
    deployment: Map<String, Value>,
    settings: Map<String, Value>,
    notes: Vec<String>,
}

impl Import {
    fn variable(&mut self, former: &str, value: &Value) {
        let name = Variables::FORMER.iter().find(|(name, _)| *name == former).map_or(former, |(_, now)| now);
        match (name, value) {
            ("SERVERLESS_STAGE", Value::String(stage)) => {
                self.stage = Some(stage.clone()).filter(|_| !is_variable(stage));
            }
            ("SERVERLESS_PROJECT", project) => self.deploy("project", project),
            ("SERVERLESS_REGION", region) => self.deploy("region", region),
            _ => match schema::key(name).filter(|key| key.is_setting()) {
                Some(key) => self.setting(key, former, value),
                None => self.note(format!("`{former}` was left out: no variable of today has that name")),
            },
        }
    }

    fn setting(&mut self, key: &Key, former: &str, value: &Value) {
        let text = environment::text(value).unwrap_or_default();
        if key.name != former {
            self.note(format!("`{former}` is `{}` now", key.name));
        }
        let new = match key.name.as_str() {
            _ if text.is_empty() => return self.note(format!("`{former}` was left out: it is empty")),
            _ if key.is_secret() && Reference::parse(&text).is_none() => self.no_secret(&key.name),
            _ if is_variable(&text) => self.filled_in_later(&key.name),
            "THREESCALE_AUTH_TYPE" if text == "APIKEY" => "user_key".into(),
            "THREESCALE_AUTH_TYPE" if text == "OAUTH" => {
                return self.note("`THREESCALE_AUTH_TYPE` = `OAUTH` was left out: tokens are not supported".to_owned());
            }
            "SERVICES_MAP" => self.services(key.read(&text)),
            _ => key.read(&text),
        };
        self.settings.insert(key.name.clone(), new);
    }

    /// The members of the list's entries had other names.
    fn services(&mut self, list: Value) -> Value {
        let Value::Array(entries) = list else { return list };
        let renamed = |name: &str| match name {
            "aws_gateway_id" => "gateway".to_owned(),
            "threescale_service_id" => "service_id".to_owned(),
            other => other.to_owned(),
        };
        let mut entry = |entry: Value| {
            let Value::Object(members) = entry else { return entry };
            let members = members.into_iter().map(|(name, value)| {
                let is_literal = value.as_str().is_none_or(|text| Reference::parse(text).is_none());
                let value = if name == SERVICE_TOKEN && is_literal { self.no_secret("SERVICES_MAP") } else { value };
                (renamed(&name), value)
            });
            Value::Object(members.collect())
        };
        entries.into_iter().map(&mut entry).collect()
    }

    /// What is beside the environment.
    fn function(&mut self, function: &Value) {
        let is_async = function["name"].as_str().is_some_and(|name| name.to_lowercase().contains("async"));
        let part = if is_async { "authrep_async" } else { "authorizer" };
        let limits = [("timeout", "timeout_secs"), ("memorySize", "memory_mb")];
        let limits = limits.iter().filter_map(|(from, to)| Some(((*to).to_owned(), function.get(from)?.clone())));
        let limits: Map<_, _> = limits.collect();
        if !limits.is_empty() {
            self.deployment.insert(part.to_owned(), limits.into());
        }
        if let Some(role) = function["customRole"].as_str() {
            self.deploy("role_arn", &role.into());
        }
        self.gateway(&function["authorizer"]);
        self.vpc(&function["vpc"]);
    }

    fn gateway(&mut self, authorizer: &Value) {
        let ttl = &authorizer["authorizerResultTtlInSeconds"];
        let ttl = environment::text(ttl).and_then(|text| text.parse::<u32>().ok());
        let source = authorizer["identitySource"].as_str();
        let gateway: Map<_, _> = [("identity_source", source.map(Value::from)), ("ttl_secs", ttl.map(Value::from))]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        if !gateway.is_empty() {
            self.deployment.insert("gateway".to_owned(), gateway.into());
        }
    }

    fn vpc(&mut self, vpc: &Value) {
        let names = [("securityGroupIds", "security_group_ids"), ("subnetIds", "subnet_ids")];
        let lists = names.iter().filter_map(|(from, to)| {
            let ids: Vec<_> =
                vpc[*from].as_array()?.iter().filter_map(Value::as_str).filter(|id| !id.is_empty()).collect();
            let ids = ids.iter().map(|id| if is_variable(id) { placeholder(to) } else { Value::from(*id) });
            Some(((*to).to_owned(), ids.collect::<Value>())).filter(|(_, ids)| ids != &json!([]))
        });
        let lists: Map<_, _> = lists.collect();
        if !lists.is_empty() {
            self.deployment.insert("vpc".to_owned(), lists.into());
        }
    }

    fn deploy(&mut self, name: &str, value: &Value) {
        let value = if value.as_str().is_some_and(is_variable) { self.filled_in_later(name) } else { value.clone() };
        self.deployment.insert(name.to_owned(), value);
    }

    fn no_secret(&mut self, name: &str) -> Value {
        self.note(format!("the secret in `{name}` was not copied: put it into a store, and its name into the file"));
        "ssm:/YOUR_PATH/YOUR_SECRET".into()
    }

    fn filled_in_later(&mut self, name: &str) -> Value {
        self.note(format!("`{name}` is to be filled in: it was a variable of Serverless"));
        placeholder(name)
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

fn placeholder(name: &str) -> Value {
    format!("YOUR_{}", name.to_uppercase()).into()
}

fn is_variable(text: &str) -> bool {
    text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_ancestor_becomes_a_stage_without_its_secrets() {
        let text = r#"{"name": "authorizer", "timeout": 6, "memorySize": 1024, "customRole": false,
            "authorizer": {"identitySource": "method.request.header.user-key", "authorizerResultTtlInSeconds": "0"},
            "environment": {"SERVERLESS_PROJECT": "${project}", "SERVERLESS_STAGE": "prod", "SERVERLESS_REGION": "eu-west-1",
              "THREESCALE_PROVIDER_KEY": "CANARY", "THREESCALE_AUTH_TYPE": "APIKEY", "ELASTICACHE_PORT": "6379",
              "ELASTICACHE_ENDPOINT": "${elastiCacheEndpoint}", "SNS_AUTHREP_ARN": "arn:aws:sns:eu-west-1:1:t",
              "IDP_URL": "https://idp.example", "THREESCALE_SERVICE_ID": "",
              "SERVICES_MAP": [{"aws_gateway_id": "g", "stage": "dev", "threescale_service_id": "7"}]},
            "vpc": {"securityGroupIds": ["sg-1"], "subnetIds": [""]}}"#;
        let Imported { stage, file, notes } = s_function("f", text).unwrap();
        assert_eq!(stage.as_deref(), Some("prod"));
        let expected = json!({
            "$schema": "environment.schema.json",
            "deployment": {
                "authorizer": {"memory_mb": 1024, "timeout_secs": 6},
                "gateway": {"identity_source": "method.request.header.user-key", "ttl_secs": 0},
                "project": "YOUR_PROJECT", "region": "eu-west-1", "vpc": {"security_group_ids": ["sg-1"]},
            },
            "settings": {
                "ELASTICACHE_ENDPOINT": "YOUR_ELASTICACHE_ENDPOINT", "ELASTICACHE_PORT": 6379,
                "SERVICES_MAP": [{"gateway": "g", "stage": "dev", "service_id": "7"}],
                "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:1:t", "THREESCALE_AUTH_TYPE": "user_key",
                "THREESCALE_PROVIDER_KEY": "ssm:/YOUR_PATH/YOUR_SECRET",
            },
        });
        assert_eq!(Value::Object(file), expected);
        let notes = notes.join("\n");
        for told in [
            "`IDP_URL` was left out",
            "THREESCALE_PROVIDER_KEY` was not copied",
            "`SNS_AUTHREP_ARN` is `SNS_TOPIC_ARN`",
        ] {
            assert!(notes.contains(told), "{notes}");
        }
    }

    #[test]
    fn what_is_no_function_is_refused() {
        for (text, code) in [("{}", "no-environment"), ("[", "syntax")] {
            assert_eq!(s_function("f", text).unwrap_err().code, code);
        }
    }
}
