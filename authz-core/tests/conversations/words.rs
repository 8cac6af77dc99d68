//! The words of a conversation, read and written.

use std::fmt::Write as _;
use std::time::Duration;

use authz_core::collect::Outcome;
use authz_core::ledger::{Claimed, Taken};
use authz_core::threescale::{Failure, Reply, ServiceCall};
use authz_core::time::{Minute, UnixTime};
use authz_core::verdict::{LimitState, Verdict};
use serde_json::Value;

/// 2026-07-20, a Monday.
const MIDNIGHT: UnixTime = UnixTime::from_secs(1_784_505_600);

/// Reads `STATUS`, then `remaining=`, `reset=`, `max=`, `reason=` in any number, then the body; or how it fails.
pub(crate) fn reply(words: &str) -> Result<Reply, Failure> {
    let (status, mut rest) = words.split_once(' ').unwrap_or((words, ""));
    let mut reply = Reply {
        status: match (status, rest) {
            ("times", "out") => return Err(Failure::TimedOut),
            ("is", "not reached") => return Err(Failure::NotConnected),
            _ => status.parse().expect("a status is a number"),
        },
        ..Reply::default()
    };
    while let Some((name, (value, after))) = rest
        .split_once('=')
        .filter(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase()))
        .map(|(name, more)| (name, more.split_once(' ').unwrap_or((more, ""))))
    {
        let value = Some(value.to_owned());
        match name {
            "remaining" => reply.limit_remaining = value,
            "reset" => reply.limit_reset = value,
            "max" => reply.limit_max_value = value,
            "reason" => reply.rejection_reason = value,
            _ => panic!("`{name}` is no header"),
        }
        rest = after;
    }
    Ok(Reply { body: rest.to_owned(), ..reply })
}

pub(crate) fn taken(taken: &Taken, now: UnixTime) -> String {
    let Taken { took, ring, uses, told, fresh, cap, entry, applied_by: _ } = taken;
    let what = match (entry, took) {
        (None, _) => "nothing remembered".to_owned(),
        (Some(_), true) => "takes a use".to_owned(),
        (Some(_), false) if now < *fresh => "no use left".to_owned(),
        (Some(_), false) => format!("stale since {}", clock(*fresh)),
    };
    let cap = cap.map_or("no cap".to_owned(), |cap| format!("cap {cap}"));
    format!("{what}, uses {uses}, told {told}, {cap}{}", if *ring { ", rings" } else { "" })
}

pub(crate) fn verdict(verdict: &Verdict) -> String {
    let Verdict { decision, reason, cache, .. } = verdict;
    let mut words = format!("{decision}: {reason}; cache: {cache}");
    let mut add = |name: &str, value: Option<String>| value.map(|value| write!(words, "; {name}: {value}"));
    add("plan", verdict.plan.clone());
    add(
        "limit",
        verdict.limit.map(|LimitState { max, remaining, reset_secs }| {
            let max = max.map_or("an unknown number".to_owned(), |max| max.to_string());
            let reset = reset_secs.map_or("no reset".to_owned(), |secs| format!("reset in {secs} s"));
            format!("{remaining} of {max} left, {reset}")
        }),
    );
    add("fault", verdict.fault.map(|fault| fault.to_string()));
    add("a use is lost", verdict.lost_use.then(|| "yes".to_owned()));
    words
}

pub(crate) fn time_of_day(text: &str) -> UnixTime {
    let (time, millis) = text.split_once('.').unwrap_or((text, "0"));
    let secs = time.split(':').fold(0, |secs, part| secs * 60 + part.parse::<u64>().expect("HH:MM:SS"));
    MIDNIGHT.after(Duration::from_millis(secs * 1000 + millis.parse::<u64>().expect("milliseconds")))
}

pub(crate) fn clock(at: UnixTime) -> String {
    let millis = at.since(MIDNIGHT).as_millis();
    let secs = millis / 1000;
    format!("{:02}:{:02}:{:02}.{:03}", secs / 3600, secs / 60 % 60, secs % 60, millis % 1000)
}

/// Names effect, resource and context.
pub(crate) fn answer(answer: &str) -> String {
    let json: Value = serde_json::from_str(answer).expect("it is JSON");
    let (_, context) = answer.split_once(r#","context":"#).expect("there is a context");
    let context = &context[..context.len() - 1];
    if let Some(is_authorized) = json["isAuthorized"].as_bool() {
        return format!("answer: authorized {is_authorized} {context}");
    }
    let statement = &json["policyDocument"]["Statement"][0];
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    format!("answer: {} {} {context}", text(&statement["Effect"]), text(&statement["Resource"]))
}

pub(crate) fn call(call: &ServiceCall) -> String {
    let method = format!("{:?}", call.method()).to_uppercase();
    let body = call.body().map(|body| format!(" {body}")).unwrap_or_default();
    format!("{method} {}{body}", call.url("")).replace("%5B", "[").replace("%5D", "]")
}

pub(crate) fn claimed(claimed: &Claimed) -> String {
    match claimed {
        Claimed::Busy { until } => format!("busy until {}", clock(*until)),
        Claimed::Nothing => "nothing".to_owned(),
        Claimed::Uses { told, minutes } => format!("{}, told {told}", uses(minutes)),
    }
}

pub(crate) fn uses(minutes: &[(Minute, u64)]) -> String {
    let uses = minutes.iter().map(|(minute, uses)| format!("{uses} at {}", &clock(minute.start())[..5]));
    uses.collect::<Vec<_>>().join(", ")
}

pub(crate) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Nothing => "done: nothing to collect".to_owned(),
        Outcome::Collected { told, dropped, untold } => {
            format!("done: told {told}, dropped {dropped}, untold {untold}")
        }
        Outcome::LeaseLost { told } => format!("done: the lease is lost, told {told} twice"),
        Outcome::Failed(trouble) => format!("failed: {trouble}"),
    }
}
