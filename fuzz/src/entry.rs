//! What a ledger in Redis says.

use std::sync::LazyLock;

use authz_core::cache::Entry;
use authz_core::ledger::Taken;
use authz_core::settings::{FailMode, Settings};
use authz_core::threescale::{Failure, Reply};
use authz_core::time::UnixTime;
use authz_core::verdict::{CacheState, Decision, Verdict};

use crate::judged::{ANSWERED, CASES, is_told_rightly, verdict};

/// Judges a call by a ledger: a line with what its script answers, as JSON, then the entry.
///
/// An entry is read as it was written or not at all. A call passes only on a grant that can be read and has room, on
/// 3scale's yes, or, while 3scale does not answer, on a grant within its stale window or by `FAIL_MODE`.
pub fn check(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let taken = parsed(&text);
    let entry = taken.entry.as_deref().and_then(Entry::decode);
    if let Some(entry) = &entry {
        assert_eq!(Entry::decode(&entry.encode()).as_ref(), Some(entry));
    }
    for (settings, request) in CASES.iter() {
        for reply in REPLIES.iter() {
            let reply = reply.as_ref().map_err(|failure| *failure);
            let verdict = verdict(settings, request, &taken, reply);
            is_deserved(settings, &verdict, &taken, entry.as_ref(), reply);
            is_told_rightly(settings, request, &verdict);
        }
    }
    entry.is_some()
}

static REPLIES: LazyLock<[Result<Reply, Failure>; 3]> = LazyLock::new(|| {
    let reply = |status, remaining: &str, body: &str| Reply {
        status,
        limit_remaining: Some(remaining.to_owned()),
        body: body.to_owned(),
        ..Reply::default()
    };
    let yes = reply(200, "4", "<status><authorized>true</authorized></status>");
    let no = reply(409, "0", "<status><authorized>false</authorized></status>");
    [Ok(yes), Ok(no), Err(Failure::TimedOut)]
});

/// `[took, ring, uses, told, applied_by, fresh, cap]`, and the entry from the next line on.
fn parsed(text: &str) -> Taken {
    let (state, entry) = text.split_once('\n').map_or((text, None), |(state, entry)| (state, Some(entry)));
    let (took, ring, uses, told, applied_by, fresh, cap) = serde_json::from_str(state).unwrap_or_default();
    let [applied_by, fresh] = [applied_by, fresh].map(UnixTime::from_millis);
    Taken { took, ring, uses, told, applied_by, fresh, cap, entry: entry.map(str::to_owned) }
}

fn is_deserved(
    settings: &Settings,
    verdict: &Verdict,
    taken: &Taken,
    entry: Option<&Entry>,
    reply: Result<&Reply, Failure>,
) {
    let is_grant = matches!(entry, Some(Entry::Grant { .. }));
    let deserves = match verdict.cache {
        CacheState::Hit => is_grant && taken.took,
        CacheState::Stale => is_grant && settings.lifetimes.is_within_stale(taken.fresh, ANSWERED),
        CacheState::Miss => match reply {
            Ok(reply) => reply.status == 200,
            Err(_) => settings.fail_mode == FailMode::Open,
        },
        CacheState::Unavailable | CacheState::Off | CacheState::Unused => panic!("{verdict:?}"),
    };
    assert!(deserves || verdict.decision == Decision::Deny, "{verdict:?}");
    assert!(reply.is_err() || verdict.cache != CacheState::Stale, "3scale's word comes before an old one");
    if let (CacheState::Hit, Some(cap), Some(limit)) = (verdict.cache, taken.cap, verdict.limit) {
        assert!(limit.remaining <= cap);
    }
}
