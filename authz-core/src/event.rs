//! What API Gateway sends to an authorizer. This is the only reader of its JSON.

mod pairs;

use serde::Deserialize;
use thiserror::Error;

use crate::credential::{Credential, CredentialError, UserKey};
use crate::method_arn::{MethodArn, MethodArnError};
use pairs::{Pairs, Text};

/// One question of API Gateway: may this credential call this method?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub credential: Credential,
    /// What is called.
    pub method_arn: MethodArn,
    /// Joins everything that is said about this question.
    pub correlation_id: String,
}

/// Where a REQUEST event holds the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// In this header; names of headers are alike in any case.
    Header(String),
    /// In this parameter of the query.
    Query(String),
}

impl CredentialSource {
    /// Reads `header:NAME` or `query:NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        let (place, name) = text.split_once(':')?;
        let is_token = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b',');
        match place {
            "header" if is_token(name) => Some(Self::Header(name.to_owned())),
            "query" if is_token(name) => Some(Self::Query(name.to_owned())),
            _ => None,
        }
    }
}

/// Reads an event of a REST API's authorizer, TOKEN or REQUEST.
///
/// A TOKEN event holds the credential itself, in `authorizationToken`. In a REQUEST event the first source that holds
/// anything gives it. Fields this function does not name are ignored, `null` counts as absent. Source: "Input to an API
/// Gateway Lambda authorizer" in the API Gateway developer guide.
pub fn read(event: &str, sources: &[CredentialSource], correlation_id: &str) -> Result<Request, EventError> {
    let wire: Wire<'_> = serde_json::from_str(event)
        .map_err(|error| EventError::NotAnEvent { line: error.line(), column: error.column() })?;
    let credential = match wire.kind.as_deref() {
        Some("TOKEN") => wire.authorization_token.as_deref(),
        Some("REQUEST") => sources.iter().find_map(|source| wire.at(source)),
        _ => return Err(EventError::Kind),
    };
    let method_arn = MethodArn::parse(wire.method_arn.as_deref().ok_or(EventError::NoMethodArn)?)?;
    let credential = UserKey::parse(credential.unwrap_or_default())?;
    Ok(Request { credential: Credential::UserKey(credential), method_arn, correlation_id: correlation_id.to_owned() })
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
}

impl Wire<'_> {
    fn at(&self, source: &CredentialSource) -> Option<&str> {
        let found = match source {
            CredentialSource::Header(name) => self.headers.as_ref()?.find(|key| key.eq_ignore_ascii_case(name)),
            CredentialSource::Query(name) => self.query.as_ref()?.find(|key| key == name),
        };
        found.filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";

    fn read_from(event: &str, sources: &[&str]) -> Result<String, EventError> {
        let sources: Vec<_> = sources.iter().map(|source| CredentialSource::parse(source).unwrap()).collect();
        read(event, &sources, "id").map(|request| {
            assert_eq!(request.method_arn.as_str(), ARN);
            let Credential::UserKey(key) = request.credential;
            key.expose().to_owned()
        })
    }

    fn request(rest: &str) -> String {
        format!(r#"{{"type":"REQUEST","methodArn":"{ARN}"{rest}}}"#)
    }

    #[test]
    fn a_token_event_holds_the_key_itself() {
        let event =
            format!(r#"{{"type":"TOKEN","authorizationToken":"a \"key\"","methodArn":"{ARN}","extra":[null]}}"#);
        assert_eq!(read_from(&event, &[]).unwrap(), "a \"key\"");
    }

    #[test]
    fn a_request_event_holds_the_key_in_a_header_of_any_case() {
        let event = request(r#","headers":{"Host":"x","ApiKey":"k"}"#);
        assert_eq!(read_from(&event, &["header:apikey"]).unwrap(), "k");
    }

    #[test]
    fn the_first_source_that_holds_anything_gives_the_key() {
        let event = request(r#","headers":{"apikey":""},"queryStringParameters":{"USER_KEY":"no","user_key":"q"}"#);
        assert_eq!(read_from(&event, &["header:apikey", "query:user_key", "header:host"]).unwrap(), "q");
    }

    #[test]
    fn nulls_are_absent() {
        let event = request(r#","headers":null,"multiValueHeaders":null,"queryStringParameters":{"user_key":null}"#);
        let missing = Err(EventError::Unauthorized(CredentialError::Empty));
        assert_eq!(read_from(&event, &["header:apikey", "query:user_key"]), missing);
        let token = format!(r#"{{"type":"TOKEN","authorizationToken":null,"methodArn":"{ARN}"}}"#);
        assert_eq!(read_from(&token, &[]), missing);
    }

    #[test]
    fn a_malformed_key_is_unauthorized() {
        let too_long = request(&format!(r#","headers":{{"apikey":"{}"}}"#, "k".repeat(60_000)));
        assert_eq!(read_from(&too_long, &["header:apikey"]), Err(EventError::Unauthorized(CredentialError::TooLong)));
        let control = request(r#","headers":{"apikey":"a\u007fb"}"#);
        assert_eq!(
            read_from(&control, &["header:apikey"]),
            Err(EventError::Unauthorized(CredentialError::ControlCharacter))
        );
    }

    #[test]
    fn what_is_no_event_is_said_to_be_none() {
        let error = |event: &str| read(event, &[], "id").unwrap_err();
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
