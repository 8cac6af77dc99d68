//! Where an event holds a credential, and how it is written there.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::credential::{AppId, AppKey, Credential, CredentialError, UserKey};

/// How 3scale identifies the applications of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// By a user key.
    UserKey,
    /// By an app id, and an app key where the application has one.
    AppId,
}

/// Where an event holds a credential.
///
/// | text | the credential is |
/// |---|---|
/// | `header:NAME` | the header's value |
/// | `header:NAME:SCHEME` | what follows the scheme in it, such as `header:authorization:Token` |
/// | `header:ID/KEY` | an app id and an app key, in two headers |
/// | `query:NAME`, `query:ID/KEY` | likewise, in parameters of the query |
/// | `bearer` | `header:authorization:Bearer` |
/// | `basic` | the user name and password of Basic authentication: app id and app key, or a user key in either |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSource {
    /// Where it is.
    pub place: Place,
    /// The header or parameter.
    pub name: String,
    /// The header or parameter of the app key.
    pub key_name: Option<String>,
    form: Form,
}

/// What of an event is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The headers, whose names are alike in any case.
    Header,
    /// The parameters of the query.
    Query,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Scheme(String),
    Basic,
}

/// What an event shows of a credential.
pub(super) struct Shown<'e> {
    first: Cow<'e, str>,
    second: Option<Cow<'e, str>>,
}

/// Longer encodings hold no credential that 3scale accepts.
const MAX_ENCODED_BYTES: usize = 1024;

impl CredentialSource {
    /// A header, and for an app id the one of its key.
    pub(crate) fn header(name: &str, key_name: Option<&str>) -> Self {
        Self { place: Place::Header, name: name.to_owned(), key_name: key_name.map(str::to_owned), form: Form::Plain }
    }

    /// Reads the text of a source.
    pub fn parse(text: &str) -> Option<Self> {
        let authorization =
            |form| Self { place: Place::Header, name: "authorization".to_owned(), key_name: None, form };
        let (place, names) = match text {
            "bearer" => return Some(authorization(Form::Scheme("Bearer".to_owned()))),
            "basic" => return Some(authorization(Form::Basic)),
            _ => text.split_once(':')?,
        };
        let (place, (names, scheme)) = match place {
            "header" => (Place::Header, names.split_once(':').map_or((names, None), |(n, s)| (n, Some(s)))),
            "query" => (Place::Query, (names, None)),
            _ => return None,
        };
        let (name, key_name) = names.split_once('/').map_or((names, None), |(id, key)| (id, Some(key)));
        if ![Some(name), key_name, scheme].into_iter().flatten().all(is_token) || (key_name.and(scheme)).is_some() {
            return None;
        }
        let form = scheme.map_or(Form::Plain, |scheme| Form::Scheme(scheme.to_owned()));
        Some(Self { place, name: name.to_owned(), key_name: key_name.map(str::to_owned), form })
    }

    /// Takes the credential out of the texts at `name` and `key_name`; `None` if the first holds none of this form.
    pub(super) fn shown<'e>(&self, text: &'e str, key: Option<&'e str>) -> Result<Option<Shown<'e>>, CredentialError> {
        let plain = |text: &'e str| Shown { first: text.into(), second: key.map(Cow::Borrowed) };
        match &self.form {
            Form::Plain => Ok(Some(plain(text))),
            Form::Scheme(scheme) => Ok(after_scheme(text, scheme).map(plain)),
            Form::Basic => after_scheme(text, "Basic").map(basic).transpose(),
        }
    }
}

impl Shown<'_> {
    /// Reads what is shown as the service wants it.
    pub(super) fn credential(&self, mode: AuthMode) -> Result<Credential, CredentialError> {
        let second = self.second.as_deref().filter(|text| !text.is_empty());
        match mode {
            AuthMode::UserKey => {
                let key = if self.first.is_empty() { second.unwrap_or_default() } else { &self.first };
                UserKey::parse(key).map(Credential::UserKey)
            }
            AuthMode::AppId => Ok(Credential::Application {
                id: AppId::parse(&self.first)?,
                key: second.map(AppKey::parse).transpose()?,
            }),
        }
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~!#$%&'*+^`|".contains(&b))
}

/// What follows a scheme, whose name is alike in any case (RFC 9110).
fn after_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let (found, rest) = text.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim_start_matches(' '))
}

fn basic(encoded: &str) -> Result<Shown<'static>, CredentialError> {
    if encoded.len() > MAX_ENCODED_BYTES {
        return Err(CredentialError::TooLong);
    }
    let decoded = STANDARD.decode(encoded).map_err(|_| CredentialError::Encoding)?;
    let decoded = String::from_utf8(decoded).map_err(|_| CredentialError::Encoding)?;
    let (first, second) = decoded.split_once(':').ok_or(CredentialError::Encoding)?;
    Ok(Shown { first: first.to_owned().into(), second: Some(second.to_owned().into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(source: &str, text: &str, key: Option<&str>, mode: AuthMode) -> Result<Credential, CredentialError> {
        let source = CredentialSource::parse(source).unwrap();
        source.shown(text, key)?.ok_or(CredentialError::Empty)?.credential(mode)
    }

    fn user_key(text: &str) -> Result<Credential, CredentialError> {
        UserKey::parse(text).map(Credential::UserKey)
    }

    fn application(id: &str, key: Option<&str>) -> Result<Credential, CredentialError> {
        let key = key.map(|key| AppKey::parse(key).unwrap());
        AppId::parse(id).map(|id| Credential::Application { id, key })
    }

    #[test]
    fn a_source_says_where_and_how() {
        let source = CredentialSource::parse("header:x-app-id/x-app-key").unwrap();
        assert_eq!((source.place, source.name.as_str()), (Place::Header, "x-app-id"));
        assert_eq!(source.key_name.as_deref(), Some("x-app-key"));
        assert_eq!(CredentialSource::parse("bearer"), CredentialSource::parse("header:authorization:Bearer"));
        for text in
            ["", "header", "header:", "header:a b", "header:a/", "header:a/b:S", "query:a:b", "cookie:a", "Basic"]
        {
            assert_eq!(CredentialSource::parse(text), None, "{text}");
        }
    }

    #[test]
    fn plain_texts_are_taken_as_they_are() {
        assert_eq!(credential("header:apikey", " k ", None, AuthMode::UserKey), user_key(" k "));
        assert_eq!(credential("query:i/k", "id", Some("key"), AuthMode::AppId), application("id", Some("key")));
        assert_eq!(credential("query:i/k", "id", Some(""), AuthMode::AppId), application("id", None));
        assert_eq!(credential("query:i/k", "id", None, AuthMode::AppId), application("id", None));
    }

    #[test]
    fn a_scheme_is_looked_for_and_taken_off() {
        assert_eq!(credential("bearer", "bEARER  k", None, AuthMode::UserKey), user_key("k"));
        for text in ["k", "Basic k", "Bearer", ""] {
            assert_eq!(credential("bearer", text, None, AuthMode::UserKey), Err(CredentialError::Empty), "{text}");
        }
    }

    #[test]
    fn basic_holds_an_application_or_a_user_key() {
        let header = |plain: &str| format!("Basic {}", STANDARD.encode(plain));
        let read = |plain: &str, mode| credential("basic", &header(plain), None, mode);
        assert_eq!(read("id:k:e:y", AuthMode::AppId), application("id", Some("k:e:y")));
        assert_eq!(read("id:", AuthMode::AppId), application("id", None));
        assert_eq!(read("key:", AuthMode::UserKey), user_key("key"));
        assert_eq!(read(":key", AuthMode::UserKey), user_key("key"));
        assert_eq!(read(":", AuthMode::UserKey), Err(CredentialError::Empty));
        assert_eq!(read("no colon", AuthMode::UserKey), Err(CredentialError::Encoding));
        assert_eq!(credential("basic", "Basic !", None, AuthMode::AppId), Err(CredentialError::Encoding));
        let long = header(&"x".repeat(1000));
        assert_eq!(credential("basic", &long, None, AuthMode::AppId), Err(CredentialError::TooLong));
    }
}
