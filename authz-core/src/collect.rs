//! The machine of one message: tell 3scale of the uses of one key that it does not know.
//!
//! ```text
//!  begin ─▶ Claim ─▶ Call (authorize) ─▶ Store ─▶ Report ─▶ Ack ─▶ Done(Outcome)
//!             └ nothing, busy               └ nothing 3scale would take ┘
//! ```
//!
//! The reports of many machines are told together, in a [`Telling`].
//!
//! 3scale is asked before it is told, so that the ledger learns the state of the limits, and so that a report which
//! would void its whole batch is found beforehand. On any failure nothing more is done: the lease runs out, the message
//! comes again, and the uses are still there.

mod outcome;
mod telling;

use std::time::Duration;

use crate::cache::{Asked, CacheKey, remember};
use crate::credential::Caller;
use crate::ledger::{self, Acked, Claimed, REPORTABLE};
use crate::message::{Message, MessageError};
use crate::settings::Settings;
use crate::threescale::{Answer, Failure, Fault, Reply, Service, ServiceCall, Transaction};
use crate::time::{Minute, UnixTime};
use crate::verdict::Reason;
pub use outcome::{Outcome, Trouble};
pub use telling::{Telling, Told};

/// Uses are dropped so long before 3scale would refuse them: time for the report to arrive.
const REPORT_MARGIN: Duration = Duration::from_secs(10 * 60);

/// Where a collection stands, and what it needs to go on.
#[derive(Clone, Debug)]
#[must_use = "a collection that is not driven to `Done` leaves its uses under a lease"]
pub enum Step<'s> {
    /// Needs the untold uses.
    Claim(Claim<'s>),
    /// Needs an answer of 3scale.
    Call(Call<'s>),
    /// Needs that answer to be remembered.
    Store(Store<'s>),
    /// Needs 3scale to take a report, in a [`Telling`].
    Report(Report<'s>),
    /// Needs the uses to be marked as told.
    Ack(Ack<'s>),
    /// Is over.
    Done(Ended),
}

/// A collection that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whose uses it was to collect.
    pub key: CacheKey,
    /// Joins it to the invocation that asked for it.
    pub correlation_id: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Who collects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// A name that no other invocation has.
    pub name: String,
    /// For how long its claims keep others away: longer than it can live.
    pub lease: Duration,
}

#[derive(Clone, Debug)]
struct Case<'s> {
    settings: &'s Settings,
    service: &'s Service,
    message: Message,
    caller: Caller,
    worker: Worker,
    /// When the uses were claimed.
    asked: UnixTime,
}

impl<'s> Case<'s> {
    fn end(self, outcome: Outcome) -> Step<'s> {
        ended(self.message, outcome)
    }

    /// How many parameters a transaction has: who, how much of each metric, and when.
    fn parameters_each(&self) -> usize {
        self.message.usage.iter().count() + 2
    }
}

fn ended<'s>(message: Message, outcome: Outcome) -> Step<'s> {
    Step::Done(Ended { key: message.key, correlation_id: message.correlation_id, outcome })
}

/// Begins the collection that a message asks for.
pub fn begin(settings: &Settings, message: Message, worker: Worker, now: UnixTime) -> Step<'_> {
    let Some(service) = settings.services.by_id(&message.service) else {
        return ended(message, Outcome::Failed(Trouble::ForeignService));
    };
    match message.caller(&settings.keyring) {
        Ok(caller) => Step::Claim(Claim(Case { settings, service, message, caller, worker, asked: now })),
        Err(
            MessageError::SealedElsewhere
            | MessageError::NotAMessage
            | MessageError::Version(_)
            | MessageError::ForeignLedger,
        ) => ended(message, Outcome::Failed(Trouble::SealedElsewhere)),
    }
}

/// Needs the ledger of [`Claim::key`] to carry out [`Claim::claim`].
#[derive(Clone, Debug)]
pub struct Claim<'s>(Case<'s>);

impl<'s> Claim<'s> {
    /// Joins it to the invocation that asked for the collection.
    pub fn correlation_id(&self) -> &str {
        &self.0.message.correlation_id
    }

    /// Returns which ledger is asked.
    pub fn key(&self) -> &CacheKey {
        &self.0.message.key
    }

    /// Returns what it is asked.
    pub fn claim(&self) -> ledger::Claim {
        ledger::Claim { now: self.0.asked, owner: self.0.worker.name.clone(), lease: self.0.worker.lease }
    }

    /// The ledger answered.
    pub fn claimed(self, claimed: Claimed) -> Step<'s> {
        match claimed {
            Claimed::Busy { until } => self.0.end(Outcome::Failed(Trouble::Busy { until })),
            Claimed::Nothing => self.0.end(Outcome::Nothing),
            Claimed::Uses { told, minutes } => Step::Call(Call { case: self.0, told, minutes }),
        }
    }

    /// The cache did not answer.
    pub fn failed(self) -> Step<'s> {
        self.0.end(Outcome::Failed(Trouble::Cache))
    }
}

/// Needs 3scale's answer to [`Call::call`].
#[derive(Clone, Debug)]
pub struct Call<'s> {
    case: Case<'s>,
    told: u64,
    minutes: Vec<(Minute, u64)>,
}

impl<'s> Call<'s> {
    /// Returns what 3scale is asked: whether one such call would pass.
    pub fn call(&self) -> ServiceCall {
        let Case { service, message, caller, .. } = &self.case;
        ServiceCall::authorize(service, caller, &message.usage)
    }

    /// Returns how long that may take.
    pub fn time_limit(&self) -> Duration {
        self.case.settings.threescale_timeout
    }

    /// 3scale answered.
    pub fn replied(self, reply: &Reply, now: UnixTime) -> Step<'s> {
        let answer = reply.answer();
        if let Answer::None(fault) = answer {
            return self.case.end(Outcome::Failed(Trouble::Threescale(fault)));
        }
        let asked = Asked { at: self.case.asked, told: self.told, own: false };
        let store = remember(&answer, asked, &self.case.settings.lifetimes, now);
        let report = self.report(&answer, now);
        match store {
            Some(store) => Step::Store(Store { store, report }),
            None => report.or_ack(now),
        }
    }

    /// 3scale did not answer.
    pub fn failed(self, failure: Failure) -> Step<'s> {
        self.case.end(Outcome::Failed(Trouble::Threescale(Fault::Failure(failure))))
    }

    /// Limits were not 3scale's reason to refuse these uses, we allowed them: only those that it can't take are dropped,
    /// because they are too old, or because it no longer knows the application.
    fn report(self, answer: &Answer, now: UnixTime) -> Report<'s> {
        let (is_known, is_doubtful) = match answer {
            Answer::Authorized { .. } | Answer::LimitsExceeded { .. } | Answer::Refused(Reason::LimitsExceeded) => {
                (true, false)
            }
            Answer::Refused(Reason::UserKeyInvalid | Reason::ApplicationNotFound) => (false, false),
            Answer::Refused(_) | Answer::None(_) => (true, true),
        };
        let oldest = now.before(REPORTABLE).after(REPORT_MARGIN);
        let (mut reported, dropped): (Vec<_>, Vec<_>) =
            self.minutes.into_iter().partition(|(m, _)| is_known && m.start() >= oldest);
        let left = reported.split_off(reported.len().min(Report::most(self.case.parameters_each())));
        Report { case: self.case, reported, dropped, left: sum(&left), is_doubtful }
    }
}

/// Needs the ledger of [`Store::key`] to carry out [`Store::store`].
#[derive(Clone, Debug)]
pub struct Store<'s> {
    store: ledger::Store,
    report: Report<'s>,
}

impl<'s> Store<'s> {
    /// Joins it to the invocation that asked for the collection.
    pub fn correlation_id(&self) -> &str {
        &self.report.case.message.correlation_id
    }

    /// Returns which ledger is asked.
    pub fn key(&self) -> &CacheKey {
        &self.report.case.message.key
    }

    /// Returns what it is asked.
    pub fn store(&self) -> &ledger::Store {
        &self.store
    }

    /// The ledger remembered it, or did not: that loses nothing, so the report goes on.
    pub fn settled(self, now: UnixTime) -> Step<'s> {
        self.report.or_ack(now)
    }
}

/// Needs 3scale to take [`Report::transactions`]; more minutes than it takes at once wait for the next collection.
#[derive(Clone, Debug)]
pub struct Report<'s> {
    case: Case<'s>,
    reported: Vec<(Minute, u64)>,
    dropped: Vec<(Minute, u64)>,
    /// How many uses are left to the next collection.
    left: u64,
    is_doubtful: bool,
}

impl<'s> Report<'s> {
    /// Returns the uses, a transaction a minute.
    pub fn transactions(&self) -> Vec<Transaction> {
        let Case { message, caller, .. } = &self.case;
        let transaction = |(minute, uses): &(Minute, u64)| Transaction {
            credential: caller.credential.clone(),
            usage: message.usage.times(*uses),
            minute: *minute,
        };
        self.reported.iter().map(transaction).collect()
    }

    /// Whether 3scale might refuse it, and with it all that is told in the same call.
    pub fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// Returns how long that may take.
    pub fn time_limit(&self) -> Duration {
        self.case.settings.threescale_timeout
    }

    fn replied(self, reply: &Reply, now: UnixTime) -> Step<'s> {
        match reply.report_taken() {
            Ok(()) => self.ack(now),
            Err(fault) => self.case.end(Outcome::Failed(Trouble::Threescale(fault))),
        }
    }

    fn or_ack(self, now: UnixTime) -> Step<'s> {
        if self.reported.is_empty() {
            self.ack(now)
        } else if self.is_out_of_time(now) {
            self.case.end(Outcome::Failed(Trouble::OutOfTime))
        } else {
            Step::Report(self)
        }
    }

    /// Whether the lease might end before 3scale answers.
    fn is_out_of_time(&self, now: UnixTime) -> bool {
        now.after(self.time_limit()) >= self.case.asked.after(self.case.worker.lease)
    }

    fn ack(self, now: UnixTime) -> Step<'s> {
        Step::Ack(Ack { told: sum(&self.reported), dropped: sum(&self.dropped), report: self, now })
    }
}

/// Needs the ledger of [`Ack::key`] to carry out [`Ack::ack`].
#[derive(Clone, Debug)]
pub struct Ack<'s> {
    report: Report<'s>,
    told: u64,
    dropped: u64,
    now: UnixTime,
}

impl<'s> Ack<'s> {
    /// Joins it to the invocation that asked for the collection.
    pub fn correlation_id(&self) -> &str {
        &self.report.case.message.correlation_id
    }

    /// Returns which ledger is asked.
    pub fn key(&self) -> &CacheKey {
        &self.report.case.message.key
    }

    /// Returns what it is asked.
    pub fn ack(&self) -> ledger::Ack {
        let Report { case, reported, dropped, .. } = &self.report;
        ledger::Ack {
            owner: case.worker.name.clone(),
            minutes: reported.iter().chain(dropped).copied().collect(),
            keep: case.settings.lifetimes.keep(),
            now: self.now,
        }
    }

    /// The ledger answered.
    pub fn acked(self, acked: Acked) -> Step<'s> {
        let (told, dropped) = (self.told, self.dropped);
        let outcome = match acked {
            Acked::Untold(_) if self.report.left > 0 => {
                Outcome::Failed(Trouble::MoreToTell { told, dropped, left: self.report.left })
            }
            Acked::Untold(untold) => Outcome::Collected { told, dropped, untold },
            Acked::NotTheOwner => Outcome::LeaseLost { told },
        };
        self.report.case.end(outcome)
    }

    /// The cache did not answer.
    pub fn failed(self) -> Step<'s> {
        let outcome = Outcome::Failed(Trouble::NotAcknowledged { told: self.told });
        self.report.case.end(outcome)
    }
}

/// A damaged ledger may claim any number.
fn sum(minutes: &[(Minute, u64)]) -> u64 {
    minutes.iter().fold(0, |sum, (_, uses)| sum.saturating_add(*uses))
}
