//! The authorizer's loop.

use authz_core::authorize::{self, Step};
use authz_core::event::{self, EventError, Request};
use authz_core::gateway::FunctionAnswer;
use authz_core::ledger::Taken;
use authz_core::policy;
use authz_core::verdict::Verdict;

use super::{Present, World, clock};
use crate::scenario::CacheSetup;

impl World<'_> {
    /// Answers an event as the Lambda function does.
    pub(super) fn authorize(&mut self, present: &mut Present<'_>, event: &str) -> FunctionAnswer {
        let settings = self.settings;
        let request = match event::read(event, &settings.sources, &self.request_id()) {
            Ok(request) => request,
            Err(error) => {
                self.redaction.learn_unread(event, &settings.sources);
                return refused(present, error);
            }
        };
        self.redaction.learn(&request.caller);
        self.explain_usage(present, &request);
        let verdict = self.decide(present, &request);
        let answer = policy::render(settings, &request, &verdict);
        present.view.answer = serde_json::from_str(&answer).ok();
        present.view.outcome = format!("{} {} {}", verdict.decision, verdict.reason, verdict.cache);
        self.carry_out(present, verdict);
        FunctionAnswer::Returned(answer)
    }

    /// Tells which service the call belongs to, and what it uses.
    fn explain_usage(&self, present: &mut Present<'_>, request: &Request) {
        let Some(service) = self.settings.services.of_call(&request.method_arn) else {
            return present.step("service", "SERVICES_MAP names no service for this gateway and stage");
        };
        present.step("service", format!("the call belongs to service {}", service.id));
        let (Some(rules), Some(operation)) = (&service.rules, &request.operation) else {
            return present.step("usage", "without mapping rules a call is one of `hits`");
        };
        let explanation = rules.explain(operation);
        present.view.rules = explanation.lines.iter().map(ToString::to_string).collect();
        match (rules.usage(operation), explanation.nearest()) {
            (Some(usage), _) => {
                let amounts: Vec<_> = usage.iter().map(|(metric, amount)| format!("{amount} of `{metric}`")).collect();
                present.step("usage", format!("the mapping rules make it {}", amounts.join(", ")));
            }
            (None, Some(nearest)) => present.step("usage", format!("no mapping rule matches; the nearest: {nearest}")),
            (None, None) => present.step("usage", "no mapping rule matches"),
        }
    }

    fn decide(&mut self, present: &mut Present<'_>, request: &Request) -> Verdict {
        let mut step = authorize::begin(self.settings, request, present.now);
        loop {
            step = match step {
                Step::LookUp(question) => match present.moment.cache {
                    CacheSetup::Up => {
                        let taken = self.ledgers.entry(question.key().clone()).or_default().take(question.take());
                        present.step("look_up", looked_up(&taken, present));
                        question.found(&taken)
                    }
                    CacheSetup::Down => {
                        present.step("look_up", "the cache does not answer");
                        question.missed()
                    }
                    CacheSetup::None => {
                        present.step("look_up", "there is no cache");
                        question.uncached()
                    }
                },
                Step::Call(question) => match self.ask_3scale(present, &question.call(), question.time_limit()) {
                    Ok(reply) => question.replied(&reply, present.now),
                    Err(failure) => question.failed(failure, present.now),
                },
                Step::Admit(question) => {
                    if self.allowance.admit(question.now(), question.most()) {
                        present.step("admit", "the caller is unknown; FAIL_OPEN_PER_MINUTE lets it pass");
                        question.admitted()
                    } else {
                        present.step("admit", "the caller is unknown; FAIL_OPEN_PER_MINUTE is used up");
                        question.refused()
                    }
                }
                Step::Record(question) if present.moment.cache == CacheSetup::Up => {
                    present.step("record", "the use is counted, to be told to 3scale later");
                    let ledger = self.ledgers.entry(question.key().clone()).or_default();
                    let ring = ledger.record(question.record());
                    question.recorded(ring)
                }
                Step::Record(question) => {
                    present.step("record", "nobody can count the use: it is lost");
                    question.failed()
                }
                Step::Done(verdict) => {
                    present.step("verdict", format!("{}: {}", verdict.decision, verdict.reason));
                    return verdict;
                }
            }
        }
    }

    fn carry_out(&mut self, present: &mut Present<'_>, verdict: Verdict) {
        if let Some((key, store)) = verdict.orders.store {
            present.step("store", format!("the answer is remembered until {}", clock(store.fresh)));
            self.ledgers.entry(key).or_default().store(store);
        }
        if let Some(message) = verdict.orders.publish {
            present.step("publish", "a message asks for a collection");
            present.view.messages.extend(serde_json::from_str(&message.encode()).ok());
            self.inbox.push(message);
        }
    }
}

/// API Gateway answers 401 to the text `Unauthorized`, and 500 to any other.
fn refused(present: &mut Present<'_>, error: EventError) -> FunctionAnswer {
    present.step("read_event", error.to_string());
    match error {
        EventError::Unauthorized(_) => {
            "unauthorized".clone_into(&mut present.view.outcome);
            FunctionAnswer::Failed("Unauthorized".to_owned())
        }
        error => {
            "event not understood".clone_into(&mut present.view.outcome);
            FunctionAnswer::Failed(error.to_string())
        }
    }
}

fn looked_up(taken: &Taken, present: &Present<'_>) -> String {
    let cap = taken.cap.map_or_else(|| "without a limit".to_owned(), |cap| format!("of {cap}"));
    let state = if taken.entry.is_none() {
        "nothing is remembered".to_owned()
    } else if taken.took {
        format!("a fresh grant has room: use {} {cap} is counted", taken.uses)
    } else if present.now >= taken.fresh {
        format!("what is remembered ended at {}", clock(taken.fresh))
    } else if taken.refuses(present.now) {
        "what is remembered leaves no room".to_owned()
    } else {
        "the limit is used up, and 3scale reckons with every use: it is asked again".to_owned()
    };
    if taken.ring { format!("{state}; uses that 3scale does not know ring") } else { state }
}
