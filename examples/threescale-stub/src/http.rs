use std::fmt;

use crate::refusal::Failure;
use crate::xml;

/// A request as it came over the wire.
#[derive(Clone, Default)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// What follows the `?`, still encoded; empty if there is none.
    pub query: String,
    /// Names and values; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, still encoded.
    pub body: Vec<u8>,
}

impl Request {
    /// Makes a GET request.
    pub fn get(path: &str, query: &str) -> Self {
        Request { method: "GET".to_owned(), path: path.to_owned(), query: query.to_owned(), ..Request::default() }
    }

    /// Makes a POST request with a form.
    pub fn post(path: &str, form: &str) -> Self {
        let form_type = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![form_type],
            body: form.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Shows neither path, query, headers nor body: any of them may hold a credential.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("endpoint", &Endpoint::of(self)).finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; XML, a short text, or empty.
    pub body: String,
}

impl Response {
    /// Makes an answer without headers, such as a broken proxy might give.
    pub fn raw(status: u16, body: &str) -> Self {
        Response { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn xml(status: u16, body: &str) -> Self {
        Response::typed(status, XML, body)
    }

    pub(crate) fn typed(status: u16, content_type: &str, body: &str) -> Self {
        Response::raw(status, body)
            .with_header("content-type", content_type)
            .with_headers(CORS)
            .with_headers(&[CSP, NO_SNIFF])
    }

    pub(crate) fn unknown_path() -> Self {
        Response::xml(404, "").with_header("x-cascade", "pass")
    }

    pub(crate) fn preflight() -> Self {
        Response::raw(204, "").with_headers(CORS).with_headers(PREFLIGHT).with_headers(&[CSP, NO_SNIFF])
    }

    pub(crate) fn failure(failure: &Failure, no_body: bool) -> Self {
        let (refusal, body) = match failure {
            Failure::Refused(refusal) if no_body => (refusal, String::new()),
            Failure::Refused(refusal) | Failure::Malformed(refusal) => (refusal, xml::error(refusal)),
            Failure::Halted => return Response::xml(403, ""),
            Failure::Crashed => return Response::raw(500, "Internal Server Error\n"),
            Failure::CrashedSilently => return Response::raw(500, ""),
        };
        let answer = Response::raw(refusal.status, &body).with_header("content-type", XML);
        answer.with_headers(CORS).with_headers(&[NO_SNIFF])
    }

    fn with_headers(mut self, headers: &[(&str, &str)]) -> Self {
        self.headers.extend(headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        self
    }
}

/// Shows no body: reasons and errors repeat credentials, OAuth answers hold the client's secret.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `GET /transactions/authorize.xml`
    Authorize,
    /// `GET /transactions/authrep.xml`
    Authrep,
    /// `GET /transactions/oauth_authorize.xml`
    OauthAuthorize,
    /// `GET /transactions/oauth_authrep.xml`
    OauthAuthrep,
    /// `POST /transactions.xml`
    Report,
    /// `GET /status`
    Status,
    /// `GET /check.txt`
    Check,
    /// `HEAD /available`
    Available,
    /// `OPTIONS` of any path
    Preflight,
    /// Any other method or path.
    Other,
}

impl Endpoint {
    /// Tells what the request asks for. Doubled slashes count as one.
    pub fn of(request: &Request) -> Endpoint {
        let steps: Vec<&str> = request.path.split('/').filter(|step| !step.is_empty()).collect();
        match (request.method.as_str(), steps.as_slice()) {
            ("OPTIONS", _) => Endpoint::Preflight,
            ("GET" | "HEAD", ["transactions", "authorize.xml"]) => Endpoint::Authorize,
            ("GET" | "HEAD", ["transactions", "authrep.xml"]) => Endpoint::Authrep,
            ("GET" | "HEAD", ["transactions", "oauth_authorize.xml"]) => Endpoint::OauthAuthorize,
            ("GET" | "HEAD", ["transactions", "oauth_authrep.xml"]) => Endpoint::OauthAuthrep,
            ("POST", ["transactions.xml"]) => Endpoint::Report,
            ("GET" | "HEAD", ["status"]) => Endpoint::Status,
            ("GET" | "HEAD", ["check.txt"]) => Endpoint::Check,
            ("HEAD", ["available"]) => Endpoint::Available,
            _ => Endpoint::Other,
        }
    }

    /// Returns the path, or a placeholder where it is not fixed; never what the client sent.
    pub fn path(self) -> &'static str {
        match self {
            Endpoint::Authorize => "/transactions/authorize.xml",
            Endpoint::Authrep => "/transactions/authrep.xml",
            Endpoint::OauthAuthorize => "/transactions/oauth_authorize.xml",
            Endpoint::OauthAuthrep => "/transactions/oauth_authrep.xml",
            Endpoint::Report => "/transactions.xml",
            Endpoint::Status => "/status",
            Endpoint::Check => "/check.txt",
            Endpoint::Available => "/available",
            Endpoint::Preflight => "(any path)",
            Endpoint::Other => "(other path)",
        }
    }
}

const XML: &str = "application/vnd.3scale-v2.0+xml";
const CORS: &[(&str, &str)] =
    &[("access-control-allow-origin", "*"), ("access-control-expose-headers", "ETag, Link, 3scale-rejection-reason")];
const PREFLIGHT: &[(&str, &str)] = &[
    ("access-control-max-age", "86400"),
    ("access-control-allow-methods", "GET, POST, PATCH, PUT, DELETE"),
    (
        "access-control-allow-headers",
        "Authorization, Accept-Encoding, Content-Type, Cache-Control, Accept, If-Match, If-Modified-Since, \
         If-None-Match, If-Unmodified-Since, X-Requested-With, X-HTTP-Method-Override, 3scale-options",
    ),
];
const CSP: (&str, &str) = ("content-security-policy", "default-src 'self'");
const NO_SNIFF: (&str, &str) = ("x-content-type-options", "nosniff");
