//! What a gateway is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use authz_core::gateway::{Api, ApiKind, GatewayResponses, IdentitySource, IdentitySourceError, Stage};
use authz_core::settings::Settings;
use clap::ValueEnum;
use lambda_shell::Log;
use threescale_stub::Clock;

/// What a gateway is made of; by default all of it is on this machine.
#[derive(Debug)]
pub struct Config {
    /// Variables as the Lambda functions read them. Without `threescale`, its URL is the stub's, and so are the service
    /// and the token that are not set.
    pub variables: BTreeMap<String, String>,
    /// Variables that `authrep-async` reads otherwise.
    pub authrep_async: BTreeMap<String, String>,
    /// The URL of a real Service Management API, in place of the stub.
    pub threescale: Option<String>,
    /// The URL of a real API, in place of the echo.
    pub upstream: Option<String>,
    /// A built authorizer, in place of the one in this process.
    pub bootstrap: Option<PathBuf>,
    /// What API Gateway is told about the API.
    pub api: ApiConfig,
    /// What all of it reads the time from, but for a bootstrap.
    pub clock: Clock,
    /// What the functions tell an operator.
    pub log: Log,
    /// What the gateway tells of each request.
    pub access_log: AccessLog,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            authrep_async: BTreeMap::new(),
            threescale: None,
            upstream: None,
            bootstrap: None,
            api: ApiConfig::default(),
            clock: Clock::system(),
            log: Log::stdout(),
            access_log: AccessLog::stdout(),
        }
    }
}

/// What API Gateway is told about an API.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Which API, and which authorizer.
    pub kind: Kind,
    /// Whether the stage is `$default`, at the root, and not the first part of the path.
    pub default_stage: bool,
    /// Identity sources as API Gateway writes them; none: where the authorizer looks for the credential, if that is one
    /// place.
    pub identity_sources: Vec<String>,
    /// Whether an HTTP API of payload format 2.0 takes simple responses; `None`: as the authorizer is told to answer.
    pub simple_responses: Option<bool>,
    /// How long API Gateway remembers an answer.
    pub ttl: Duration,
    /// What clients of a REST API get in place of API Gateway's own answers.
    pub responses: GatewayResponses,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            kind: Kind::RestRequest,
            default_stage: false,
            identity_sources: Vec::new(),
            simple_responses: None,
            ttl: Duration::ZERO,
            responses: GatewayResponses::recommended(),
        }
    }
}

/// Which API, and which authorizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// REST API, TOKEN authorizer
    RestToken,
    /// REST API, REQUEST authorizer
    RestRequest,
    /// HTTP API, payload format 1.0
    #[value(name = "http-1.0")]
    Http1,
    /// HTTP API, payload format 2.0
    #[value(name = "http-2.0")]
    Http2,
    /// WebSocket API, authorizer of `$connect`
    #[value(name = "websocket")]
    WebSocket,
}

impl ApiConfig {
    /// Puts the API together for an authorizer with these settings.
    pub(crate) fn api(self, settings: &Settings) -> Result<Api, IdentitySourceError> {
        let kind = match self.kind {
            Kind::RestToken => ApiKind::RestToken,
            Kind::RestRequest => ApiKind::RestRequest,
            Kind::Http1 => ApiKind::Http1,
            Kind::Http2 => match self.simple_responses {
                Some(simple_responses) => ApiKind::Http2 { simple_responses },
                None => ApiKind::http2(settings),
            },
            Kind::WebSocket => ApiKind::WebSocket,
        };
        let named = self.identity_sources.iter().map(|text| IdentitySource::parse(kind.protocol(), text));
        let mut identity_sources = named.collect::<Result<Vec<_>, _>>()?;
        if identity_sources.is_empty() {
            identity_sources.extend(IdentitySource::of_credentials(kind, &settings.sources));
        }
        let stage = if self.default_stage { Stage::Default } else { Stage::InPath };
        Ok(Api { stage, identity_sources, ttl: self.ttl, responses: self.responses, ..Api::new(kind) })
    }
}

/// Where the lines of the access log go.
#[derive(Clone)]
pub struct AccessLog(Arc<dyn Fn(&str) + Send + Sync>);

impl AccessLog {
    /// Writes to standard output.
    pub fn stdout() -> Self {
        Self::to(|line| {
            // A log that nobody takes is no reason to fail a client.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        })
    }

    /// Hands each line to `write`.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    pub(crate) fn line(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLog")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(kind: Kind, set: &[(&str, &str)]) -> Api {
        let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token")];
        let variables = least.iter().chain(set).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let settings = Settings::read(&variables.collect()).unwrap();
        ApiConfig { kind, ..ApiConfig::default() }.api(&settings).unwrap()
    }

    #[test]
    fn the_identity_is_where_the_authorizer_looks_for_the_credential() {
        let sources = |kind, credential| {
            let api = api(kind, &[("CREDENTIAL_SOURCES", credential)]);
            api.identity_sources.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(sources(Kind::RestRequest, "header:apikey"), ["method.request.header.apikey"]);
        assert_eq!(sources(Kind::Http2, "query:user_key"), ["$request.querystring.user_key"]);
        assert_eq!(sources(Kind::WebSocket, "bearer"), ["route.request.header.authorization"]);
        assert_eq!(sources(Kind::RestRequest, "header:apikey,bearer"), [""; 0]);
        assert_eq!(sources(Kind::RestToken, "header:apikey,bearer"), ["method.request.header.apikey"]);
    }

    #[test]
    fn a_format_2_api_expects_what_the_authorizer_is_told_to_answer() {
        let kind = |response| api(Kind::Http2, &[("HTTP_API_RESPONSE", response)]).kind;
        assert_eq!(kind(""), ApiKind::Http2 { simple_responses: true });
        assert_eq!(kind("simple"), ApiKind::Http2 { simple_responses: true });
        assert_eq!(kind("iam"), ApiKind::Http2 { simple_responses: false });
    }
}
