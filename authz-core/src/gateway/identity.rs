//! Where a call must show who calls.

use std::fmt;

use thiserror::Error;

use super::api::{ApiKind, Protocol};
use crate::event::{self, CallerSources};

/// A part of a call without which the authorizer is not invoked, and by which its answers are remembered.
///
/// | REST API | HTTP API | WebSocket API |
/// |---|---|---|
/// | `method.request.header.NAME` | `$request.header.NAME` | `route.request.header.NAME` |
/// | `method.request.querystring.NAME` | `$request.querystring.NAME` | `route.request.querystring.NAME` |
/// | `stageVariables.NAME` | `$stageVariables.NAME` | `stageVariables.NAME` |
/// | `context.NAME` | `$context.NAME` | `context.NAME` |
///
/// Sources: "Configure a Lambda authorizer using the API Gateway console", "Identity sources" in "Control access to
/// HTTP APIs with AWS Lambda authorizers", and `IdentitySource` of `AWS::ApiGatewayV2::Authorizer`, whose only examples
/// for WebSocket APIs are a header and a parameter: the other two are written here as REST APIs write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySource {
    protocol: Protocol,
    place: Place,
}

/// What of a call is looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The header of this name, in any case. That is documented of HTTP APIs; of REST APIs the page "Amazon API Gateway
    /// important notes" says that names of headers are told apart by case, but clients that speak HTTP/2 send all in
    /// lower case.
    Header(String),
    /// The parameter of this name in the query.
    Query(String),
    /// The variable of the stage.
    StageVariable(String),
    /// What API Gateway itself knows about the call.
    Context(String),
}

impl IdentitySource {
    /// Makes the source that an API of this protocol has for a place.
    pub fn new(protocol: Protocol, place: Place) -> Self {
        Self { protocol, place }
    }

    /// Returns where an authorizer that looks in these places wants the credential to be. With more than one place to
    /// choose from none can be demanded; only a TOKEN authorizer must have one, and reads it in the form of the first.
    pub fn of_credentials(kind: ApiKind, sources: &CallerSources) -> Option<Self> {
        let ((ApiKind::RestToken, [source, ..]) | (_, [source])) = (kind, sources.credential.as_slice()) else {
            return None;
        };
        let place = match source.place {
            event::Place::Header => Place::Header(source.name.clone()),
            event::Place::Query => Place::Query(source.name.clone()),
        };
        Some(Self::new(kind.protocol(), place))
    }

    /// Whether it is there: of a header's name the case does not matter.
    pub(super) fn is_at(&self, place: event::Place, name: &str) -> bool {
        match (&self.place, place) {
            (Place::Header(header), event::Place::Header) => header.eq_ignore_ascii_case(name),
            (Place::Query(parameter), event::Place::Query) => parameter == name,
            _ => false,
        }
    }

    /// Reads a source as an API of this protocol writes it.
    pub fn parse(protocol: Protocol, text: &str) -> Result<Self, IdentitySourceError> {
        let forms: [fn(String) -> Place; 4] = [Place::Header, Place::Query, Place::StageVariable, Place::Context];
        let read = forms.into_iter().find_map(|form| {
            let empty = Self::new(protocol, form(String::new())).to_string();
            let name = text.strip_prefix(&empty).filter(|name| is_name(name))?;
            Some(Self::new(protocol, form(name.to_owned())))
        });
        read.ok_or_else(|| IdentitySourceError {
            text: text.to_owned(),
            example: Self::new(protocol, Place::Header("apikey".to_owned())).to_string(),
        })
    }

    /// Returns where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }
}

impl fmt::Display for IdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (request, dollar) = match self.protocol {
            Protocol::Rest => ("method.request", ""),
            Protocol::Http => ("$request", "$"),
            Protocol::WebSocket => ("route.request", ""),
        };
        match &self.place {
            Place::Header(name) => write!(f, "{request}.header.{name}"),
            Place::Query(name) => write!(f, "{request}.querystring.{name}"),
            Place::StageVariable(name) => write!(f, "{dollar}stageVariables.{name}"),
            Place::Context(name) => write!(f, "{dollar}context.{name}"),
        }
    }
}

/// A text that names no identity source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no identity source of this kind of API; one is `{example}`")]
pub struct IdentitySourceError {
    text: String,
    example: String,
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~!#$%&'*+^`|".contains(&b))
}
