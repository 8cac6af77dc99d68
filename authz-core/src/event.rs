//! What API Gateway sends to an authorizer. This is the only reader of its JSON.

mod pairs;
mod source;
mod wire;

use thiserror::Error;

use crate::credential::{Caller, CredentialError};
use crate::mapping::Operation;
use crate::method_arn::{MethodArn, MethodArnError};
pub use source::{AuthMode, CredentialSource, Place};
use wire::Wire;

/// One question of API Gateway: may this caller call this method?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks, and in which form.
    pub kind: EventKind,
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub method_arn: MethodArn,
    /// What mapping rules look at; `None` where a WebSocket is opened.
    pub operation: Option<Operation>,
    /// Joins everything that is said about this question.
    pub correlation_id: String,
}

/// The forms of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A REST API's TOKEN authorizer.
    Token,
    /// A REST API's REQUEST authorizer.
    Request,
    /// An HTTP API's authorizer, payload format 1.0.
    Http1,
    /// An HTTP API's authorizer, payload format 2.0.
    Http2,
    /// A WebSocket API's authorizer, at `$connect`.
    WebSocket,
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

/// Reads an event of an authorizer, whatever the API.
///
/// The first source that holds anything gives the credential. A TOKEN event holds one text, the value of the header that
/// the API names; it is read in the form of the first source. Fields this function does not name are ignored, `null`
/// counts as absent. Sources: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs with AWS Lambda
/// authorizers" and "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers" in the API Gateway developer
/// guide.
pub fn read(event: &str, sources: &CallerSources, correlation_id: &str) -> Result<Request, EventError> {
    let wire: Wire<'_> = serde_json::from_str(event)
        .map_err(|error| EventError::NotAnEvent { line: error.line(), column: error.column() })?;
    let kind = wire.kind()?;
    let method_arn = wire.route_arn.as_deref().or(wire.method_arn.as_deref());
    let method_arn = MethodArn::parse(method_arn.ok_or(EventError::NoMethodArn)?)?;
    let query = wire.query(kind);
    let credential = match kind {
        EventKind::Token => wire.token(sources),
        EventKind::Request | EventKind::Http1 | EventKind::Http2 | EventKind::WebSocket => {
            sources.credential.iter().find_map(|source| wire.at(source, &query, sources.mode))
        }
    };
    let credential = credential.unwrap_or(Err(CredentialError::Empty))?;
    let caller = Caller { credential, referrer: wire.referrer(sources.referrer) };
    let operation = wire.operation(kind, &method_arn, query);
    Ok(Request { kind, caller, method_arn, operation, correlation_id: correlation_id.to_owned() })
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
    #[error("the event has neither `methodArn` nor `routeArn`")]
    NoMethodArn,
    /// What it says is called is no method.
    #[error(transparent)]
    MethodArn(#[from] MethodArnError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{AppId, AppKey, Credential, Referrer};

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
    fn the_kinds_are_told_apart() {
        let connect = ARN.replace("GET/greetings", "$connect");
        for (event, kind) in [
            (token("k").replacen('{', r#"{"version":"1.0","requestContext":{"stage":"dev"},"#, 1), EventKind::Token),
            (request(r#","headers":{"apikey":"k"}"#), EventKind::Request),
            (request(r#","version":"1.0","authorizationToken":"k","headers":{"apikey":"k"}"#), EventKind::Http1),
            (request(r#","headers":{"apikey":"k"},"requestContext":{"eventType":"CONNECT"}"#), EventKind::WebSocket),
            (request(r#","headers":{"apikey":"k"}"#).replace(ARN, &connect), EventKind::WebSocket),
            (request(r#","version":"2.0","headers":{"apikey":"k"}"#), EventKind::Http2),
            (format!(r#"{{"routeArn":"{ARN}","headers":{{"apikey":"k"}}}}"#), EventKind::Http2),
        ] {
            let read = read(&event, &sources(AuthMode::UserKey, &["header:apikey"]), "id").unwrap();
            assert_eq!(read.kind, kind, "{event}");
            assert_eq!(read.operation.is_none(), kind == EventKind::WebSocket, "{event}");
        }
    }

    /// Method, path and query of an HTTP API's event, and the key in its query.
    fn http_operation(stage: &str, raw_path: &str, raw_query: &str) -> (String, String) {
        let event = format!(
            r#"{{"version":"2.0","routeArn":"{ARN}","rawPath":"{raw_path}","rawQueryString":"{raw_query}",
                 "queryStringParameters":{{"user_key":"a,b"}},"requestContext":{{"stage":"{stage}","http":{{"method":"POST"}}}}}}"#
        );
        let request = read(&event, &sources(AuthMode::UserKey, &["query:user_key"]), "id").unwrap();
        let Credential::UserKey(key) = request.caller.credential else { panic!("a user key is wanted") };
        let operation = request.operation.unwrap();
        (format!("{} {} {:?}", operation.method, operation.path, operation.query.unwrap()), key.expose().to_owned())
    }

    #[test]
    fn the_path_of_an_http_api_is_below_its_stage() {
        let path = |stage, path| http_operation(stage, path, "user_key=k").0;
        assert!(path("dev", "/dev/a").starts_with("POST /a "));
        assert!(path("dev", "/dev").starts_with("POST / "));
        assert!(path("dev", "/device").starts_with("POST /device "));
        assert!(path("$default", "/$default/a").starts_with("POST /$default/a "));
    }

    #[test]
    fn the_query_of_an_http_api_is_read_as_it_was_sent() {
        let (operation, key) = http_operation("$default", "/a", "user_key=x&user_key=b%2Cc&d");
        assert_eq!(operation, r#"POST /a [("user_key", "x"), ("user_key", "b,c"), ("d", "")]"#);
        assert_eq!(key, "b,c", "the last one counts");
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
