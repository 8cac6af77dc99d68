//! An API of API Gateway and its authorizer, as they are configured.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::gateway_response::GatewayResponses;
use super::identity::{IdentitySource, Place};
use crate::event::{CallerSources, EventKind};
use crate::policy::AnswerForm;
use crate::settings::Settings;

/// One API, deployed to stages of any name, with one authorizer in front of all of it.
///
/// It has no `identityValidationExpression`, with which API Gateway tries the header of a TOKEN authorizer before it
/// invokes: keys of 3scale have no form of their own, and an engine for regular expressions would outweigh the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Which API, and which authorizer.
    pub kind: ApiKind,
    /// How a call names its stage.
    pub stage: Stage,
    /// What a call must have before the authorizer is invoked, and what its answers are remembered by.
    pub identity_sources: Vec<IdentitySource>,
    /// How long an answer is remembered; zero: not at all.
    pub ttl: Duration,
    /// What clients of a REST API get in place of API Gateway's own answers.
    pub responses: GatewayResponses,
    /// The variables of every stage.
    pub stage_variables: BTreeMap<String, String>,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Where it is.
    pub region: String,
    /// Whose it is.
    pub account: String,
    /// Its name.
    pub id: String,
}

/// What an API is, and in which form its authorizer is asked and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// REST API, TOKEN authorizer: is shown one header.
    RestToken,
    /// REST API, REQUEST authorizer: is shown the request.
    RestRequest,
    /// HTTP API, payload format 1.0.
    Http1,
    /// HTTP API, payload format 2.0.
    Http2 {
        /// Whether the authorizer answers `isAuthorized` in place of a policy.
        simple_responses: bool,
    },
    /// WebSocket API, authorizer of the route `$connect`.
    WebSocket,
}

/// What clients speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
    /// A WebSocket API.
    WebSocket,
}

/// How a call names the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// By the first part of the path.
    InPath,
    /// Not at all: the stage is `$default`, which only HTTP APIs serve at the root.
    Default,
}

/// The name of the stage that needs no name in a path.
pub(super) const DEFAULT_STAGE: &str = "$default";

/// The longest that API Gateway remembers an answer. Source: "Configure a Lambda authorizer using the API Gateway
/// console".
const MAX_TTL: Duration = Duration::from_secs(3600);

impl Api {
    /// Makes an API without identity sources, cache and gateway responses, of an account that nobody has.
    pub fn new(kind: ApiKind) -> Self {
        Self {
            kind,
            stage: Stage::InPath,
            identity_sources: Vec::new(),
            ttl: Duration::ZERO,
            responses: GatewayResponses::none(),
            stage_variables: BTreeMap::new(),
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            id: "local".to_owned(),
        }
    }

    /// Whether an answer is remembered by the app key too, wherever one comes apart from its id. Where it is not, the
    /// answer to a right key is repeated for a wrong one.
    pub fn tells_app_keys_apart(&self, sources: &CallerSources) -> bool {
        let is_remembered_by = |place, name: &str| self.identity_sources.iter().any(|source| source.is_at(place, name));
        let mut keys = sources.credential.iter().filter_map(|source| Some((source.place, source.key_name.as_deref()?)));
        keys.all(|(place, name)| is_remembered_by(place, name))
    }

    /// Tells what API Gateway would not accept.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let protocol = self.kind.protocol();
        if self.stage == Stage::Default && protocol != Protocol::Http {
            return Err(ApiError::DefaultStage);
        }
        if let Some(source) = self.identity_sources.iter().find(|source| source.protocol() != protocol) {
            return Err(ApiError::Source { text: source.to_string() });
        }
        let is_one_header =
            matches!(self.identity_sources.as_slice(), [source] if matches!(source.place(), Place::Header(_)));
        if self.kind == ApiKind::RestToken && !is_one_header {
            return Err(ApiError::Token);
        }
        let remembers = !self.ttl.is_zero();
        match protocol {
            Protocol::WebSocket if remembers => Err(ApiError::CacheOfWebSocket),
            _ if self.ttl > MAX_TTL => Err(ApiError::Ttl),
            _ if remembers && self.identity_sources.is_empty() => Err(ApiError::CacheWithoutIdentity),
            Protocol::Rest | Protocol::Http | Protocol::WebSocket => Ok(()),
        }
    }

    pub(super) fn domain_name(&self) -> String {
        let suffix = if self.partition == "aws-cn" { ".cn" } else { "" };
        format!("{}.execute-api.{}.amazonaws.com{suffix}", self.id, self.region)
    }
}

impl ApiKind {
    /// Returns an HTTP API of payload format 2.0 whose authorizer is told the same: it can't see in an event which answer
    /// is wanted.
    pub fn http2(settings: &Settings) -> Self {
        Self::Http2 { simple_responses: settings.answer_form(EventKind::Http2) == AnswerForm::Simple }
    }

    /// Returns what clients speak to.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::RestToken | Self::RestRequest => Protocol::Rest,
            Self::Http1 | Self::Http2 { .. } => Protocol::Http,
            Self::WebSocket => Protocol::WebSocket,
        }
    }
}

/// Why there is no such API.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// REST and WebSocket APIs have the stage in the path.
    #[error("only an HTTP API serves the stage `$default`, at the root")]
    DefaultStage,
    /// The source is written as another kind of API has it.
    #[error("the identity source `{text}` is not one of this kind of API")]
    Source {
        /// What is written.
        text: String,
    },
    /// A TOKEN authorizer is shown a header.
    #[error("a TOKEN authorizer has one identity source, a header such as `method.request.header.apikey`")]
    Token,
    /// Source: "Caching authorizer responses" in "Control access to HTTP APIs with AWS Lambda authorizers".
    #[error("without an identity source there is nothing to remember answers by: name one, or set the TTL to 0")]
    CacheWithoutIdentity,
    /// Source: `AuthorizerResultTtlInSeconds` of `AWS::ApiGatewayV2::Authorizer`, which is for HTTP APIs only.
    #[error("a WebSocket API remembers no answers: set the TTL to 0")]
    CacheOfWebSocket,
    /// Longer than API Gateway remembers anything.
    #[error("the TTL is longer than {} seconds", MAX_TTL.as_secs())]
    Ttl,
}
