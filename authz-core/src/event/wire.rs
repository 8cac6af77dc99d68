//! The JSON of an event, as far as it is looked at.

use std::borrow::Cow;

use serde::Deserialize;

use super::pairs::{Pairs, Text};
use super::{AuthMode, CallerSources, CredentialSource, EventError, EventKind, Place, ReferrerSource};
use crate::credential::{Credential, CredentialError, Referrer};
use crate::mapping::{CanonicalPath, Operation};
use crate::method_arn::MethodArn;

/// Every member that any kind of event has; `null` is as good as absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire<'e> {
    #[serde(borrow, default)]
    version: Option<Text<'e>>,
    #[serde(borrow, default)]
    r#type: Option<Text<'e>>,
    #[serde(borrow, default)]
    pub(super) method_arn: Option<Text<'e>>,
    #[serde(borrow, default)]
    pub(super) route_arn: Option<Text<'e>>,
    #[serde(borrow, default)]
    authorization_token: Option<Text<'e>>,
    #[serde(borrow, default)]
    headers: Option<Pairs<'e>>,
    #[serde(borrow, default)]
    query_string_parameters: Option<Pairs<'e>>,
    #[serde(borrow, default)]
    raw_query_string: Option<Text<'e>>,
    #[serde(borrow, default)]
    raw_path: Option<Text<'e>>,
    #[serde(borrow, default)]
    request_context: Option<Context<'e>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context<'e> {
    #[serde(borrow, default)]
    event_type: Option<Text<'e>>,
    #[serde(borrow, default)]
    stage: Option<Text<'e>>,
    #[serde(borrow, default)]
    identity: Option<Identity<'e>>,
    #[serde(borrow, default)]
    http: Option<Http<'e>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'e> {
    #[serde(borrow, default)]
    source_ip: Option<Text<'e>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http<'e> {
    #[serde(borrow, default)]
    method: Option<Text<'e>>,
    #[serde(borrow, default)]
    source_ip: Option<Text<'e>>,
}

/// Parameters of a query, in their order.
pub(super) type Query<'w> = Vec<(Cow<'w, str>, Cow<'w, str>)>;

impl Wire<'_> {
    /// Tells the kinds apart. A TOKEN event of an emulator may have the members of any other, so `version` 1.0 is looked
    /// at late.
    pub(super) fn kind(&self) -> Result<EventKind, EventError> {
        let version = self.version.as_deref();
        match self.r#type.as_deref() {
            _ if version == Some("2.0") || self.route_arn.is_some() => Ok(EventKind::Http2),
            Some("TOKEN") => Ok(EventKind::Token),
            Some("REQUEST") if self.opens_web_socket() => Ok(EventKind::WebSocket),
            Some("REQUEST") if version == Some("1.0") => Ok(EventKind::Http1),
            Some("REQUEST") => Ok(EventKind::Request),
            _ => Err(EventError::Kind),
        }
    }

    /// A route of a WebSocket API stands where others have method and path.
    fn opens_web_socket(&self) -> bool {
        let context = self.request_context.as_ref();
        context.and_then(|context| context.event_type.as_deref()) == Some("CONNECT")
            || self.method_arn.as_deref().is_some_and(|arn| arn.split('/').skip(2).eq(["$connect"]))
    }

    /// The parameters of the query. An HTTP API joins those of one name by commas, so there the query itself is read.
    pub(super) fn query(&self, kind: EventKind) -> Query<'_> {
        match (&self.raw_query_string, kind) {
            (Some(query), EventKind::Http2) => form_urlencoded::parse(query.as_bytes()).collect(),
            _ => self.query_string_parameters.iter().flat_map(Pairs::iter).map(|(n, v)| (n.into(), v.into())).collect(),
        }
    }

    /// What mapping rules look at. A TOKEN event does not tell the query.
    pub(super) fn operation(&self, kind: EventKind, method_arn: &MethodArn, query: Query<'_>) -> Option<Operation> {
        let (method, path) = match kind {
            EventKind::WebSocket => return None,
            EventKind::Token | EventKind::Request | EventKind::Http1 => method_arn.operation(),
            EventKind::Http2 => self.raw_operation().unwrap_or_else(|| method_arn.operation()),
        };
        let query = query.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Some(Operation {
            method: method.to_owned(),
            path: CanonicalPath::of(path),
            query: (kind != EventKind::Token).then_some(query),
        })
    }

    /// Method and path as they were called: `rawPath` begins with the stage, unless that is `$default`.
    fn raw_operation(&self) -> Option<(&str, &str)> {
        let context = self.request_context.as_ref()?;
        let (method, path) = (context.http.as_ref()?.method.as_deref()?, self.raw_path.as_deref()?);
        let stage = context.stage.as_deref().filter(|stage| *stage != "$default");
        let below = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
        match below {
            Some("") => Some((method, "/")),
            Some(below) if below.starts_with('/') => Some((method, below)),
            Some(_) | None => Some((method, path)),
        }
    }

    pub(super) fn token(&self, sources: &CallerSources) -> Option<Result<Credential, CredentialError>> {
        let text = self.authorization_token.as_deref()?;
        let shown = sources.credential.first()?.shown(text, None).transpose()?;
        Some(shown.and_then(|shown| shown.credential(sources.mode)))
    }

    pub(super) fn at(
        &self,
        source: &CredentialSource,
        query: &Query<'_>,
        mode: AuthMode,
    ) -> Option<Result<Credential, CredentialError>> {
        let text = |name: &str| match source.place {
            Place::Header => self.header(name),
            Place::Query => query.iter().rfind(|(key, _)| key == name).map(|(_, value)| &**value),
        };
        let first = text(&source.name).filter(|value| !value.is_empty())?;
        let shown = source.shown(first, source.key_name.as_deref().and_then(text)).transpose()?;
        Some(shown.and_then(|shown| shown.credential(mode)))
    }

    pub(super) fn referrer(&self, source: ReferrerSource) -> Option<Referrer> {
        match source {
            ReferrerSource::None => None,
            ReferrerSource::Referer => Referrer::of_url(self.header("referer")?),
            ReferrerSource::Origin => Referrer::of_url(self.header("origin")?),
            ReferrerSource::SourceIp => Referrer::parse(self.source_ip()?),
        }
    }

    fn source_ip(&self) -> Option<&str> {
        let context = self.request_context.as_ref()?;
        let of_rest = context.identity.as_ref().and_then(|identity| identity.source_ip.as_deref());
        of_rest.or_else(|| context.http.as_ref()?.source_ip.as_deref())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
