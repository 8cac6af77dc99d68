//! What a reference says.

use std::fmt;

use crate::aws::environment::{Service, region_of};

/// A value that begins as a reference does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) store: Store,
    /// `None` if what follows the store is no reference, and so may be anything, even a secret.
    pub(super) target: Option<Target>,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// Systems Manager's Parameter Store.
    Ssm,
    /// Secrets Manager.
    SecretsManager,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// A name or an ARN.
    pub(super) name: String,
    /// The member of the secret, a JSON object, that is the secret.
    pub(super) member: Option<String>,
    /// The region that an ARN names.
    pub(super) region: Option<String>,
}

impl Reference {
    /// Reads a variable's value; `None` if it does not begin with `ssm:` or `secretsmanager:`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        [Store::Ssm, Store::SecretsManager].into_iter().find_map(|store| {
            let text = text.strip_prefix(store.service().name())?.strip_prefix(':')?;
            Some(Self { store, target: Target::parse(store, text) })
        })
    }
}

impl Store {
    pub(super) fn service(self) -> Service {
        match self {
            Self::Ssm => Service::Ssm,
            Self::SecretsManager => Service::SecretsManager,
        }
    }
}

impl Target {
    /// `#` is in no name of either store. A parameter has no members: one of the kind `StringList` is a plain text.
    fn parse(store: Store, text: &str) -> Option<Self> {
        let (name, member) = match text.split_once('#') {
            Some((_, "")) => return None,
            Some(_) if store != Store::SecretsManager => return None,
            Some((name, member)) => (name, Some(member.to_owned())),
            None => (text, None),
        };
        let region = region_of(name).map(str::to_owned);
        let is_name = (1..=2048).contains(&name.len()) && name.bytes().all(is_in_names);
        let is_whole = region.is_some() || !name.starts_with("arn:");
        (is_name && is_whole).then(|| Self { name: name.to_owned(), member, region })
    }
}

/// Systems Manager allows `a-zA-Z0-9_.-/` and `:` before a version or label, Secrets Manager also `+=@`, and `!` in
/// the names that AWS itself gives.
fn is_in_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/_.-:+=@!".contains(&byte)
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.store.service().name();
        match &self.target {
            Some(Target { name, member: Some(member), .. }) => write!(f, "{store}:{name}#{member}"),
            Some(Target { name, member: None, .. }) => write!(f, "{store}:{name}"),
            None => write!(f, "{store}:.."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_shown_as_they_were() {
        for text in [
            "ssm:/3scale/dev/token",
            "ssm:token:7",
            "ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/3scale/token",
            "secretsmanager:3scale/dev+a=b@c",
            "secretsmanager:rds!cluster#password",
            "secretsmanager:arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:3scale-AbCdEf#a key",
        ] {
            let reference = Reference::parse(text).unwrap();
            assert!(reference.target.is_some(), "{text}");
            assert_eq!(reference.to_string(), text);
        }
    }

    #[test]
    fn an_arn_names_its_region_and_a_name_does_not() {
        let region = |text| Reference::parse(text).unwrap().target.unwrap().region;
        assert_eq!(region("ssm:arn:aws:ssm:eu-west-1:1:parameter/token").as_deref(), Some("eu-west-1"));
        assert_eq!(region("ssm:/token"), None);
    }

    #[test]
    fn what_is_no_reference_is_not_shown() {
        for text in ["ssm:", "ssm:/a#b", "ssm:CANARY?", "secretsmanager:a#", "secretsmanager:arn:aws:x"] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.target, None, "{text}");
            assert!(!format!("{reference} {reference:?}").contains("CANARY"));
        }
    }

    #[test]
    fn a_plain_secret_refers_to_nothing() {
        for text in ["", "token", "ssm", "SSM:/a", " ssm:/a", "sns:a"] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
