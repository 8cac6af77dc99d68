//! One mapping rule.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{Miss, Operation, Outcome, Pattern};
use crate::threescale::Usage;

/// Which calls add how much to which metric.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(expecting = "an object with `http_method`, `pattern` and `metric`")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// The method of the calls.
    #[serde(deserialize_with = "http_method")]
    pub http_method: HttpMethod,
    /// Their path and query.
    #[serde(deserialize_with = "pattern")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub pattern: Pattern,
    /// The system name of the metric; in 3scale's export `metric_system_name`.
    #[serde(alias = "metric_system_name", deserialize_with = "metric")]
    pub metric: String,
    /// How much each call adds, 1 if it is not said.
    #[serde(default = "one", deserialize_with = "delta")]
    pub delta: u64,
    /// Whether the rules after it are not tried when it matches.
    #[serde(default, deserialize_with = "last")]
    pub last: bool,
}

/// The method a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum HttpMethod {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `ANY`: whatever the method is.
    Any,
}

impl Rule {
    pub(super) fn outcome<'a>(&'a self, operation: &'a Operation) -> Outcome<'a> {
        match self.check(operation) {
            Ok(()) => Outcome::Matched { metric: &self.metric, delta: self.delta, stops: self.last },
            Err(miss) => Outcome::Missed(miss),
        }
    }

    /// The method comes last, so that a rule which misses for it is known to match but for it.
    fn check<'a>(&'a self, operation: &'a Operation) -> Result<(), Miss<'a>> {
        self.pattern.check_path(&operation.path)?;
        self.pattern.check_query(operation.query.as_deref())?;
        if !self.http_method.includes(&operation.method) {
            return Err(Miss::Method { wanted: self.http_method, got: &operation.method });
        }
        Ok(())
    }
}

/// The rule as it is written in explanations.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.http_method.as_str(), self.pattern)
    }
}

impl HttpMethod {
    /// Returns it as it is written in a rule.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Any => "ANY",
        }
    }

    /// Whether a call with this method is one that the rule asks for.
    pub fn includes(self, method: &str) -> bool {
        self == Self::Any || self.as_str() == method
    }
}

fn http_method<'de, D: Deserializer<'de>>(value: D) -> Result<HttpMethod, D::Error> {
    read(value, "`http_method` must be one of `GET`, `POST`, `DELETE`, `PUT`, `PATCH`, `HEAD`, `OPTIONS` and `ANY`")
}

fn pattern<'de, D: Deserializer<'de>>(value: D) -> Result<Pattern, D::Error> {
    let text: String = read(value, "`pattern` must be a text such as `/users/{id}$`")?;
    Pattern::parse(&text).map_err(|error| D::Error::custom(format_args!("`pattern` {error}")))
}

fn metric<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let name: String = read(value, "`metric` must be the system name of a metric or method, such as `hits`")?;
    Usage::new([(name.clone(), 1)]).map_err(|error| D::Error::custom(format_args!("`metric`: {error}")))?;
    Ok(name)
}

fn delta<'de, D: Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
    read(value, "`delta` must be a whole number such as 1, not negative")
}

fn last<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    read(value, "`last` must be true or false")
}

/// The texts of serde name neither the member nor, in the words of a rule, what would be right.
fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D, remedy: &str) -> Result<T, D::Error> {
    T::deserialize(value).map_err(|_| D::Error::custom(remedy))
}

fn one() -> u64 {
    1
}
