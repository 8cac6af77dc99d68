//! Every kind of answer of a ledger to a look, and what it is expected to mean.

use std::time::Duration;

use authz_core::cache::{Entry, LimitFacts};
use authz_core::ledger::Taken;
use authz_core::time::UnixTime;
use authz_core::verdict::Reason;

use super::ASKED;

/// What a ledger's answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// A use was counted: the call may pass.
    Pass,
    /// The call may not pass.
    Stop(Reason),
    /// 3scale is to be asked; without it, this stands in.
    Ask(StandIn),
}

/// What stands in for 3scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandIn {
    Nobody,
    Grant,
    MetLimit,
}

/// A ledger's answer, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) taken: Taken,
    pub(crate) means: Means,
}

/// How long a call to 3scale takes: some of what is remembered ends meanwhile.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(200);

/// As in the default settings.
const STALE: Duration = Duration::from_secs(300);
const LONG_AGO: Duration = Duration::from_secs(100);

pub(crate) fn all() -> Vec<Memory> {
    [fresh(), fresh_and_used_up(), fresh_denials(), stale_grants(), stale_denials(), not_understood()].concat()
}

fn fresh() -> Vec<Memory> {
    let took = Taken { took: true, uses: 3, told: 1, fresh: soon(), ..Taken::default() };
    let nothing = Memory { taken: Taken::default(), means: Means::Ask(StandIn::Nobody) };
    let only_counters = Taken { uses: 3, told: 1, ..Taken::default() };
    vec![
        nothing,
        Memory { taken: only_counters, means: Means::Ask(StandIn::Nobody) },
        Memory { taken: with(&took, None, &grant(None)), means: Means::Pass },
        Memory { taken: with(&took, Some(5), &grant(None)), means: Means::Pass },
        Memory { taken: with(&took, Some(5), &grant(Some(limit(Some(soon()))))), means: Means::Pass },
        Memory { taken: with(&took, Some(5), &grant(Some(limit(None)))), means: Means::Pass },
        Memory { taken: with(&took, None, &grant(Some(limit(Some(soon()))))), means: Means::Pass },
    ]
}

/// No use is left: while 3scale does not reckon with all of them it is not asked, then it is.
fn fresh_and_used_up() -> Vec<Memory> {
    let used_up = |told, limit, means| {
        let counters = Taken { uses: 5, told, fresh: soon(), ..Taken::default() };
        Memory { taken: with(&counters, Some(5), &grant(limit)), means }
    };
    let stop = Means::Stop(Reason::LimitsExceeded);
    let just_told = |applied_by, means| {
        let counters = Taken { uses: 5, told: 5, applied_by, fresh: soon(), ..Taken::default() };
        Memory { taken: with(&counters, Some(5), &grant(None)), means }
    };
    vec![
        just_told(soon(), stop),
        just_told(ASKED.after(Duration::from_millis(1)), stop),
        just_told(ASKED, Means::Ask(StandIn::Grant)),
        used_up(1, None, stop),
        used_up(1, Some(limit(Some(soon()))), stop),
        used_up(4, Some(limit(None)), stop),
        used_up(5, None, Means::Ask(StandIn::Grant)),
        used_up(5, Some(limit(Some(soon()))), Means::Ask(StandIn::MetLimit)),
        used_up(5, Some(limit(None)), Means::Ask(StandIn::MetLimit)),
    ]
}

fn fresh_denials() -> Vec<Memory> {
    let denied = |reason, limit| Taken {
        fresh: soon(),
        cap: Some(0),
        entry: Some(Entry::Denial { reason, limit }.encode()),
        ..Taken::default()
    };
    let plain = denials().into_iter().map(|reason| (reason, None));
    let limits = [Some(soon()), None].map(|reset_at| (Reason::LimitsExceeded, Some(limit(reset_at))));
    plain
        .chain(limits)
        .map(|(reason, limit)| Memory { taken: denied(reason, limit), means: Means::Stop(reason) })
        .collect()
}

fn stale_grants() -> Vec<Memory> {
    let stale = |fresh: UnixTime, uses: u64, cap, limit, stand_in| Memory {
        taken: with(&Taken { uses, told: 1, fresh, ..Taken::default() }, cap, &grant(limit)),
        means: Means::Ask(stand_in),
    };
    let lately = ASKED.before(LONG_AGO);
    let window_ends = |at: UnixTime| at.before(STALE);
    let answered = ASKED.after(ROUND_TRIP);
    let an_instant = Duration::from_millis(1);
    vec![
        stale(ASKED, 3, None, None, StandIn::Grant),
        stale(lately, 3, None, None, StandIn::Grant),
        stale(lately, 3, Some(5), None, StandIn::Grant),
        stale(lately, 3, Some(5), Some(limit(Some(soon()))), StandIn::Grant),
        stale(lately, 3, Some(5), Some(limit(None)), StandIn::Grant),
        stale(lately, 5, Some(5), None, StandIn::Grant),
        stale(lately, 5, Some(5), Some(limit(Some(soon()))), StandIn::MetLimit),
        stale(lately, 5, Some(5), Some(limit(Some(lately))), StandIn::Grant),
        stale(lately, 5, Some(5), Some(limit(Some(answered))), StandIn::Grant),
        stale(lately, 5, Some(5), Some(limit(Some(answered.after(an_instant)))), StandIn::MetLimit),
        stale(lately, 5, Some(5), Some(limit(None)), StandIn::MetLimit),
        stale(window_ends(answered.after(an_instant)), 3, None, None, StandIn::Grant),
        stale(window_ends(answered), 3, None, None, StandIn::Nobody),
        stale(window_ends(ASKED), 5, Some(5), Some(limit(None)), StandIn::Nobody),
    ]
}

fn stale_denials() -> Vec<Memory> {
    let stale = |reason, limit, stand_in| Memory {
        taken: Taken {
            fresh: ASKED.before(LONG_AGO),
            cap: Some(0),
            entry: Some(Entry::Denial { reason, limit }.encode()),
            ..Taken::default()
        },
        means: Means::Ask(stand_in),
    };
    let mut denials: Vec<_> = denials().into_iter().map(|reason| stale(reason, None, StandIn::Nobody)).collect();
    denials.extend([
        stale(Reason::LimitsExceeded, Some(limit(Some(soon()))), StandIn::MetLimit),
        stale(Reason::LimitsExceeded, Some(limit(Some(ASKED))), StandIn::Nobody),
        stale(Reason::LimitsExceeded, Some(limit(None)), StandIn::MetLimit),
    ]);
    denials
}

/// Damaged, or of a release that remembers otherwise; a use may have been taken all the same.
fn not_understood() -> Vec<Memory> {
    let damaged = |took, fresh| Memory {
        taken: Taken { took, uses: 3, told: 1, fresh, entry: Some("{\"CANARY".to_owned()), ..Taken::default() },
        means: Means::Ask(StandIn::Nobody),
    };
    vec![damaged(false, soon()), damaged(true, soon()), damaged(false, ASKED.before(LONG_AGO))]
}

/// Every reason for which 3scale refuses a call.
fn denials() -> [Reason; 9] {
    [
        Reason::LimitsExceeded,
        Reason::UserKeyInvalid,
        Reason::ApplicationNotFound,
        Reason::ApplicationKeyInvalid,
        Reason::ApplicationNotActive,
        Reason::ServiceNotActive,
        Reason::ReferrerNotAllowed,
        Reason::AuthenticationError,
        Reason::Rejected,
    ]
}

fn with(taken: &Taken, cap: Option<u64>, entry: &Entry) -> Taken {
    Taken { cap, entry: Some(entry.encode()), ..taken.clone() }
}

fn grant(limit: Option<LimitFacts>) -> Entry {
    Entry::Grant { plan: Some("Basic".to_owned()), limit }
}

fn limit(reset_at: Option<UnixTime>) -> LimitFacts {
    LimitFacts { max: Some(5), reset_at }
}

fn soon() -> UnixTime {
    ASKED.after(Duration::from_secs(30))
}
