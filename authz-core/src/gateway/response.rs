//! What a client gets that does not get through.

use serde_json::json;

use super::answer::{Malformed, Principal};
use super::api::Protocol;
use super::call::Request;
use super::gateway_response::{GatewayResponses, ResponseType};

/// Why a call does not reach the backend.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The path names no stage, or no route of it.
    NoRoute,
    /// API Gateway authorizes no method whose ARN is longer than
    /// [`MethodArn::MAX_BYTES`](crate::method_arn::MethodArn).
    MethodArnTooLong,
    /// The call does not show what the identity sources name; the authorizer was not invoked.
    NoIdentity,
    /// The authorizer failed with exactly the text `Unauthorized`.
    Unauthorized,
    /// Nothing allows the call.
    Denied(Principal),
    /// A Deny covers the call.
    ExplicitlyDenied(Principal),
    /// The authorizer failed with another text.
    Failed,
    /// The authorizer did not answer in time.
    TimedOut,
    /// The authorizer's answer is none.
    Malformed(Malformed),
}

/// What a client gets from API Gateway itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// JSON, but for templates that write something else.
    pub body: String,
}

impl Refusal {
    /// Returns what the authorizer said about the caller, where it said anything.
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Denied(principal) | Self::ExplicitlyDenied(principal) => Some(principal),
            Self::NoRoute
            | Self::MethodArnTooLong
            | Self::NoIdentity
            | Self::Unauthorized
            | Self::Failed
            | Self::TimedOut
            | Self::Malformed(_) => None,
        }
    }

    pub(super) fn response_type(&self) -> Option<ResponseType> {
        match self {
            Self::NoRoute | Self::MethodArnTooLong => None,
            Self::NoIdentity | Self::Unauthorized => Some(ResponseType::Unauthorized),
            Self::Denied(_) | Self::ExplicitlyDenied(_) => Some(ResponseType::AccessDenied),
            Self::Failed | Self::TimedOut => Some(ResponseType::AuthorizerFailure),
            Self::Malformed(_) => Some(ResponseType::AuthorizerConfigurationError),
        }
    }

    /// Answers the client.
    pub(super) fn answer(&self, request: &Request) -> ClientAnswer {
        let protocol = request.api.kind.protocol();
        let json = "application/json".to_owned();
        let mut headers = vec![("content-type".to_owned(), json)];
        let mut member = "message";
        if protocol != Protocol::Http {
            headers.push(("x-amzn-errortype".to_owned(), self.error_type(protocol).to_owned()));
            // REST APIs begin it with a capital letter here, and nowhere else.
            member = if self.principal().is_some() { "Message" } else { member };
        }
        let body = json!({ member: self.message(protocol) }).to_string();
        GatewayResponses::replace(ClientAnswer { status: self.status(protocol), headers, body }, self, request)
    }

    fn status(&self, protocol: Protocol) -> u16 {
        match self {
            Self::NoRoute if protocol == Protocol::Http => 404,
            Self::NoRoute | Self::Denied(_) | Self::ExplicitlyDenied(_) => 403,
            Self::MethodArnTooLong => 414,
            Self::NoIdentity | Self::Unauthorized => 401,
            Self::Failed | Self::TimedOut | Self::Malformed(_) => 500,
        }
    }

    /// What the client is told, and templates of a REST API read as `$context.error.message`.
    pub(super) fn message(&self, protocol: Protocol) -> Option<&'static str> {
        match (self, protocol) {
            (Self::NoRoute, Protocol::Rest) => Some("Missing Authentication Token"),
            (Self::NoRoute, Protocol::Http) => Some("Not Found"),
            (Self::MethodArnTooLong, _) => Some("Request-URI Too Large"),
            (Self::NoIdentity | Self::Unauthorized, _) => Some("Unauthorized"),
            (Self::NoRoute, Protocol::WebSocket) | (Self::Denied(_) | Self::ExplicitlyDenied(_), Protocol::Http) => {
                Some("Forbidden")
            }
            (Self::Denied(_), _) => Some("User is not authorized to access this resource"),
            (Self::ExplicitlyDenied(_), _) => {
                Some("User is not authorized to access this resource with an explicit deny in an identity-based policy")
            }
            (Self::Failed | Self::TimedOut | Self::Malformed(_), Protocol::Http) => Some("Internal Server Error"),
            (Self::Failed | Self::TimedOut | Self::Malformed(_), _) => None,
        }
    }

    fn error_type(&self, protocol: Protocol) -> &'static str {
        match self {
            Self::NoRoute if protocol == Protocol::Rest => "MissingAuthenticationTokenException",
            Self::NoRoute => "ForbiddenException",
            Self::MethodArnTooLong => "RequestTooLongException",
            Self::NoIdentity | Self::Unauthorized => "UnauthorizedException",
            Self::Denied(_) | Self::ExplicitlyDenied(_) => "AccessDeniedException",
            Self::Failed | Self::TimedOut | Self::Malformed(_) => "AuthorizerConfigurationException",
        }
    }
}
