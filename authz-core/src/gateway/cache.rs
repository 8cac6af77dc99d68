//! What API Gateway remembers of an authorizer's answers.

use std::collections::BTreeMap;
use std::fmt;

use super::answer::Answer;
use super::call::Request;
use crate::time::UnixTime;

/// Answers, each until its time is over.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache(BTreeMap<Key, Kept>);

/// The stage, and what the call showed at all identity sources together. Sources: "Configure a Lambda authorizer using
/// the API Gateway console"; "Caching authorizer responses" in "Control access to HTTP APIs with AWS Lambda
/// authorizers".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(String, Vec<String>);

/// Credentials are among the values.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.0).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
struct Kept {
    answer: Answer,
    until: UnixTime,
}

impl Key {
    pub(super) fn of(request: &Request, identity: &[String]) -> Self {
        Self(request.stage.clone(), identity.to_vec())
    }
}

impl Cache {
    pub(super) fn find(&self, key: &Key, now: UnixTime) -> Option<&Answer> {
        self.0.get(key).filter(|kept| now < kept.until).map(|kept| &kept.answer)
    }

    /// Keeps an answer, and drops those whose time is over.
    pub(super) fn keep(&mut self, key: Key, answer: Answer, until: UnixTime, now: UnixTime) {
        self.0.retain(|_, kept| now < kept.until);
        self.0.insert(key, Kept { answer, until });
    }
}
