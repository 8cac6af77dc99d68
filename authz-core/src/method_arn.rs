//! The name API Gateway gives to the method that is called.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// `arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{verb}/{path}`, as API Gateway sent it.
///
/// Everything up to the stage is of a plain alphabet, so it can be used in a policy; the path is the caller's and can
/// hold anything. Source: "ARN format reference for API Gateway" in the API Gateway developer guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodArn {
    text: String,
    api_end: usize,
    stage_end: usize,
}

impl MethodArn {
    /// API Gateway answers 414 itself when the ARN is longer, in bytes.
    pub const MAX_BYTES: usize = 1600;

    /// Reads a method ARN of any partition, with an opaque account and stage.
    pub fn parse(text: &str) -> Result<Self, MethodArnError> {
        if text.len() > Self::MAX_BYTES {
            return Err(MethodArnError::TooLong);
        }
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
        let (region, account, rest) = (parts.next(), parts.next(), parts.next());
        let (Some("arn"), Some(partition), Some("execute-api"), Some(region), Some(account), Some(rest)) =
            (arn, partition, service, region, account, rest)
        else {
            return Err(MethodArnError::NotExecuteApi);
        };
        let mut names = rest.splitn(3, '/');
        let (Some(api), Some(stage), Some(_)) = (names.next(), names.next(), names.next()) else {
            return Err(MethodArnError::NoStage);
        };
        if ![partition, region, account, api, stage].into_iter().all(is_plain) {
            return Err(MethodArnError::OddCharacter);
        }
        let api_end = text.len() - rest.len() + api.len();
        Ok(Self { text: text.to_owned(), api_end, stage_end: api_end + 1 + stage.len() })
    }

    /// Returns the ARN as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the id of the gateway's API.
    pub fn api(&self) -> &str {
        let rest = self.text.get(..self.api_end).unwrap_or_default();
        rest.rsplit_once(':').map_or(rest, |(_, api)| api)
    }

    /// Returns the stage.
    pub fn stage(&self) -> &str {
        self.text.get(self.api_end + 1..self.stage_end).unwrap_or_default()
    }

    /// Returns the HTTP method and the path, which begins with `/`: `GET` and `/a/b` of `…/GET/a/b`.
    pub fn operation(&self) -> (&str, &str) {
        let operation = self.text.get(self.stage_end + 1..).unwrap_or_default();
        operation.find('/').map_or((operation, "/"), |slash| operation.split_at(slash))
    }

    /// Returns the pattern of every method of its stage: `…:{api}/{stage}/*`.
    pub fn stage_wide(&self) -> MethodPattern<'_> {
        self.widened(self.stage_end)
    }

    /// Returns the pattern of every method of its API, in every stage: `…:{api}/*`.
    pub fn api_wide(&self) -> MethodPattern<'_> {
        self.widened(self.api_end)
    }

    /// Returns the pattern of this method alone, as long as it holds nothing that a policy would not take literally.
    pub fn exact(&self) -> MethodPattern<'_> {
        MethodPattern { start: &self.text, rest: "" }
    }

    fn widened(&self, end: usize) -> MethodPattern<'_> {
        MethodPattern { start: self.text.get(..end).unwrap_or_default(), rest: "/*" }
    }
}

impl fmt::Display for MethodArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a policy names: a method, or all whose ARNs start alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodPattern<'a> {
    start: &'a str,
    rest: &'static str,
}

impl MethodPattern<'_> {
    /// Returns how long it is, in bytes.
    pub fn bytes(&self) -> usize {
        self.start.len() + self.rest.len()
    }

    /// Whether a policy reads it as it is written: it has no wildcard and no policy variable of the caller's.
    pub fn is_literal(&self) -> bool {
        !(self.start.contains(['*', '?']) || self.start.contains("${"))
    }
}

impl fmt::Display for MethodPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.start)?;
        f.write_str(self.rest)
    }
}

impl Serialize for MethodPattern<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text is no method ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MethodArnError {
    /// Longer than [`MethodArn::MAX_BYTES`].
    #[error("the method ARN is longer than {} bytes", MethodArn::MAX_BYTES)]
    TooLong,
    /// It does not begin like an ARN of API Gateway.
    #[error("the method ARN does not have the form `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/VERB/PATH`")]
    NotExecuteApi,
    /// It ends before the stage does.
    #[error("the method ARN names no API, stage and method")]
    NoStage,
    /// A part before the method is empty or has a character that could widen a policy.
    #[error("the method ARN has an unexpected character before its method")]
    OddCharacter,
}

/// Wildcards and policy variables (`*`, `?`, `${`) must not come in through a part that a policy repeats.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.$".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/a/b:c*%2A";

    #[test]
    fn widens_to_stage_and_api() {
        let arn = MethodArn::parse(ARN).unwrap();
        assert_eq!(arn.stage_wide().to_string(), "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/*");
        assert_eq!(arn.api_wide().to_string(), "arn:aws:execute-api:us-east-1:123456789012:abcdef123/*");
        assert_eq!(arn.to_string(), ARN);
    }

    #[test]
    fn takes_every_partition_account_and_stage() {
        for text in [
            "arn:aws-cn:execute-api:cn-north-1:1:a/dev/GET/",
            "arn:aws-us-gov:execute-api:us-gov-west-1:1:a/$default/GET/p",
            "arn:aws:execute-api:us-east-1:random-account-id:a/test-invoke-stage/GET/",
            "arn:aws:execute-api:us-east-1:1:a/default/$connect",
        ] {
            assert!(MethodArn::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_what_could_widen_a_policy() {
        for text in [
            "arn:aws:execute-api:us-east-1:1:*/dev/GET/",
            "arn:aws:execute-api:us-east-1:1:a/*/GET/",
            "arn:aws:execute-api:us-east-1:1:a/d?v/GET/",
            "arn:aws:execute-api:us-east-1:1:a/${aws:x}/GET/",
            "arn:aws:execute-api::1:a/dev/GET/",
        ] {
            assert_eq!(MethodArn::parse(text), Err(MethodArnError::OddCharacter), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_method_arn() {
        assert_eq!(MethodArn::parse(""), Err(MethodArnError::NotExecuteApi));
        assert_eq!(MethodArn::parse("arn:aws:s3:::bucket/key"), Err(MethodArnError::NotExecuteApi));
        assert_eq!(MethodArn::parse("arn:aws:execute-api:r:1:a/dev"), Err(MethodArnError::NoStage));
        assert_eq!(MethodArn::parse(&format!("{ARN}{}", "x".repeat(1600))), Err(MethodArnError::TooLong));
    }
}
