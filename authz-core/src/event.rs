//! What API Gateway sends to an authorizer. This is the only reader of its JSON.

mod pairs;
mod source;

use serde::Deserialize;
use thiserror::Error;

use crate::credential::{Caller, Credential, CredentialError, Referrer};
use crate::method_arn::{MethodArn, MethodArnError};
use pairs::{Pairs, Text};
pub use source::{AuthMode, CredentialSource, Place};

/// One question of API Gateway: may this caller call this method?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub method_arn: MethodArn,
    /// Joins everything that is said about this question.
    pub correlation_id: String,
}

/// Where an event says who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerSources {
    /// What kind of credential the service wants.
    pub mode: AuthMode,
    /// Where it may be, in the order in which it is looked for.
    pub credential: Vec<CredentialSource>,
    /// Where the referrer is.
    pub referrer: ReferrerSource,
}

/// Where a REQUEST event holds what 3scale calls the referrer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferrerSource {
    /// 3scale is told none.
    None,
    /// The host in the header `Referer`.
    Referer,
    /// The host in the header `Origin`.
    Origin,
    /// The address that the call came from, as API Gateway sees it.
    SourceIp,
}

/// Reads an event of a REST API's authorizer, TOKEN or REQUEST.
///
/// In a REQUEST event the first source that holds anything gives the credential. A TOKEN event holds one text, the value
/// of the header that the API names; it is read in the form of the first source. Fields this function does not name are
/// ignored, `null` counts as absent. Source: "Input to an API Gateway Lambda authorizer" in the API Gateway developer
/// guide.
pub fn read(event: &str, sources: &CallerSources, correlation_id: &str) -> Result<Request, EventError> {
    let wire: Wire<'_> = serde_json::from_str(event)
        .map_err(|error| EventError::NotAnEvent { line: error.line(), column: error.column() })?;
    let credential = match wire.kind.as_deref() {
        Some("TOKEN") => wire.token(sources),
        Some("REQUEST") => sources.credential.iter().find_map(|source| wire.at(source, sources.mode)),
        _ => return Err(EventError::Kind),
    };
    let method_arn = MethodArn::parse(wire.method_arn.as_deref().ok_or(EventError::NoMethodArn)?)?;
    let credential = credential.unwrap_or(Err(CredentialError::Empty))?;
    let caller = Caller { credential, referrer: wire.referrer(sources.referrer) };
    Ok(Request { caller, method_arn, correlation_id: correlation_id.to_owned() })
}

/// Why an event can't be answered by a policy. It never repeats the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// The credential is missing or none that 3scale could know: API Gateway is to answer 401.
    #[error("{0}")]
    Unauthorized(#[from] CredentialError),
    /// It is not the JSON of an event.
    #[error("the event is not understood at line {line} column {column}")]
    NotAnEvent {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// It is the event of something else.
    #[error("the event is not of an API Gateway authorizer: its `type` is neither `TOKEN` nor `REQUEST`")]
    Kind,
    /// It does not say what is called.
    #[error("the event has no `methodArn`")]
    NoMethodArn,
    /// What it says is called is no method.
    #[error(transparent)]
    MethodArn(#[from] MethodArnError),
}

#[derive(Deserialize)]
struct Wire<'e> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'e>>,
    #[serde(borrow, default, rename = "methodArn")]
    method_arn: Option<Text<'e>>,
    #[serde(borrow, default, rename = "authorizationToken")]
    authorization_token: Option<Text<'e>>,
    #[serde(borrow, default)]
    headers: Option<Pairs<'e>>,
    #[serde(borrow, default, rename = "queryStringParameters")]
    query: Option<Pairs<'e>>,
    #[serde(borrow, default, rename = "requestContext")]
    context: Option<Context<'e>>,
}

#[derive(Deserialize)]
struct Context<'e> {
    #[serde(borrow, default)]
    identity: Option<Identity<'e>>,
}

#[derive(Deserialize)]
struct Identity<'e> {
    #[serde(borrow, default, rename = "sourceIp")]
    source_ip: Option<Text<'e>>,
}

impl Wire<'_> {
    fn token(&self, sources: &CallerSources) -> Option<Result<Credential, CredentialError>> {
        let text = self.authorization_token.as_deref()?;
        let shown = sources.credential.first()?.shown(text, None).transpose()?;
        Some(shown.and_then(|shown| shown.credential(sources.mode)))
    }

    fn at(&self, source: &CredentialSource, mode: AuthMode) -> Option<Result<Credential, CredentialError>> {
        let text = |name: &str| match source.place {
            Place::Header => self.header(name),
            Place::Query => self.query.as_ref()?.find(|key| key == name),
        };
        let first = text(&source.name).filter(|value| !value.is_empty())?;
        let shown = source.shown(first, source.key_name.as_deref().and_then(text)).transpose()?;
        Some(shown.and_then(|shown| shown.credential(mode)))
    }

    fn referrer(&self, source: ReferrerSource) -> Option<Referrer> {
        match source {
            ReferrerSource::None => None,
            ReferrerSource::Referer => Referrer::of_url(self.header("referer")?),
            ReferrerSource::Origin => Referrer::of_url(self.header("origin")?),
            ReferrerSource::SourceIp => {
                Referrer::parse(self.context.as_ref()?.identity.as_ref()?.source_ip.as_deref()?)
            }
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.find(|key| key.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{AppId, AppKey};

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";

    fn sources(mode: AuthMode, credential: &[&str]) -> CallerSources {
        let credential = credential.iter().map(|source| CredentialSource::parse(source).unwrap()).collect();
        CallerSources { mode, credential, referrer: ReferrerSource::None }
    }

    fn read_from(event: &str, credential: &[&str]) -> Result<String, EventError> {
        read(event, &sources(AuthMode::UserKey, credential), "id").map(|request| {
            assert_eq!(request.method_arn.as_str(), ARN);
            let Credential::UserKey(key) = request.caller.credential else { panic!("a user key is wanted") };
            key.expose().to_owned()
        })
    }

    fn request(rest: &str) -> String {
        format!(r#"{{"type":"REQUEST","methodArn":"{ARN}"{rest}}}"#)
    }

    fn token(text: &str) -> String {
        format!(r#"{{"type":"TOKEN","authorizationToken":"{text}","methodArn":"{ARN}","extra":[null]}}"#)
    }

    #[test]
    fn a_token_event_holds_the_key_in_the_form_of_the_first_source() {
        assert_eq!(read_from(&token(r#"a \"key\""#), &["header:apikey"]).unwrap(), "a \"key\"");
        assert_eq!(read_from(&token("Bearer key"), &["bearer", "header:apikey"]).unwrap(), "key");
        let missing = Err(EventError::Unauthorized(CredentialError::Empty));
        assert_eq!(read_from(&token("key"), &["bearer"]), missing);
    }

    #[test]
    fn a_request_event_holds_the_key_in_a_header_of_any_case() {
        let event = request(r#","headers":{"Host":"x","ApiKey":"k"}"#);
        assert_eq!(read_from(&event, &["header:apikey"]).unwrap(), "k");
    }

    #[test]
    fn the_first_source_that_holds_anything_gives_the_key() {
        let event = request(r#","headers":{"apikey":""},"queryStringParameters":{"USER_KEY":"no","user_key":"q"}"#);
        assert_eq!(read_from(&event, &["header:apikey", "bearer", "query:user_key", "header:host"]).unwrap(), "q");
    }

    #[test]
    fn an_application_is_an_id_and_a_key() {
        let event = request(r#","headers":{"App_Id":"id"},"queryStringParameters":{"app_key":"key"}"#);
        let credential =
            |source: &str| read(&event, &sources(AuthMode::AppId, &[source]), "id").unwrap().caller.credential;
        let id = AppId::parse("id").unwrap();
        assert_eq!(credential("header:app_id/app_key"), Credential::Application { id: id.clone(), key: None });
        let event = request(r#","headers":{"App_Id":"id","APP_KEY":"key"}"#);
        let caller = read(&event, &sources(AuthMode::AppId, &["header:app_id/app_key"]), "id").unwrap().caller;
        let key = Some(AppKey::parse("key").unwrap());
        assert_eq!(caller.credential, Credential::Application { id, key });
    }

    #[test]
    fn a_referrer_is_a_host_wherever_it_comes_from() {
        let event = request(
            r#","headers":{"apikey":"k","Referer":"https://www.example.com/a","Origin":"https://*"},"requestContext":{"identity":{"sourceIp":"10.1.2.3"}}"#,
        );
        let referrer = |referrer| {
            let sources = CallerSources { referrer, ..sources(AuthMode::UserKey, &["header:apikey"]) };
            read(&event, &sources, "id").unwrap().caller.referrer
        };
        assert_eq!(referrer(ReferrerSource::None), None);
        assert_eq!(referrer(ReferrerSource::Referer), Referrer::parse("www.example.com"));
        assert_eq!(
            referrer(ReferrerSource::Origin),
            None,
            "a caller can't choose the referrer that matches any filter"
        );
        assert_eq!(referrer(ReferrerSource::SourceIp), Referrer::parse("10.1.2.3"));
    }

    #[test]
    fn nulls_are_absent() {
        let event = request(
            r#","headers":null,"multiValueHeaders":null,"queryStringParameters":{"user_key":null},"requestContext":{"identity":null}"#,
        );
        let missing = Err(EventError::Unauthorized(CredentialError::Empty));
        assert_eq!(read_from(&event, &["header:apikey", "query:user_key"]), missing);
        let token = format!(r#"{{"type":"TOKEN","authorizationToken":null,"methodArn":"{ARN}"}}"#);
        assert_eq!(read_from(&token, &["header:apikey"]), missing);
    }

    #[test]
    fn a_malformed_key_is_unauthorized() {
        let too_long = request(&format!(r#","headers":{{"apikey":"{}"}}"#, "k".repeat(60_000)));
        let refused = read_from(&too_long, &["header:apikey"]);
        assert_eq!(refused, Err(EventError::Unauthorized(CredentialError::TooLong)));
        let control = request(r#","headers":{"apikey":"a\u007fb"}"#);
        let refused = read_from(&control, &["header:apikey"]);
        assert_eq!(refused, Err(EventError::Unauthorized(CredentialError::OddCharacter)));
    }

    #[test]
    fn what_is_no_event_is_said_to_be_none() {
        let error = |event: &str| read(event, &sources(AuthMode::UserKey, &["bearer"]), "id").unwrap_err();
        assert_eq!(error("{\n \"type\": 5}"), EventError::NotAnEvent { line: 2, column: 10 });
        for text in ["", "not JSON", "[7]", "\"x\"", &"[".repeat(3400), &"<".repeat(3400)] {
            assert!(matches!(error(text), EventError::NotAnEvent { .. }), "{text}");
        }
        assert_eq!(error("{}"), EventError::Kind);
        assert_eq!(error(r#"{"type":"COOKIE"}"#), EventError::Kind);
        assert_eq!(error(r#"{"type":"TOKEN"}"#), EventError::NoMethodArn);
        assert!(matches!(error(r#"{"type":"TOKEN","methodArn":"x"}"#), EventError::MethodArn(_)));
    }
}
