//! The simulated world: a clock that stands still, ledgers in memory, and a 3scale that says what it is told to say.

mod authorization;
mod collection;

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::authorize::Allowance;
use authz_core::cache::CacheKey;
use authz_core::event;
use authz_core::gateway::{CacheUse, Ending, FunctionAnswer, Gateway, Outcome, Refusal, Step};
use authz_core::ledger::{Ledger, Take};
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Reply, ServiceCall};
use authz_core::time::UnixTime;
use serde_json::{Map, Value, json};

use crate::redaction::Redaction;
use crate::scenario::{ClientCall, Moment, Script};
use crate::view::{ClientView, LedgerView, MomentView, StepView};

/// What lasts from one moment to the next.
pub(crate) struct World<'s> {
    settings: &'s Settings,
    gateway: Gateway,
    ledgers: BTreeMap<CacheKey, Ledger>,
    allowance: Allowance,
    /// What was published and not yet collected.
    inbox: Vec<Message>,
    redaction: Redaction,
    moments: usize,
}

/// One moment while it happens.
struct Present<'m> {
    moment: &'m Moment,
    now: UnixTime,
    view: MomentView,
}

impl Present<'_> {
    fn step(&mut self, code: &'static str, text: impl Into<String>) {
        self.view.steps.push(StepView { code, text: text.into() });
    }
}

impl<'s> World<'s> {
    pub(crate) fn new(settings: &'s Settings, gateway: Gateway) -> Self {
        let mut redaction = Redaction::default();
        for service in settings.services.iter() {
            redaction.add(service.access.secret().expose());
        }
        Self {
            settings,
            gateway,
            ledgers: BTreeMap::new(),
            allowance: Allowance::default(),
            inbox: Vec::new(),
            redaction,
            moments: 0,
        }
    }

    /// Lets a moment happen, and tells what came of it.
    pub(crate) fn live(&mut self, moment: &Moment, now: UnixTime) -> MomentView {
        self.moments += 1;
        let view = MomentView { at: moment.at, clock: clock(now), ..MomentView::default() };
        let mut present = Present { moment, now, view };
        if let Some(call) = &moment.call {
            present.view.what = format!("{} {}", call.method, call.path);
            self.call(&mut present, call);
        } else if let Some(event) = &moment.event {
            "event".clone_into(&mut present.view.what);
            self.event(&mut present, event);
        } else {
            "collect".clone_into(&mut present.view.what);
            self.collect(&mut present);
        }
        let mut view = present.view;
        view.ledgers = self.shown_ledgers(present.now);
        view.expected = moment.expect.as_ref().map(|expected| view.outcome.starts_with(expected.as_str()));
        self.redacted(view)
    }

    /// A client calls: API Gateway asks the authorizer, or knows by itself.
    fn call(&mut self, present: &mut Present<'_>, call: &ClientCall) {
        self.learn(call);
        let outcome = match self.gateway.ask(call.call(), &self.request_id(), present.now) {
            Step::Done(outcome) => outcome,
            Step::Invoke(invocation) => {
                present.step("event", "API Gateway sends the authorizer an event");
                present.view.event = serde_json::from_str(invocation.event()).ok();
                let answer = self.authorize(present, invocation.event());
                invocation.answered(&mut self.gateway, &answer, present.now)
            }
        };
        conclude(present, &outcome);
    }

    /// Learns what is secret in a call, which API Gateway may answer without asking.
    fn learn(&mut self, call: &ClientCall) {
        let (_, query) = call.path.split_once('?').unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes());
        let query: Map<_, _> = query.map(|(name, value)| (name.into_owned(), Value::from(value))).collect();
        let event = json!({
            "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:any:any:any/any/any/",
            "headers": call.headers,
            "queryStringParameters": query,
        });
        let (event, sources) = (event.to_string(), &self.settings.sources);
        match event::read(&event, sources, "") {
            Ok(request) => self.redaction.learn(&request.caller),
            Err(_) => self.redaction.learn_unread(&event, sources),
        }
    }

    /// The authorizer alone is asked.
    fn event(&mut self, present: &mut Present<'_>, event: &Value) {
        present.view.event = Some(event.clone());
        let answer = self.authorize(present, &event.to_string());
        if let FunctionAnswer::Failed(error) = answer {
            present.view.outcome = format!("error: {error}");
        }
    }

    /// Asks 3scale whether a call may pass, and lets time pass meanwhile.
    fn ask_3scale(
        &self,
        present: &mut Present<'_>,
        call: &ServiceCall,
        time_limit: Duration,
    ) -> Result<Reply, Failure> {
        let script = present.moment.threescale.clone().unwrap_or_else(Script::yes);
        present.step("ask_3scale", format!("3scale is asked: GET {}", self.shown(&call.url(""))));
        present.now = present.now.after(script.takes().min(time_limit));
        let answer = script.reply(time_limit);
        present.step("ask_3scale", in_words(&answer));
        answer
    }

    /// A form or query, as it is shown.
    fn shown(&self, form: &str) -> String {
        self.redaction.text(form).replace("%5B", "[").replace("%5D", "]")
    }

    fn request_id(&self) -> String {
        format!("request-{}", self.moments)
    }

    fn shown_ledgers(&self, now: UnixTime) -> Vec<LedgerView> {
        let look = Take { now, rering: self.settings.rering(), keep: self.settings.lifetimes.keep() };
        let living = self.ledgers.iter().filter(|(_, ledger)| !ledger.is_expired(now));
        let view = |(key, ledger): (&CacheKey, &Ledger)| {
            // Before a use is counted for the look itself.
            let seen = ledger.clone().take(look);
            LedgerView {
                key: key.as_str().to_owned(),
                entry: seen.entry.as_deref().and_then(|entry| serde_json::from_str(entry).ok()),
                fresh_secs: seen.fresh.since(now).as_secs_f64(),
                cap: seen.cap,
                uses: seen.uses - u64::from(seen.took),
                told: seen.told,
            }
        };
        living.map(view).collect()
    }

    /// Hides the credentials that came up so far, wherever a part of the view may repeat one.
    fn redacted(&self, mut view: MomentView) -> MomentView {
        for text in [&mut view.what, &mut view.outcome] {
            *text = self.redaction.text(text);
        }
        for value in [&mut view.event, &mut view.answer, &mut view.backend, &mut view.access_log].into_iter().flatten()
        {
            *value = self.redaction.value(value);
        }
        for message in &mut view.messages {
            *message = self.redaction.value(message);
        }
        for rule in &mut view.rules {
            *rule = self.redaction.text(rule);
        }
        for step in &mut view.steps {
            step.text = self.redaction.text(&step.text);
        }
        if let Some(client) = &mut view.client {
            client.body = self.redaction.text(&client.body);
            for (_, value) in &mut client.headers {
                *value = self.redaction.text(value);
            }
        }
        view
    }
}

/// Tells what becomes of the call.
fn conclude(present: &mut Present<'_>, outcome: &Outcome) {
    let decided = std::mem::take(&mut present.view.outcome);
    let by = match outcome.cache {
        Some(CacheUse::Hit) => {
            present.step("gateway_cache", "API Gateway replays an answer that it remembers; nobody counts the call");
            "from API Gateway's cache".to_owned()
        }
        Some(CacheUse::Miss) | None => decided,
    };
    let status = match &outcome.ending {
        Ending::Forward { authorizer, .. } => {
            present.step("client", "the call goes on to the backend");
            present.view.backend = Some(authorizer.clone());
            200
        }
        Ending::Answer { refusal, answer } => {
            present.step("client", format!("API Gateway answers {}: {}", answer.status, why(refusal)));
            present.view.client =
                Some(ClientView { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() });
            answer.status
        }
    };
    present.view.access_log = serde_json::from_str(&outcome.log.line(status)).ok();
    let by = if by.is_empty() { "the authorizer was not asked".to_owned() } else { by };
    present.view.outcome = format!("{status} {by}");
}

fn why(refusal: &Refusal) -> String {
    let why = match refusal {
        Refusal::NoRoute => "the path names no stage",
        Refusal::MethodArnTooLong => "the method ARN is too long",
        Refusal::NoIdentity => "an identity source is missing, so the authorizer is not invoked",
        Refusal::Unauthorized => "the authorizer failed with `Unauthorized`",
        Refusal::Denied(_) => "nothing in the answer allows this method",
        Refusal::ExplicitlyDenied(_) => "the policy denies this method",
        Refusal::Failed => "the authorizer failed",
        Refusal::TimedOut => "the authorizer did not answer in time",
        Refusal::Malformed(malformed) => return malformed.to_string(),
    };
    why.to_owned()
}

fn in_words(answer: &Result<Reply, Failure>) -> String {
    match answer {
        Ok(reply) => format!("3scale answers {}", reply.status),
        Err(failure) => format!("3scale {failure}"),
    }
}

/// The time of day, in UTC.
pub(crate) fn clock(time: UnixTime) -> String {
    let millis = time.as_millis() % 86_400_000;
    let (secs, millis) = (millis / 1000, millis % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}", secs / 3600, secs / 60 % 60, secs % 60)
}
