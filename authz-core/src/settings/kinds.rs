//! What variables can hold.

use crate::credential::Secret;
use crate::event::{AuthMode, CredentialSource, ReferrerSource};
use crate::mapping::MappingRules;
use crate::policy::PolicyScope;
use crate::settings::{FailMode, HttpApiResponse, LogLevel, UsageIdentifier};
use crate::threescale::ServiceId;

/// What a variable can hold.
pub(super) trait Kind: Sized {
    /// Reads a text that is not empty. The error goes on after the variable's name: `must be ..`. Of the text it repeats
    /// at most a part of a mapping rule: anything else may be a secret in the wrong place.
    fn read(text: &str) -> Result<Self, String>;
}

/// A whole number in a range, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Number<LEAST, MOST> {
    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Number<1, 65_535> {
    /// Returns a port.
    pub(super) fn port(self) -> u16 {
        u16::try_from(self.0).unwrap_or_default()
    }
}

impl<const LEAST: u64, const MOST: u64> Kind for Number<LEAST, MOST> {
    fn read(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        number.map(Self).ok_or_else(|| format!("must be a whole number from {LEAST} to {MOST}"))
    }
}

/// A share of all, from none (0) to all of them (1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRate(f64);

impl SampleRate {
    /// All of them.
    pub const ALL: Self = Self(1.0);

    /// Returns the share.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Kind for SampleRate {
    fn read(text: &str) -> Result<Self, String> {
        // The simulator reads numbers of JSON anyway, and a second reader would be fourteen kilobytes more to download.
        let share = serde_json::from_str(text).ok().filter(|share| (0.0..=1.0).contains(share));
        share.map(Self).ok_or_else(|| "must be a number from 0 to 1".to_owned())
    }
}

/// The URL of an API, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendUrl(pub(super) String);

impl Kind for BackendUrl {
    fn read(text: &str) -> Result<Self, String> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['?', '#', '@', ' '])) {
            return Err("must be a URL such as `https://su1.3scale.net`, without user, query and fragment".to_owned());
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// The name or address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(pub(super) String);

impl Kind for HostName {
    fn read(text: &str) -> Result<Self, String> {
        if text.contains(['/', ':', '@', ' ']) {
            return Err("must be a host name alone; the port has a variable of its own".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

/// The ARN of an SNS topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(pub(super) String);

impl Kind for TopicArn {
    fn read(text: &str) -> Result<Self, String> {
        let fields: Vec<_> = text.split(':').collect();
        match fields.as_slice() {
            ["arn", _, "sns", _, _, _] => Ok(Self(text.to_owned())),
            _ => Err("must have the form `arn:PARTITION:sns:REGION:ACCOUNT:NAME`".to_owned()),
        }
    }
}

/// Where credentials are, in the order in which they are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources(pub(super) Vec<CredentialSource>);

impl Kind for Sources {
    fn read(text: &str) -> Result<Self, String> {
        let sources: Option<Vec<_>> = text.split(',').map(|source| CredentialSource::parse(source.trim())).collect();
        sources.map(Self).ok_or_else(|| {
            "must be a list of `header:NAME`, `header:NAME:SCHEME`, `query:NAME`, `header:ID/KEY`, `query:ID/KEY`, \
             `bearer` and `basic`, separated by commas"
                .to_owned()
        })
    }
}

impl Kind for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Kind for Secret {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::new(text))
    }
}

impl Kind for ServiceId {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "must be 1 to 64 letters, digits, `_`, `.` or `-`".to_owned())
    }
}

impl Kind for MappingRules {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("must be a JSON list of mapping rules: {error}"))
    }
}

/// Makes an enum a kind: each variant has a name, and maybe others that are understood.
macro_rules! choices {
    ($($kind:ty { $($variant:ident = $name:literal $(| $other:literal)*),+ })+) => {$(
        impl Kind for $kind {
            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($name $(| $other)* => Ok(<$kind>::$variant),)+
                    _ => Err(must_be_one_of(&[$($name),+])),
                }
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $kind {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "enum": [$($name),+] })
            }
        }
    )+};
}

choices! {
    AuthMode { UserKey = "user_key" | "APIKEY", AppId = "app_id" }
    ReferrerSource { None = "none", Referer = "referer", Origin = "origin", SourceIp = "source_ip" }
    FailMode { Closed = "closed", Open = "open" }
    PolicyScope { Stage = "stage", Exact = "exact", Api = "api" }
    HttpApiResponse { Simple = "simple", Iam = "iam" }
    UsageIdentifier { None = "none", Credential = "credential" }
    LogLevel { Info = "info" | "INFO", Warn = "warn" | "WARN" | "WARNING", Error = "error" | "ERROR" }
}

impl Kind for bool {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| must_be_one_of(&["false", "true"]))
    }
}

fn must_be_one_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("must be one of {}", names.join(", "))
}
