//! What 3scale last said, in the form in which it is remembered.

use serde::{Deserialize, Serialize};

use crate::time::UnixTime;
use crate::verdict::Reason;

/// An answer of 3scale. It explains a cached decision; the ledger's counters make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// 3scale allowed the call.
    Grant {
        /// The application's plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<String>,
        /// The narrowest limit; `None` if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<LimitFacts>,
    },
    /// 3scale refused the call.
    Denial {
        /// Why.
        reason: Reason,
        /// The limit that was met, if that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<LimitFacts>,
    },
}

/// What 3scale said of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitFacts {
    /// How much a period allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// When the period ends; `None` if it never does (eternity, a disabled metric).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_at: Option<UnixTime>,
}

impl Entry {
    /// Writes the wire form: a line of JSON.
    pub fn encode(&self) -> String {
        // Nothing in an entry can fail to serialize; an empty text would be read as no entry.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the wire form; `None` if it is of another version, or damaged.
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Returns what is known of the limit.
    pub fn limit(&self) -> Option<LimitFacts> {
        match self {
            Self::Grant { limit, .. } | Self::Denial { limit, .. } => *limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_stable() {
        let limit = LimitFacts { max: Some(5), reset_at: Some(UnixTime::from_secs(60)) };
        for (entry, text) in [
            (Entry::Grant { plan: None, limit: None }, r#"{"grant":{}}"#),
            (
                Entry::Grant { plan: Some("Gold".to_owned()), limit: Some(limit) },
                r#"{"grant":{"plan":"Gold","limit":{"max":5,"reset_at":60000}}}"#,
            ),
            (
                Entry::Denial { reason: Reason::UserKeyInvalid, limit: None },
                r#"{"denial":{"reason":"user_key_invalid"}}"#,
            ),
        ] {
            assert_eq!(entry.encode(), text);
            assert_eq!(Entry::decode(text), Some(entry));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_entry() {
        for text in
            ["", "{", "null", "1", r#"{"loan":{}}"#, r#"{"denial":{"reason":"whim"}}"#, r#"{"grant":{"plan":1}}"#]
        {
            assert_eq!(Entry::decode(text), None, "{text}");
        }
    }
}
