//! Why a secret is not known, and what to do about it.

use std::fmt;

use authz_core::settings::SettingsError;
use authz_core::threescale::Failure;
use thiserror::Error;

use super::reference::Store;
use crate::aws::AwsRefusal;

/// Everything that stands between references and their secrets. It shows references, never secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretsError {
    /// A variable refers to a secret, and the environment does not say how to ask AWS.
    Environment(SettingsError),
    /// One for each secret that is not to be had.
    Unresolved(Vec<Unresolved>),
}

/// A variable without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place} refers to `{reference}`, {failure}")]
pub struct Unresolved {
    /// The variable, or where in `SERVICES_MAP`.
    pub place: String,
    /// Its value, or only `ssm:..` or `secretsmanager:..` if that is no reference.
    pub reference: String,
    /// Why there is no secret.
    pub failure: SecretFailure,
}

/// Why there is no secret. It tells the remedy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretFailure {
    /// What follows `ssm:` or `secretsmanager:` is no name.
    #[error("which must be `ssm:NAME`, `secretsmanager:NAME` or `secretsmanager:NAME#JSON-KEY`")]
    NoReference,
    /// AWS did not answer.
    #[error("but AWS {0}: in a VPC, a function needs a NAT gateway or the service's VPC endpoint")]
    NoAnswer(Failure),
    /// AWS refused.
    #[error("but AWS refuses: {refusal}: {remedy}")]
    Refused {
        /// How it refused.
        refusal: AwsRefusal,
        /// What to do.
        remedy: &'static str,
    },
    /// AWS's answer, or what pretended to be one, is not to be understood.
    #[error("but AWS's answer can't be read: is the endpoint the right one?")]
    Unreadable,
    /// No request could be made of the reference.
    #[error("of which no request can be made: correct it, or the endpoint")]
    NotSent,
    /// The secret is binary.
    #[error("which is binary: store it as a text")]
    NotText,
    /// A member was asked for.
    #[error("but that secret is no JSON object: store one, or leave out `#` and what follows")]
    NotJson,
    /// The JSON object has no such member.
    #[error("but that JSON object has no such key: add it, or correct the key")]
    NoSuchKey,
    /// The member is a number, an object or the like.
    #[error("but the key's value is not a text: put it in quotes")]
    KeyNotText,
    /// There is nothing in it.
    #[error("which is empty: store the secret there")]
    Empty,
}

impl SecretFailure {
    pub(super) fn refused(store: Store, refusal: AwsRefusal) -> Self {
        let remedy = match refusal.code.as_deref() {
            Some("ParameterNotFound" | "ParameterVersionNotFound" | "ResourceNotFoundException") => {
                "create it, or correct its name and region"
            }
            Some("InvalidKeyId" | "DecryptionFailure") => "let the function's role use its key by `kms:Decrypt`",
            _ if refusal.is_denied() => match store {
                Store::Ssm => "grant the function's role `ssm:GetParameter`, and `kms:Decrypt` if it has its own key",
                Store::SecretsManager => {
                    "grant the function's role `secretsmanager:GetSecretValue`, and `kms:Decrypt` if it has its own key"
                }
            },
            _ if refusal.may_pass() => "try again in a moment",
            _ => "look the code up at `GetParameter` or `GetSecretValue`, or at AWS's common error types",
        };
        Self::Refused { refusal, remedy }
    }

    /// The same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer(Failure::NotConnected | Failure::CutOff) => true,
            Self::Refused { refusal, .. } => refusal.may_pass(),
            Self::NoAnswer(Failure::TimedOut | Failure::TooLarge)
            | Self::NoReference
            | Self::Unreadable
            | Self::NotSent
            | Self::NotText
            | Self::NotJson
            | Self::NoSuchKey
            | Self::KeyNotText
            | Self::Empty => false,
        }
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(error) => write!(f, "secrets are referred to, and {error}"),
            Self::Unresolved(all) => {
                for (index, unresolved) in all.iter().enumerate() {
                    write!(f, "{}{unresolved}", if index == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for SecretsError {}
