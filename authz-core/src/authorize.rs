//! The machine of one question: may this credential call this method?
//!
//! ```text
//!           ┌──── a fresh answer is remembered ─────┐
//!  begin ─▶ LookUp ─ none ─▶ Call ─ 3scale answers ─┴──────▶ Done(Verdict)
//!                             └ 3scale fails ─┬─ denied ────▶
//!                                             └─ allowed ─▶ Record ─▶
//!                                               (Admit, if the caller is unknown)
//! ```
//!
//! Each state owns its answer and is consumed by it, so a second or a wrong answer does not compile.

mod allowance;
mod case;
mod stale;

use std::time::Duration;

use crate::cache::{Asked, CacheKey, Entry, remember};
use crate::event::Request;
use crate::ledger;
use crate::settings::{FailMode, Settings};
use crate::threescale::{Answer, Failure, Fault, Limit, Reply, ServiceCall};
use crate::time::UnixTime;
use crate::verdict::{CacheState, Decision, LimitState, Reason, Verdict};
pub use allowance::Allowance;
use case::Case;
use stale::{Stale, StandIn};

/// Where an authorization stands, and what it needs to go on.
#[derive(Clone, Debug)]
#[must_use = "an authorization that is not driven to `Done` answers nobody"]
pub enum Step<'s> {
    /// Needs to know what is remembered.
    LookUp(LookUp<'s>),
    /// Needs an answer of 3scale.
    Call(Call<'s>),
    /// Needs to know whether one more unknown caller may pass.
    Admit(Admit<'s>),
    /// Needs a use to be counted, before the call may pass.
    Record(Record<'s>),
    /// Is decided.
    Done(Verdict),
}

/// Begins an authorization.
pub fn begin<'s>(settings: &'s Settings, request: &'s Request, now: UnixTime) -> Step<'s> {
    match case::usage(settings, request) {
        Ok(used) => Step::LookUp(LookUp(Case::new(settings, request, used, now))),
        Err(reason) => {
            let credential = settings.keyring.credential_fingerprint(&request.caller.credential);
            Step::Done(case::verdict(&request.caller, credential, Decision::Deny, reason, CacheState::Unused))
        }
    }
}

/// Needs the ledger of [`LookUp::key`] to answer [`LookUp::take`].
#[derive(Clone, Debug)]
pub struct LookUp<'s>(Case<'s>);

impl<'s> LookUp<'s> {
    /// Returns which ledger is asked.
    pub fn key(&self) -> &CacheKey {
        &self.0.key
    }

    /// Returns what it is asked.
    pub fn take(&self) -> ledger::Take {
        let settings = self.0.settings;
        ledger::Take { now: self.0.asked, rering: settings.rering(), keep: settings.lifetimes.keep() }
    }

    /// The ledger answered.
    pub fn found(self, taken: &ledger::Taken) -> Step<'s> {
        let mut case = self.0;
        case.ring = taken.ring;
        // The key's version keeps other releases' entries away, so one that can't be read was damaged. It decides nothing;
        // if a use was taken on it, 3scale counts that call a second time.
        let entry = taken.entry.as_deref().and_then(Entry::decode);
        match entry {
            Some(Entry::Grant { plan, limit }) if taken.took => {
                let mut verdict = case.verdict(Decision::Allow, Reason::Granted, CacheState::Hit);
                verdict.plan = plan;
                verdict.limit = case::limit_state(limit, taken.cap, taken.uses, case.asked);
                Step::Done(verdict)
            }
            Some(entry) if taken.refuses(case.asked) => {
                Step::Done(case.local_denial(entry, CacheState::Hit, case.asked))
            }
            entry => {
                let stale = entry.map(|entry| Stale::new(entry, taken));
                let was_granted = taken.uses > 0;
                Step::Call(Call { case, cache: CacheState::Miss, told: Some(taken.told), was_granted, stale })
            }
        }
    }

    /// The cache did not answer.
    pub fn missed(self) -> Step<'s> {
        Step::Call(Call { case: self.0, cache: CacheState::Unavailable, told: None, was_granted: false, stale: None })
    }

    /// There is no cache.
    pub fn uncached(self) -> Step<'s> {
        Step::Call(Call { case: self.0, cache: CacheState::Off, told: None, was_granted: false, stale: None })
    }
}

/// Needs 3scale's answer to [`Call::call`].
#[derive(Clone, Debug)]
pub struct Call<'s> {
    case: Case<'s>,
    cache: CacheState,
    /// What the ledger said 3scale knew; `None` if the cache did not answer, and then nothing is stored either.
    told: Option<u64>,
    /// Whether the ledger has uses: then 3scale granted one of them, or the caller was admitted before.
    was_granted: bool,
    stale: Option<Stale>,
}

impl<'s> Call<'s> {
    /// Returns what 3scale is asked.
    pub fn call(&self) -> ServiceCall {
        ServiceCall::authrep(self.case.service, &self.case.request.caller, &self.case.usage)
    }

    /// Returns how long that may take.
    pub fn time_limit(&self) -> Duration {
        self.case.settings.threescale_timeout
    }

    /// 3scale answered.
    pub fn replied(self, reply: &Reply, now: UnixTime) -> Step<'s> {
        let answer = reply.answer();
        if let Answer::None(fault) = answer {
            return self.fall_back(fault, now);
        }
        let mut verdict = self.judged(&answer);
        verdict.orders.store = self.told.and_then(|told| {
            let asked = Asked { at: self.case.asked, told, own: true };
            let store = remember(&answer, asked, &self.case.settings.lifetimes, now)?;
            Some((self.case.key.clone(), store))
        });
        Step::Done(verdict)
    }

    /// 3scale did not answer.
    pub fn failed(self, failure: Failure, now: UnixTime) -> Step<'s> {
        self.fall_back(Fault::Failure(failure), now)
    }

    fn judged(&self, answer: &Answer) -> Verdict {
        let (decision, reason) = match answer {
            Answer::Authorized { .. } => (Decision::Allow, Reason::Granted),
            Answer::LimitsExceeded { .. } => (Decision::Deny, Reason::LimitsExceeded),
            Answer::Refused(reason) => (Decision::Deny, *reason),
            Answer::None(fault) => (Decision::Deny, fault.reason()),
        };
        let mut verdict = self.case.verdict(decision, reason, self.cache);
        match answer {
            Answer::Authorized { plan, limit } => {
                verdict.plan.clone_from(plan);
                verdict.limit = match *limit {
                    Limit::Remaining { remaining, max, reset } => {
                        Some(LimitState { max, remaining, reset_secs: reset.map(|reset| reset.as_secs()) })
                    }
                    Limit::Unlimited | Limit::Unknown => None,
                };
            }
            Answer::LimitsExceeded { max, reset } => {
                let reset_secs = reset.map(|reset| reset.as_secs());
                verdict.limit = Some(LimitState { max: *max, remaining: 0, reset_secs });
            }
            Answer::Refused(_) | Answer::None(_) => {}
        }
        verdict
    }

    /// Without 3scale a grant beyond its time stands in, and failing that the fail mode.
    fn fall_back(self, fault: Fault, now: UnixTime) -> Step<'s> {
        let Self { case, cache, stale, was_granted, .. } = self;
        let stand_in = stale.and_then(|stale| stale.stand_in(&case.settings.lifetimes, now));
        let judged = |decision, cache| Verdict { fault: Some(fault), ..case.verdict(decision, fault.reason(), cache) };
        match (stand_in, case.settings.fail_mode) {
            (Some(StandIn::Allow { plan }), _) => {
                let verdict = Verdict { plan, ..judged(Decision::Allow, CacheState::Stale) };
                Step::Record(Record { case, verdict, now })
            }
            (Some(StandIn::Deny(entry)), _) => {
                let verdict = case.local_denial(entry, CacheState::Stale, now);
                Step::Done(Verdict { fault: Some(fault), ..verdict })
            }
            (None, FailMode::Closed) => Step::Done(judged(Decision::Deny, cache)),
            (None, FailMode::Open) => {
                let verdict = judged(Decision::Allow, cache);
                let record = Record { case, verdict, now };
                if was_granted { Step::Record(record) } else { Step::Admit(Admit(record)) }
            }
        }
    }
}

/// Needs an [`Allowance`] to admit one more call.
#[derive(Clone, Debug)]
pub struct Admit<'s>(Record<'s>);

impl<'s> Admit<'s> {
    /// Returns when that is asked.
    pub fn now(&self) -> UnixTime {
        self.0.now
    }

    /// Returns how many may pass in a minute.
    pub fn most(&self) -> u64 {
        self.0.case.settings.fail_open_per_minute
    }

    /// The call may pass.
    pub fn admitted(self) -> Step<'s> {
        Step::Record(self.0)
    }

    /// Too many passed in this minute.
    pub fn refused(self) -> Step<'s> {
        Step::Done(Verdict { decision: Decision::Deny, ..self.0.verdict })
    }
}

/// Needs the ledger of [`Record::key`] to carry out [`Record::record`].
#[derive(Clone, Debug)]
pub struct Record<'s> {
    case: Case<'s>,
    verdict: Verdict,
    now: UnixTime,
}

impl<'s> Record<'s> {
    /// Returns which ledger counts.
    pub fn key(&self) -> &CacheKey {
        &self.case.key
    }

    /// Returns what it is asked.
    pub fn record(&self) -> ledger::Record {
        ledger::Record { now: self.now, rering: self.case.settings.rering() }
    }

    /// The use is counted; `ring` is the ledger's answer.
    pub fn recorded(self, ring: bool) -> Step<'s> {
        let Self { case, mut verdict, .. } = self;
        if ring {
            verdict.orders.publish = Some(case.message());
        }
        Step::Done(verdict)
    }

    /// The cache did not answer: the call passes uncounted.
    pub fn failed(self) -> Step<'s> {
        Step::Done(Verdict { lost_use: true, ..self.verdict })
    }
}
