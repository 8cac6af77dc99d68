//! What every state of an authorization knows.

use crate::cache::{CacheKey, Entry, LimitFacts};
use crate::credential::{Caller, Credential};
use crate::event::Request;
use crate::keyring::Fingerprint;
use crate::message::Message;
use crate::policy::{self, AnswerForm};
use crate::settings::Settings;
use crate::threescale::{Service, Usage};
use crate::time::UnixTime;
use crate::verdict::{CacheState, Decision, LimitState, Orders, Reason, Verdict};

#[derive(Clone, Debug)]
pub(super) struct Case<'s> {
    pub(super) settings: &'s Settings,
    pub(super) service: &'s Service,
    pub(super) request: &'s Request,
    pub(super) usage: Usage,
    pub(super) credential: Fingerprint,
    pub(super) key: CacheKey,
    /// When the question came. Lifetimes are reckoned from here.
    pub(super) asked: UnixTime,
    /// Whether the ledger wants to be collected.
    pub(super) ring: bool,
}

impl<'s> Case<'s> {
    pub(super) fn new(
        settings: &'s Settings,
        request: &'s Request,
        (service, usage): (&'s Service, Usage),
        now: UnixTime,
    ) -> Self {
        let Caller { credential, referrer } = &request.caller;
        let credential = settings.keyring.credential_fingerprint(credential);
        let key = CacheKey::of(&settings.keyring, &service.id, &credential, referrer.as_ref(), &usage);
        Self { settings, service, request, usage, credential, key, asked: now, ring: false }
    }

    pub(super) fn verdict(&self, decision: Decision, reason: Reason, cache: CacheState) -> Verdict {
        let publish = self.ring.then(|| self.message());
        let orders = Orders { store: None, publish };
        Verdict { orders, ..verdict(&self.request.caller, self.credential, decision, reason, cache) }
    }

    /// What is remembered leaves no room: a denial, or a grant that is used up.
    pub(super) fn local_denial(&self, entry: Entry, cache: CacheState, now: UnixTime) -> Verdict {
        let (reason, plan, limit) = match entry {
            Entry::Denial { reason, limit } => (reason, None, limit),
            Entry::Grant { plan, limit } => (Reason::LimitsExceeded, plan, limit),
        };
        let limit = limit_state(limit, Some(0), 0, now);
        Verdict { plan, limit, ..self.verdict(Decision::Deny, reason, cache) }
    }

    pub(super) fn message(&self) -> Message {
        Message::new(
            &self.settings.keyring,
            self.key.clone(),
            self.service.id.clone(),
            self.usage.clone(),
            &self.request.caller,
            self.request.correlation_id.clone(),
        )
    }
}

/// Finds out what a call uses of which service, or why nobody needs to be asked.
pub(super) fn usage<'s>(settings: &'s Settings, request: &Request) -> Result<(&'s Service, Usage), Reason> {
    if let AnswerForm::Policy(scope) = settings.answer_form(request.kind) {
        policy::resource(scope, &request.method_arn)?;
    }
    let service = settings.services.of_call(&request.method_arn).ok_or(Reason::GatewayNotMapped)?;
    let usage = match (&service.rules, &request.operation) {
        (Some(rules), Some(operation)) => rules.usage(operation).ok_or(Reason::NoMappingRule)?,
        (None, _) | (_, None) => Usage::hits(1),
    };
    Ok((service, usage))
}

/// A verdict that tells nothing but who called.
pub(super) fn verdict(
    caller: &Caller,
    credential: Fingerprint,
    decision: Decision,
    reason: Reason,
    cache: CacheState,
) -> Verdict {
    let app_id = match &caller.credential {
        Credential::UserKey(_) => None,
        Credential::Application { id, .. } => Some(id.clone()),
    };
    Verdict {
        app_id,
        decision,
        reason,
        cache,
        credential,
        plan: None,
        limit: None,
        fault: None,
        lost_use: false,
        orders: Orders::default(),
    }
}

/// A limit as it stands once `uses` of `cap` are used; none without a limit or a cap.
pub(super) fn limit_state(limit: Option<LimitFacts>, cap: Option<u64>, uses: u64, now: UnixTime) -> Option<LimitState> {
    let LimitFacts { max, reset_at } = limit?;
    let reset_secs = reset_at.map(|at| at.since(now).as_millis().div_ceil(1000));
    Some(LimitState {
        max,
        remaining: cap?.saturating_sub(uses),
        reset_secs: reset_secs.and_then(|secs| u64::try_from(secs).ok()),
    })
}
