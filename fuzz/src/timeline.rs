//! Scenarios of the simulator that are right, made of bytes.

mod scenario;

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use serde_json::Value;

use crate::evaluate::agrees;
use crate::keeps_secrets;

/// Plays a timeline.
///
/// It is always a scenario. With `FAIL_MODE` = `closed` no call passes whose caller 3scale never said yes to, whatever
/// the cache, the collector and API Gateway's own cache do; and nothing that is shown tells a secret, in whatever way it
/// was sent.
pub fn check(input: &[u8]) -> bool {
    let Ok(timeline) = Timeline::arbitrary_take_rest(Unstructured::new(input)) else { return false };
    let scenario = timeline.scenario().to_string();
    let text = wasm::evaluate(&scenario);
    let result: Value = serde_json::from_str(&text).expect("a result is JSON");
    assert_eq!(result["ok"], true, "{scenario} {text}");
    keeps_secrets(&text);
    let moments = result["moments"].as_array().expect("there are moments");
    let mut granted = BTreeSet::new();
    for (played, shown) in timeline.moments.iter().zip(moments) {
        agrees(shown);
        let Act::Call { caller, .. } = &played.act else { continue };
        let caller = timeline.credential(*caller);
        if matches!(played.says, Says::Yes { .. }) {
            granted.insert(caller);
        }
        let passes = shown["backend"].is_object();
        assert!(!passes || timeline.fails_open || granted.contains(&caller), "{scenario} {shown:#}");
    }
    !timeline.moments.is_empty()
}

#[derive(Debug, Arbitrary)]
struct Timeline {
    api: Kind,
    mode: Mode,
    fails_open: bool,
    scope: Scope,
    has_rules: bool,
    ttl: u8,
    moments: Vec<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Arbitrary)]
enum Kind {
    RestToken,
    RestRequest,
    Http1,
    Http2,
    Websocket,
}

/// What a caller shows, and where.
#[derive(Clone, Copy, Debug, PartialEq, Arbitrary)]
enum Mode {
    UserKey,
    Bearer,
    Basic,
    Query,
    Application,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Scope {
    Stage,
    Exact,
    Api,
}

#[derive(Debug, Arbitrary)]
struct Moment {
    tenths: u16,
    act: Act,
    says: Says,
    cache: Cache,
}

#[derive(Debug, Arbitrary)]
enum Act {
    Call { caller: CallerNumber, path: u8, method: u8 },
    Collect { says: Says },
}

#[derive(Clone, Copy, Debug, Arbitrary)]
struct CallerNumber(u8);

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Cache {
    Up,
    Down,
    None,
}

/// What 3scale says.
#[derive(Clone, Copy, Debug, Arbitrary)]
enum Says {
    Yes { remaining: Option<u8>, reset: Option<u8> },
    Limited { reset: Option<u8> },
    Refused,
    OurFault,
    Broken(u16),
    Fails(u8),
    Late,
}
