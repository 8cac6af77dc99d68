//! What holds wherever an authorization ends.

use std::time::Duration;

use authz_core::gateway::{self, ApiKind, Judgement};
use authz_core::ledger::Room;
use authz_core::policy::{self, AnswerForm};
use authz_core::settings::FailMode;
use authz_core::threescale::Fault;
use authz_core::verdict::{CacheState, Decision, Reason, Verdict};
use serde_json::Value;

use super::authorization::{Counted, Heard, LookedUp, Path, World};
use super::memories::{Means, ROUND_TRIP, StandIn};
use super::replies::{GRANT_SECS, Says};
use super::{ASKED, CANARY};

pub(crate) fn check(world: &World, path: &Path<'_>, verdict: &Verdict) {
    let told = (verdict.decision, verdict.reason, verdict.cache);
    assert_eq!(told, expected(world, path), "{path:?}");
    an_allow_is_earned(world, path, verdict);
    an_allow_is_counted(path, verdict);
    only_an_unknown_caller_is_admitted(path);
    only_a_fault_is_called_one(path, verdict);
    only_what_3scale_said_of_the_call_is_stored(world, path, verdict);
    a_message_goes_out_where_the_ledger_rang(world, path, verdict);
    api_gateway_reads_the_decision(world, path, verdict);
}

/// Decision, reason and the part of the cache, told once more in the words of the answers.
fn expected(world: &World, path: &Path<'_>) -> (Decision, Reason, CacheState) {
    let cache = match path.looked_up {
        None => {
            let reason = world.denied_unasked.expect("somebody is asked");
            return (Decision::Deny, reason, CacheState::Unused);
        }
        Some(_) if world.denied_unasked.is_some() => panic!("nobody is asked: {path:?}"),
        Some(LookedUp::Missed) => CacheState::Unavailable,
        Some(LookedUp::Uncached) => CacheState::Off,
        Some(LookedUp::Found { memory, .. }) => match memory.means {
            Means::Pass => return (Decision::Allow, Reason::Granted, CacheState::Hit),
            Means::Stop(reason) => return (Decision::Deny, reason, CacheState::Hit),
            Means::Ask(_) => CacheState::Miss,
        },
    };
    let fault = match says(path) {
        Some(Says::Yes { .. }) => return (Decision::Allow, Reason::Granted, cache),
        Some(Says::No { reason, .. }) => return (Decision::Deny, reason, cache),
        Some(Says::Nothing(reason)) => reason,
        None => Reason::BackendUnavailable,
    };
    match (stand_in(path), world.settings.fail_mode) {
        (StandIn::Grant, _) => (Decision::Allow, fault, CacheState::Stale),
        (StandIn::MetLimit, _) => (Decision::Deny, Reason::LimitsExceeded, CacheState::Stale),
        (StandIn::Nobody, FailMode::Open) if path.admitted == Some(false) => (Decision::Deny, fault, cache),
        (StandIn::Nobody, FailMode::Open) => (Decision::Allow, fault, cache),
        (StandIn::Nobody, FailMode::Closed) => (Decision::Deny, fault, cache),
    }
}

fn an_allow_is_earned(world: &World, path: &Path<'_>, verdict: &Verdict) {
    let goes_without_3scale = stand_in(path) == StandIn::Grant || world.settings.fail_mode == FailMode::Open;
    let earned = is_taken(path) || is_authorized(path) || (goes_without_3scale && path.counted.is_some());
    assert!(verdict.decision == Decision::Deny || earned, "{path:?}");
}

/// By 3scale itself, by the take, or by the record; and where that fails too, the loss is told.
fn an_allow_is_counted(path: &Path<'_>, verdict: &Verdict) {
    let ways = [is_taken(path), is_authorized(path), path.counted.is_some()];
    let counted = ways.iter().filter(|way| **way).count();
    assert_eq!(counted, usize::from(verdict.decision == Decision::Allow), "{path:?}");
    assert_eq!(verdict.lost_use, path.counted == Some(Counted::No), "{path:?}");
}

/// A caller is known by uses in its ledger. Nobody else passes an open door without having been admitted.
fn only_an_unknown_caller_is_admitted(path: &Path<'_>) {
    let is_known = matches!(path.looked_up, Some(LookedUp::Found { memory, .. }) if memory.taken.uses > 0);
    let passes_an_open_door = path.counted.is_some() && stand_in(path) == StandIn::Nobody;
    assert!(path.admitted.is_none() || !is_known, "{path:?}");
    assert!(!passes_an_open_door || is_known || path.admitted == Some(true), "{path:?}");
}

fn only_a_fault_is_called_one(path: &Path<'_>, verdict: &Verdict) {
    if let Some(Heard::Failed(failure)) = path.heard {
        assert_eq!(verdict.fault, Some(Fault::Failure(failure)), "{path:?}");
    }
    let blamed = match (path.heard, says(path)) {
        (Some(Heard::Failed(_)), _) => Some(Reason::BackendUnavailable),
        (_, Some(Says::Nothing(reason))) => Some(reason),
        (_, Some(Says::Yes { .. } | Says::No { .. }) | None) => None,
    };
    assert_eq!(verdict.fault.map(Fault::reason), blamed, "{path:?}");
}

fn only_what_3scale_said_of_the_call_is_stored(world: &World, path: &Path<'_>, verdict: &Verdict) {
    let secs = match says(path) {
        Some(Says::Yes { secs }) => secs,
        Some(Says::No { secs, .. }) => Some(secs),
        Some(Says::Nothing(_)) | None => None,
    };
    let told = match path.looked_up {
        Some(LookedUp::Found { memory, .. }) => Some(memory.taken.told),
        Some(LookedUp::Missed | LookedUp::Uncached) | None => None,
    };
    let (Some(secs), Some(told)) = (secs, told) else {
        return assert_eq!(verdict.orders.store, None, "{path:?}");
    };
    let (key, store) = verdict.orders.store.as_ref().expect("an answer about the call is stored");
    let allows = verdict.decision == Decision::Allow;
    assert_eq!((key, store.told_at_ask, store.own), (&world.key, told, allows), "{path:?}");
    assert_eq!((store.room == Room::Denied, store.now), (!allows, ASKED.after(ROUND_TRIP)), "{path:?}");
    assert_eq!(store.fresh, ASKED.after(Duration::from_secs(secs)), "{path:?}");
    assert!(secs <= GRANT_SECS && !store.entry.contains(CANARY), "{path:?}");
}

fn a_message_goes_out_where_the_ledger_rang(world: &World, path: &Path<'_>, verdict: &Verdict) {
    let at_the_look = matches!(path.looked_up, Some(LookedUp::Found { rang: true, .. }));
    let rang = at_the_look || path.counted == Some(Counted::Yes { rang: true });
    assert_eq!(verdict.orders.publish.is_some(), rang, "{path:?}");
    if let Some(message) = &verdict.orders.publish {
        assert_eq!((&message.key, message.correlation_id.as_str()), (&world.key, "request-1"), "{path:?}");
        assert!(!message.encode().contains(CANARY), "{path:?}");
    }
}

fn api_gateway_reads_the_decision(world: &World, path: &Path<'_>, verdict: &Verdict) {
    let answer = policy::render(&world.settings, &world.request, verdict);
    assert!(!answer.contains(CANARY) && answer.len() < 8192, "{answer}");
    let json: Value = serde_json::from_str(&answer).expect("it is JSON");
    assert!(has_no_null(&json), "{answer}");
    let context = json["context"].as_object().expect("there is a context");
    assert!(context.values().all(|value| value.is_string() || value.is_u64()), "{answer}");
    assert_eq!(context["reason"], verdict.reason.code(), "{answer}");
    let kind = match world.settings.answer_form(world.request.kind) {
        AnswerForm::Policy(_) => ApiKind::RestToken,
        AnswerForm::Simple => ApiKind::Http2 { simple_responses: true },
    };
    let judgement = gateway::Answer::read(&answer, kind).expect("API Gateway takes it");
    let is_allowed = judgement.judge(world.request.method_arn.as_str()) == Judgement::Allowed;
    assert_eq!(is_allowed, verdict.decision == Decision::Allow, "{path:?} {answer}");
}

fn has_no_null(json: &Value) -> bool {
    match json {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(values) => values.iter().all(has_no_null),
        Value::Object(members) => members.values().all(has_no_null),
    }
}

fn says(path: &Path<'_>) -> Option<Says> {
    match path.heard {
        Some(Heard::Said(said)) => Some(said.says),
        Some(Heard::Failed(_)) | None => None,
    }
}

fn stand_in(path: &Path<'_>) -> StandIn {
    match path.looked_up {
        Some(LookedUp::Found { memory, .. }) => match memory.means {
            Means::Ask(stand_in) => stand_in,
            Means::Pass | Means::Stop(_) => StandIn::Nobody,
        },
        Some(LookedUp::Missed | LookedUp::Uncached) | None => StandIn::Nobody,
    }
}

fn is_taken(path: &Path<'_>) -> bool {
    matches!(path.looked_up, Some(LookedUp::Found { memory, .. }) if memory.means == Means::Pass)
}

fn is_authorized(path: &Path<'_>) -> bool {
    matches!(says(path), Some(Says::Yes { .. }))
}
