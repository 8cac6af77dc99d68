//! What is simulated: settings, an API, and what happens when.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::gateway::{Api, ApiKind, Call, GatewayResponses, IdentitySource};
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Reply};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A simulation. Everything but the timeline may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scenario {
    /// Where the JSON Schema of this file is.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// One line for a menu.
    #[serde(default)]
    pub title: String,
    /// What it shows.
    #[serde(default)]
    pub about: String,
    /// The authorizer's variables: numbers as numbers, lists as lists. Those that name 3scale and the cache are made up
    /// where they are missing.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "authz_core::settings::Variables"))]
    pub settings: Map<String, Value>,
    /// The API that clients call.
    #[serde(default)]
    pub api: ApiSetup,
    /// When the timeline begins, in seconds since 1970.
    #[serde(default = "begins")]
    pub begins: u64,
    /// What happens, in the order of time.
    pub timeline: Vec<Moment>,
}

/// An API and its authorizer, as they are configured in API Gateway.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiSetup {
    /// Which API, and which authorizer.
    pub kind: Kind,
    /// The API's id, which `SERVICES_MAP` calls the gateway.
    pub id: Option<String>,
    /// How long API Gateway remembers the authorizer's answers, in seconds; 0: not at all.
    pub authorizer_ttl_secs: u64,
    /// What a call must have before the authorizer is asked, as API Gateway writes it; by default the first of
    /// `CREDENTIAL_SOURCES` where that is one header or parameter.
    pub identity_sources: Option<Vec<String>>,
    /// Whether denials are answered by the recommended gateway responses, or by API Gateway's own.
    pub gateway_responses: Responses,
}

/// The kinds of APIs and authorizers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// REST API, TOKEN authorizer.
    RestToken,
    /// REST API, REQUEST authorizer.
    #[default]
    RestRequest,
    /// HTTP API, payload format 1.0.
    #[serde(rename = "http-1.0")]
    Http1,
    /// HTTP API, payload format 2.0; whether it has simple responses follows from `HTTP_API_RESPONSE`.
    #[serde(rename = "http-2.0")]
    Http2,
    /// WebSocket API, authorizer of `$connect`.
    Websocket,
}

/// Which gateway responses an API has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Responses {
    /// Those that the documentation recommends.
    #[default]
    Recommended,
    /// API Gateway's own.
    Default,
}

/// Something that happens: exactly one of `call`, `event` and `collect`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moment {
    /// When, in seconds since the beginning; not before the moment above.
    #[serde(default)]
    pub at: f64,
    /// A client calls the API.
    #[serde(default)]
    pub call: Option<ClientCall>,
    /// The authorizer is sent this event, whatever the API is.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Map<String, Value>>"))]
    pub event: Option<Value>,
    /// `authrep-async` is woken by every message that was published so far.
    #[serde(default)]
    pub collect: Option<Collect>,
    /// What 3scale says if it is asked; without it, yes.
    #[serde(default)]
    pub threescale: Option<Script>,
    /// Whether the cache answers.
    #[serde(default)]
    pub cache: CacheSetup,
    /// What comes of it, for a check: the beginning of its outcome.
    #[serde(default)]
    pub expect: Option<String>,
}

/// What a client sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientCall {
    /// The verb.
    #[serde(default = "get")]
    pub method: String,
    /// The path with the stage, and the query, as they are sent.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The address it comes from.
    #[serde(default = "somewhere")]
    pub source_ip: String,
}

/// A collection.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Collect {
    /// What 3scale says to the report; without it, that it took it.
    pub report: Option<Script>,
}

/// What 3scale does when it is asked: it answers, or it fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Script {
    /// The HTTP status of its answer.
    #[serde(default)]
    pub status: Option<u16>,
    /// Headers of its answer: `3scale-rejection-reason`, `3scale-limit-remaining`, `3scale-limit-reset`,
    /// `3scale-limit-max-value`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body of its answer; without it, one that fits the status.
    #[serde(default)]
    pub body: Option<String>,
    /// In place of an answer: how it fails.
    #[serde(default)]
    pub fails: Option<Fails>,
    /// How long it takes.
    #[serde(default)]
    pub after_ms: u64,
}

/// How 3scale fails to answer.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Fails {
    /// Nobody accepts the connection.
    NotConnected,
    /// There is no answer in time.
    TimedOut,
    /// The connection breaks.
    CutOff,
    /// The answer is too large.
    TooLarge,
}

/// Whether the cache answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CacheSetup {
    /// It does.
    #[default]
    Up,
    /// It does not.
    Down,
    /// There is none.
    None,
}

/// What stands in for settings that name what is simulated anyway.
const MADE_UP: [(&str, &str); 2] =
    [("THREESCALE_SERVICE_ID", "2555417700000"), ("THREESCALE_SERVICE_TOKEN", "simulated-token")];

impl Scenario {
    /// Returns the settings as the functions find them in their environment: every value a text.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let set = self.settings.iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        });
        let mut variables: BTreeMap<_, _> = set.collect();
        for (name, text) in MADE_UP {
            if !(name == "THREESCALE_SERVICE_ID" && variables.contains_key("SERVICES_MAP")) {
                variables.entry(name.to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        variables
    }
}

impl ClientCall {
    /// Returns the call as API Gateway takes it.
    pub fn call(&self) -> Call {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        Call {
            method: self.method.clone(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: self.headers.clone().into_iter().collect(),
            source_ip: self.source_ip.clone(),
        }
    }
}

impl ApiSetup {
    /// Makes the API that the settings go with.
    pub fn api(&self, settings: &Settings) -> Result<Api, String> {
        let kind = match self.kind {
            Kind::RestToken => ApiKind::RestToken,
            Kind::RestRequest => ApiKind::RestRequest,
            Kind::Http1 => ApiKind::Http1,
            Kind::Http2 => ApiKind::http2(settings),
            Kind::Websocket => ApiKind::WebSocket,
        };
        let protocol = kind.protocol();
        let identity_sources = match &self.identity_sources {
            Some(texts) => texts.iter().map(|text| IdentitySource::parse(protocol, text)).collect(),
            None => Ok(IdentitySource::of_credentials(kind, &settings.sources).into_iter().collect()),
        };
        let responses = match self.gateway_responses {
            Responses::Recommended => GatewayResponses::recommended(),
            Responses::Default => GatewayResponses::none(),
        };
        Ok(Api {
            identity_sources: identity_sources.map_err(|error| error.to_string())?,
            ttl: Duration::from_secs(self.authorizer_ttl_secs),
            responses,
            id: self.id.clone().unwrap_or_else(|| "abcdef123".to_owned()),
            ..Api::new(kind)
        })
    }
}

impl Script {
    /// What 3scale says where nothing is scripted: yes, without limits.
    pub fn yes() -> Self {
        Self::status(200)
    }

    /// What 3scale says to a report where nothing is scripted: it took it.
    pub fn taken() -> Self {
        Self::status(202)
    }

    fn status(status: u16) -> Self {
        Self { status: Some(status), headers: BTreeMap::new(), body: None, fails: None, after_ms: 0 }
    }

    /// The answer, or why there is none within `time_limit`.
    pub fn reply(&self, time_limit: Duration) -> Result<Reply, Failure> {
        match self.fails {
            Some(Fails::NotConnected) => return Err(Failure::NotConnected),
            Some(Fails::TimedOut) => return Err(Failure::TimedOut),
            Some(Fails::CutOff) => return Err(Failure::CutOff),
            Some(Fails::TooLarge) => return Err(Failure::TooLarge),
            None if self.takes() > time_limit => return Err(Failure::TimedOut),
            None => {}
        }
        let status = self.status.unwrap_or(200);
        let header = |name: &str| {
            let mut headers = self.headers.iter();
            headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let unlimited = |header: Option<String>| header.or_else(|| (status == 200).then(|| "-1".to_owned()));
        Ok(Reply {
            status,
            rejection_reason: header("3scale-rejection-reason"),
            limit_remaining: unlimited(header("3scale-limit-remaining")),
            limit_reset: unlimited(header("3scale-limit-reset")),
            limit_max_value: header("3scale-limit-max-value"),
            body: self.body.clone().unwrap_or_else(|| usual_body(status).to_owned()),
        })
    }

    /// How long the answer takes; at most as long as anybody waits for it.
    pub fn takes(&self) -> Duration {
        Duration::from_millis(self.after_ms)
    }
}

fn usual_body(status: u16) -> &'static str {
    match status {
        200 => "<status><authorized>true</authorized><plan>Basic</plan></status>",
        409 => "<status><authorized>false</authorized><reason>usage limits are exceeded</reason></status>",
        _ => "",
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn somewhere() -> String {
    "203.0.113.7".to_owned()
}

/// Half past ten in the morning, on a Monday.
fn begins() -> u64 {
    1_784_543_415
}
