//! Which calls there are, and what they may be answered.

use authz_core::gateway::{Answer, ApiKind, Judgement};
use authz_core::threescale::Usage;
use fastrand::Rng;
use serde_json::json;

/// So many keys of each kind there are.
pub(crate) const SOUND: usize = 150;
pub(crate) const LIMITED: usize = 10;
pub(crate) const SUSPENDED: usize = 5;
const STRANGERS: usize = 1000;

pub(crate) fn user_key(kind: &str, number: usize) -> String {
    format!("{kind}-{number}")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Read,
    Order,
}

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sound,
    Limited,
    Suspended,
    /// 3scale does not know the key.
    Stranger,
    /// The key can't be one of 3scale's.
    Malformed,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) user_key: String,
    pub(crate) operation: Operation,
}

/// What a call was answered.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) is_allowed: bool,
    /// The decision, its reason, and the cache state.
    pub(crate) text: String,
    /// Whether Redis or 3scale may have counted the call without saying so.
    pub(crate) is_doubtful: bool,
    /// Whether 3scale was asked past the cache.
    pub(crate) is_past_cache: bool,
}

impl Operation {
    pub(crate) const ALL: [Self; 2] = [Self::Read, Self::Order];

    /// The metric that counts its calls, and none of others.
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Self::Read => "hits",
            Self::Order => "orders",
        }
    }

    pub(crate) fn usage(self) -> Usage {
        match self {
            Self::Read => Usage::hits(1),
            Self::Order => Usage::new([("orders".to_owned(), 1), ("items".to_owned(), 5)]).unwrap(),
        }
    }

    fn method_arn(self) -> &'static str {
        match self {
            Self::Read => "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings",
            Self::Order => "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/POST/orders",
        }
    }
}

impl Call {
    /// Chooses the call of this number.
    pub(crate) fn choose(seed: u64, number: u64) -> Self {
        let mut random = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let (kind, user_key) = match random.u8(..100) {
            0..72 => (Kind::Sound, user_key("sound", random.usize(..SOUND).min(random.usize(..SOUND)))),
            72..84 => (Kind::Limited, user_key("limited", random.usize(..LIMITED))),
            84..88 => (Kind::Suspended, user_key("suspended", random.usize(..SUSPENDED))),
            88..95 => (Kind::Stranger, user_key("stranger", random.usize(..STRANGERS))),
            _ => (Kind::Malformed, MALFORMED[random.usize(..MALFORMED.len())].repeat(random.usize(1..300))),
        };
        let orders = kind != Kind::Limited && random.u8(..4) == 0;
        Self { kind, user_key, operation: if orders { Operation::Order } else { Operation::Read } }
    }

    /// What API Gateway makes of it.
    pub(crate) fn event(&self) -> String {
        let method_arn = self.operation.method_arn();
        json!({ "type": "TOKEN", "authorizationToken": self.user_key, "methodArn": method_arn }).to_string()
    }

    /// Reads an answer, and makes sure that such a call may be answered so.
    pub(crate) fn judge(&self, answer: &Result<String, String>) -> Told {
        let told = match answer {
            Ok(policy) => Told::read(policy, self.operation),
            Err(error) => Told::failed(error),
        };
        let may_be: &[&str] = match self.kind {
            Kind::Sound => &["allow granted", "allow backend_unavailable stale", "deny backend_unavailable"],
            Kind::Limited => &[
                "allow granted",
                "allow backend_unavailable stale",
                "deny backend_unavailable",
                "deny limits_exceeded",
            ],
            Kind::Suspended => &["deny application_not_active", "deny backend_unavailable"],
            Kind::Stranger => &["deny user_key_invalid", "deny backend_unavailable"],
            Kind::Malformed => &["Unauthorized"],
        };
        assert!(may_be.iter().any(|start| told.text.starts_with(start)), "{self:?}: {told:?}");
        told
    }
}

impl Told {
    fn read(policy: &str, operation: Operation) -> Self {
        let answer = Answer::read(policy, ApiKind::RestToken).unwrap();
        let is_allowed = answer.judge(operation.method_arn()) == Judgement::Allowed;
        let [reason, cache] = ["reason", "cache"].map(|name| answer.principal.variable(name).unwrap());
        let decision = if is_allowed { "allow" } else { "deny" };
        Self {
            is_allowed,
            text: format!("{decision} {reason} {cache}"),
            is_doubtful: cache == "unavailable" || reason == "backend_unavailable",
            is_past_cache: cache == "unavailable",
        }
    }

    fn failed(error: &str) -> Self {
        Self { is_allowed: false, text: error.to_owned(), is_doubtful: false, is_past_cache: false }
    }
}

/// Repeated, each is a text that is no user key.
const MALFORMED: [&str; 3] = ["", "\u{7}", "sound-1 \n"];
