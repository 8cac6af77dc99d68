//! What each deployment tool reads, from one map.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::ValueEnum;
use handlebars::{Handlebars, RenderError, handlebars_helper, no_escape};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::environment::Environment;
use crate::schema;
use crate::secret::Reference;

/// A deployment tool's form of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `s-function.json` of Serverless 0.5, one for each function
    SFunction,
    /// a flat object, for `${file(..)}` of osls and Serverless 1 to 4
    EnvJson,
    /// for a shell or a dotenv library
    Dotenv,
    /// for `aws lambda update-function-configuration --environment file://..`
    Lambda,
    /// for `aws cloudformation .. --parameters file://..`, and templates of SAM
    Cloudformation,
    /// `.tfvars.json` for Terraform
    Terraform,
}

/// A stage without a mistake in it.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) deployment: Deployment,
    pub(crate) environment: Environment,
}

/// A rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Below the stage's folder.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Stage {
    /// Renders one format. The same stage gives the same bytes.
    pub(crate) fn render(&self, format: Format) -> Result<Vec<File>, RenderError> {
        let name = &self.name;
        let one = |path: String, template, values: &Value| {
            Ok(vec![File { path: path.into(), text: TEMPLATES.render(template, values)? }])
        };
        match format {
            Format::SFunction => self.s_functions(),
            Format::EnvJson => one(format!("env.{name}.json"), "env.json", &json!({ "environment": self.environment })),
            Format::Dotenv => one(format!("{name}.env"), "dotenv", &json!({ "environment": self.environment })),
            Format::Lambda => {
                one(format!("lambda.{name}.json"), "lambda.json", &json!({ "environment": self.environment }))
            }
            Format::Cloudformation => one(
                format!("parameters.{name}.json"),
                "cloudformation.json",
                &json!({ "parameters": self.parameters() }),
            ),
            Format::Terraform => one(
                format!("{name}.tfvars.json"),
                "tfvars.json",
                &json!({ "deployment": self.deployment, "environment": self.environment, "stage": name }),
            ),
        }
    }

    /// Whether there is anything to tell 3scale of later.
    fn has_cache(&self) -> bool {
        self.environment.contains_key("ELASTICACHE_ENDPOINT")
    }

    fn s_functions(&self) -> Result<Vec<File>, RenderError> {
        let functions = [Some(self.authorizer()), self.has_cache().then(|| self.authrep_async())];
        let files = functions.into_iter().flatten().map(|function| {
            let path = PathBuf::from(function["name"].as_str().unwrap_or_default()).join("s-function.json");
            let values = json!({ "function": function, "environment": self.environment });
            Ok(File { path, text: TEMPLATES.render("s-function.json", &values)? })
        });
        files.collect()
    }

    fn authorizer(&self) -> Value {
        let Deployment { gateway, authorizer, .. } = &self.deployment;
        let mut function = self.function("authorizer", "Answers API Gateway for 3scale");
        function["authorizer"] = json!({
            "type": "TOKEN",
            "identitySource": gateway.identity_source,
            "authorizerResultTtlInSeconds": gateway.ttl_secs.to_string(),
        });
        function["memory_mb"] = authorizer.memory_mb.into();
        function["timeout_secs"] = authorizer.timeout_secs.into();
        function
    }

    fn authrep_async(&self) -> Value {
        let mut function = self.function("authrep-async", "Tells 3scale of cached calls");
        let topic = self.environment.get("SNS_TOPIC_ARN").and_then(|arn| arn.rsplit(':').next());
        // Serverless 0.5 knows no queues: with one, the tool that makes it connects it.
        if let (Some(topic), None) = (topic, &self.deployment.queue) {
            function["events"] = json!([{ "name": topic, "type": "sns", "config": { "topicName": topic } }]);
        }
        function["memory_mb"] = self.deployment.authrep_async.memory_mb.into();
        function["timeout_secs"] = self.deployment.authrep_async.timeout_secs.into();
        function
    }

    fn function(&self, name: &str, description: &str) -> Value {
        let Deployment { project, role_arn, vpc, .. } = &self.deployment;
        let vpc = vpc.clone().unwrap_or_default();
        json!({
            "name": name,
            "description": description,
            "custom_name": format!("{project}-{}-{name}", self.name),
            "custom_role": role_arn.as_ref().map_or(Value::Bool(false), |arn| arn.as_str().into()),
            "authorizer": {},
            "events": [],
            "security_group_ids": vpc.security_group_ids,
            "subnet_ids": vpc.subnet_ids,
        })
    }

    /// The variables, and of the deployment what a template needs.
    fn parameters(&self) -> BTreeMap<String, String> {
        let Deployment { vpc, gateway, queue, authorizer, authrep_async, .. } = &self.deployment;
        let (vpc, queue) = (vpc.clone().unwrap_or_default(), queue.clone().unwrap_or_default());
        let deployment = [
            ("AuthorizerMemoryMb", authorizer.memory_mb.to_string()),
            ("AuthorizerTimeoutSecs", authorizer.timeout_secs.to_string()),
            ("AuthrepAsyncMemoryMb", authrep_async.memory_mb.to_string()),
            ("AuthrepAsyncTimeoutSecs", authrep_async.timeout_secs.to_string()),
            ("GatewayTtlSecs", gateway.ttl_secs.to_string()),
            ("QueueBatchWindowSecs", queue.batch_window_secs.to_string()),
            ("QueueDelaySecs", queue.delay_secs.to_string()),
            ("VpcSecurityGroupIds", vpc.security_group_ids.join(",")),
            ("VpcSubnetIds", vpc.subnet_ids.join(",")),
        ];
        let variables = self.environment.iter().map(|(name, text)| (schema::parameter_name(name), text.clone()));
        variables.chain(deployment.map(|(name, text)| (name.to_owned(), text))).collect()
    }
}

static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_escape_fn(no_escape);
    templates.register_helper("json", Box::new(json_text));
    templates.register_helper("dotenv", Box::new(dotenv_text));
    for (name, text) in TEXTS {
        templates.register_template_string(name, text).expect("it is a template");
    }
    templates
});

const TEXTS: [(&str, &str); 6] = [
    ("env.json", include_str!("../templates/env.json.hbs")),
    ("lambda.json", include_str!("../templates/lambda.json.hbs")),
    ("dotenv", include_str!("../templates/dotenv.hbs")),
    ("cloudformation.json", include_str!("../templates/cloudformation.json.hbs")),
    ("tfvars.json", include_str!("../templates/tfvars.json.hbs")),
    ("s-function.json", include_str!("../templates/s-function.json.hbs")),
];

handlebars_helper!(json_text: |value: Json| value.to_string());
handlebars_helper!(dotenv_text: |variable: str, text: str| assigned(variable, text));

/// A reference of a secret to a variable of the machine is left to whoever reads the file.
fn assigned(variable: &str, text: &str) -> String {
    let is_secret = schema::key(variable).is_some_and(schema::Key::is_secret);
    match Reference::parse(text).filter(|_| is_secret) {
        Some(Reference::Local(name)) => format!("\"${{{name}}}\""),
        Some(Reference::Store) | None => single_quoted(text),
    }
}

/// What shells and dotenv libraries read alike: between single quotes every character means itself, but for `'` and, to
/// some libraries, `\`: those stand between two quoted parts.
pub(crate) fn single_quoted(text: &str) -> String {
    let part = |character| match character {
        '\'' | '\\' => format!(r"'\{character}'"),
        _ => String::from(character),
    };
    format!("'{}'", text.chars().map(part).collect::<String>())
}

#[cfg(test)]
mod tests;
