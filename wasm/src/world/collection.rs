//! The loop of `authrep-async`.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::collect::{self, Outcome, Step, Telling, Worker};
use authz_core::message::Message;

use super::{Present, World, in_words};
use crate::scenario::{CacheSetup, Script};

/// The lease of a function that may run for 30 seconds.
const LEASE: Duration = Duration::from_secs(35);

impl World<'_> {
    /// Collects what every message asks for, each key once. A message that must come again stays.
    pub(super) fn collect(&mut self, present: &mut Present<'_>) {
        let inbox: BTreeMap<_, _> = self.inbox.drain(..).map(|message| (message.key.clone(), message)).collect();
        let mut told = Vec::new();
        for message in inbox.into_values() {
            let outcome = self.collect_one(present, message.clone());
            if outcome.must_come_again() {
                self.inbox.push(message);
            }
            told.push(words(&outcome));
        }
        present.view.outcome = if told.is_empty() { "no message".to_owned() } else { told.join(", ") };
    }

    fn collect_one(&mut self, present: &mut Present<'_>, message: Message) -> Outcome {
        let settings = self.settings;
        let worker = Worker { name: self.request_id(), lease: LEASE };
        let mut step = collect::begin(settings, message, worker, present.now);
        loop {
            step = match step {
                Step::Claim(question) if present.moment.cache == CacheSetup::Up => {
                    let claimed = self.ledgers.entry(question.key().clone()).or_default().claim(question.claim());
                    present.step("claim", "uses that 3scale does not know are claimed");
                    question.claimed(claimed)
                }
                Step::Claim(question) => {
                    present.step("claim", "the cache does not answer");
                    question.failed()
                }
                Step::Call(question) => match self.ask_3scale(present, &question.call(), question.time_limit()) {
                    Ok(reply) => question.replied(&reply, present.now),
                    Err(failure) => question.failed(failure),
                },
                Step::Store(question) => {
                    present.step("store", "what 3scale said is remembered");
                    self.ledgers.entry(question.key().clone()).or_default().store(question.store().clone());
                    question.settled(present.now)
                }
                Step::Report(report) => match self.tell(present, Telling::alone(report)) {
                    Some(step) => step,
                    None => return Outcome::Nothing,
                },
                Step::Ack(question) => {
                    present.step("acknowledge", "the uses are marked as told");
                    let acked = self.ledgers.entry(question.key().clone()).or_default().ack(&question.ack());
                    question.acked(acked)
                }
                Step::Done(ended) => {
                    present.step("collected", words(&ended.outcome));
                    return ended.outcome;
                }
            }
        }
    }

    /// Tells one report; it leads to exactly one step.
    fn tell<'q>(&self, present: &mut Present<'_>, telling: Telling<'q>) -> Option<Step<'q>> {
        let collect = present.moment.collect.as_ref();
        let script = collect.and_then(|collect| collect.report.clone()).unwrap_or_else(Script::taken);
        let (call, time_limit) = (telling.call(), telling.time_limit());
        let form = self.shown(call.body().unwrap_or_default());
        present.step("report", format!("3scale is told: POST {} {form}", call.url("")));
        present.now = present.now.after(script.takes().min(time_limit));
        let answer = script.reply(time_limit);
        present.step("report", in_words(&answer));
        let mut told = match answer {
            Ok(reply) => telling.replied(&reply, present.now),
            Err(failure) => telling.failed(failure),
        };
        told.steps.pop()
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Nothing => "nothing to collect".to_owned(),
        Outcome::Collected { told, dropped: 0, .. } => format!("told {told}"),
        Outcome::Collected { told, dropped, .. } => format!("told {told}, dropped {dropped}"),
        Outcome::LeaseLost { told } => format!("the lease was lost: {told} are told twice"),
        Outcome::Failed(trouble) => format!("must come again: {trouble}"),
    }
}
