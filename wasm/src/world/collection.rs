//! The loop of `authrep-async`.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::collect::{self, Outcome, Step, Telling, Worker};
use authz_core::message::Message;

use super::{Present, World};
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
                Step::Call(question) => self.authorize_first(present, question),
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

    fn authorize_first<'q>(&self, present: &mut Present<'_>, question: collect::Call<'q>) -> Step<'q> {
        let script = present.moment.threescale.clone().unwrap_or_else(Script::yes);
        let time_limit = question.time_limit();
        present.step("ask_3scale", format!("3scale is asked: GET {}", self.shown_call(&question.call())));
        present.now = present.now.after(script.takes().min(time_limit));
        match script.reply(time_limit) {
            Ok(reply) => {
                present.step("ask_3scale", format!("3scale answers {}", reply.status));
                question.replied(&reply, present.now)
            }
            Err(failure) => {
                present.step("ask_3scale", format!("3scale {failure}"));
                question.failed(failure)
            }
        }
    }

    /// Tells one report; it leads to exactly one step.
    fn tell<'q>(&self, present: &mut Present<'_>, telling: Telling<'q>) -> Option<Step<'q>> {
        let collect = present.moment.collect.as_ref();
        let script = collect.and_then(|collect| collect.report.clone()).unwrap_or_else(Script::taken);
        let (call, time_limit) = (telling.call(), telling.time_limit());
        let form = self.redaction.text(call.body().unwrap_or_default()).replace("%5B", "[").replace("%5D", "]");
        present.step("report", format!("3scale is told: POST {} {form}", call.url("")));
        present.now = present.now.after(script.takes().min(time_limit));
        let mut told = match script.reply(time_limit) {
            Ok(reply) => {
                present.step("report", format!("3scale answers {}", reply.status));
                telling.replied(&reply, present.now)
            }
            Err(failure) => {
                present.step("report", format!("3scale {failure}"));
                telling.failed(failure)
            }
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
