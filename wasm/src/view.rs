//! What is shown of a simulation.

use serde::Serialize;
use serde_json::Value;

use crate::lint::Lint;
use crate::problem::Problem;

/// What comes of a scenario: everything that is wrong with it, or what happens.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation {
    pub(crate) ok: bool,
    pub(crate) version: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Problem>,
    pub(crate) moments: Vec<MomentView>,
    pub(crate) lints: Vec<Lint>,
}

/// One moment of the timeline.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MomentView {
    pub(crate) at: f64,
    pub(crate) clock: String,
    /// What happens: `GET /dev/greetings`, `event`, `collect`.
    pub(crate) what: String,
    /// What comes of it, in a few words that stay the same between releases.
    pub(crate) outcome: String,
    /// Whether that was expected; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<bool>,
    pub(crate) steps: Vec<StepView>,
    /// What became of each mapping rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rules: Vec<String>,
    /// What the authorizer was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<Value>,
    /// What it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Value>,
    /// What the client gets from API Gateway; left out if the backend answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<ClientView>,
    /// What the backend is told in `requestContext.authorizer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backend: Option<Value>,
    /// The line of API Gateway's access log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_log: Option<Value>,
    /// What was published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<Value>,
    /// The cache afterwards.
    pub(crate) ledgers: Vec<LedgerView>,
}

/// One step, and why it was taken.
#[derive(Debug, Serialize)]
pub(crate) struct StepView {
    /// Names the kind of step, and its place in the documentation.
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

/// An answer of API Gateway itself.
#[derive(Debug, Serialize)]
pub(crate) struct ClientView {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What is remembered of one credential and usage.
#[derive(Debug, Serialize)]
pub(crate) struct LedgerView {
    pub(crate) key: String,
    /// What 3scale last said, while it is believed or stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<Value>,
    /// For how many more seconds it is believed.
    pub(crate) fresh_secs: f64,
    /// How many uses may be counted in all; left out without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cap: Option<u64>,
    pub(crate) uses: u64,
    /// How many of them 3scale knows.
    pub(crate) told: u64,
}
