//! What deployment tools need to know besides the environment.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// Where and how the functions run. A stage's file adds to what `base.json` says; a list takes the place of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(transform = nothing_required)]
pub(crate) struct Deployment {
    /// the project's name, of which the names of functions are made
    #[schemars(regex(pattern = "^[A-Za-z][A-Za-z0-9-]{0,30}$"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) project: String,
    /// the region of AWS
    #[schemars(regex(pattern = "^[a-z]{2,}(-[a-z]+)+-[0-9]$"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) region: String,
    /// the ARN of a role for both functions; without one the deployment tool makes one
    #[schemars(with = "String", regex(pattern = "^arn:[^:]+:iam::[0-9]{12}:role/.+$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role_arn: Option<String>,
    /// the network that reaches the cache; without one the functions run outside of any
    #[schemars(with = "Vpc")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc: Option<Vpc>,
    /// the gateway's side of the authorizer
    pub(crate) gateway: Gateway,
    /// the SQS queue between the topic and `authrep-async`; without one the topic wakes it itself
    #[schemars(with = "Queue")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<Queue>,
    /// the function that answers API Gateway
    pub(crate) authorizer: Authorizer,
    /// the function that tells 3scale of cached calls
    pub(crate) authrep_async: AuthrepAsync,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Vpc {
    /// the ids of its security groups, which must reach the cache, 3scale and SNS
    #[schemars(length(min = 1), inner(regex(pattern = "^sg-[0-9a-z]+$")))]
    pub(crate) security_group_ids: Vec<String>,
    /// the ids of its private subnets
    #[schemars(length(min = 1), inner(regex(pattern = "^subnet-[0-9a-z]+$")))]
    pub(crate) subnet_ids: Vec<String>,
}

/// How API Gateway asks the authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    /// what must be there for the authorizer to be asked
    #[schemars(regex(pattern = r"^method\.request\.(header|querystring)\.[A-Za-z0-9_-]+$"))]
    pub(crate) identity_source: String,
    /// how long API Gateway itself repeats an answer, in seconds; at 0 it asks for each call
    #[schemars(range(max = 3600))]
    pub(crate) ttl_secs: u32,
}

/// A queue that gathers messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Queue {
    /// how long each message waits, in seconds
    #[schemars(range(max = 900))]
    pub(crate) delay_secs: u32,
    /// how long a batch is gathered, in seconds
    #[schemars(range(max = 300))]
    pub(crate) batch_window_secs: u32,
}

/// The limits of `authorizer`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Authorizer {
    /// its memory, in megabytes, which its share of a processor goes with
    #[schemars(range(min = 128, max = 10_240))]
    pub(crate) memory_mb: u32,
    /// its time limit, in seconds
    #[schemars(range(min = 1, max = 29))]
    pub(crate) timeout_secs: u32,
}

/// The limits of `authrep-async`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuthrepAsync {
    /// its memory, in megabytes, which its share of a processor goes with
    #[schemars(range(min = 128, max = 10_240))]
    pub(crate) memory_mb: u32,
    /// its time limit, in seconds; the queue's visibility time-out must be six times that
    #[schemars(range(min = 1, max = 900))]
    pub(crate) timeout_secs: u32,
}

impl Deployment {
    /// Queue delay and batch window, in seconds.
    pub(crate) fn collect_delay_secs(&self) -> u32 {
        self.queue.as_ref().map_or(0, |queue| queue.delay_secs.saturating_add(queue.batch_window_secs))
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self { identity_source: "method.request.header.apikey".to_owned(), ttl_secs: 0 }
    }
}

impl Default for Authorizer {
    fn default() -> Self {
        Self { memory_mb: 256, timeout_secs: 5 }
    }
}

impl Default for AuthrepAsync {
    fn default() -> Self {
        Self { memory_mb: 256, timeout_secs: 30 }
    }
}

/// Each layer may leave out what another one says.
pub(crate) fn nothing_required(schema: &mut Schema) {
    schema.remove("required");
}
