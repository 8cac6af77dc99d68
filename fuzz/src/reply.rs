//! Answers of 3scale.

use std::time::Duration;

use authz_core::cache::{Asked, Entry, remember};
use authz_core::ledger::{Ledger, Room, Store, Take, Taken};
use authz_core::settings::FailMode;
use authz_core::threescale::{Answer, Fault, Limit, Reply};
use authz_core::verdict::Decision;
use roxmltree::Document;

use crate::judged::{ANSWERED, ASKED, CASES, is_told_rightly, verdict};
use crate::keeps_secrets;

/// Reads an answer, written as HTTP writes it: a line with the status, lines with headers, an empty line, the body.
///
/// Only a 200 that says `<authorized>true` allows, as another reader of XML understands it too. What is remembered lets
/// no more calls through than 3scale said, and no longer than it may be believed. No text of 3scale is told to anybody,
/// but for the plan's name.
pub fn check(input: &[u8]) -> bool {
    let reply = parsed(&String::from_utf8_lossy(input));
    let answer = reply.answer();
    if let Answer::Authorized { plan, .. } = &answer {
        assert_eq!(reply.status, 200);
        assert!(others_agree(&reply.body), "{}", reply.body);
        assert!(plan.as_ref().is_none_or(|plan| plan.len() <= 255));
    }
    assert_eq!(reply.report_taken().is_ok(), reply.status == 202);
    keeps_secrets(&format!("{reply:?} {:?}", reply.report_taken()));
    if let Answer::None(fault) = answer {
        keeps_secrets(&format!("{fault} {fault:?} {}", fault.reason()));
    }
    is_judged(&reply, &answer);
    is_remembered(&answer);
    !matches!(answer, Answer::None(Fault::NotUnderstood))
}

fn parsed(text: &str) -> Reply {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(200);
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Reply {
        status,
        rejection_reason: header("3scale-rejection-reason"),
        limit_remaining: header("3scale-limit-remaining"),
        limit_reset: header("3scale-limit-reset"),
        limit_max_value: header("3scale-limit-max-value"),
        body: body.to_owned(),
    }
}

/// Whether a strict reader of XML finds a yes too. It refuses some documents that are no danger, such as one with a name
/// space that was not declared.
fn others_agree(body: &str) -> bool {
    let Ok(document) = Document::parse(body) else { return true };
    let root = document.root_element();
    let authorized = root.children().find(|child| child.tag_name().name() == "authorized");
    let text: String = authorized.into_iter().flat_map(|node| node.children()).filter_map(|node| node.text()).collect();
    root.tag_name().name() == "status" && text == "true"
}

/// Asserts that a verdict says what the answer says, and the fail mode where it says nothing.
fn is_judged(reply: &Reply, answer: &Answer) {
    for (settings, request) in CASES.iter() {
        let verdict = verdict(settings, request, &Taken::default(), Ok(reply));
        let may_pass = match answer {
            Answer::Authorized { .. } => true,
            Answer::LimitsExceeded { .. } | Answer::Refused(_) => false,
            Answer::None(_) => settings.fail_mode == FailMode::Open,
        };
        assert_eq!(verdict.decision == Decision::Allow, may_pass, "{verdict:?}");
        assert_eq!(verdict.fault.is_some(), matches!(answer, Answer::None(_)));
        is_told_rightly(settings, request, &verdict);
    }
}

/// Asserts that a ledger lets through what the answer allows, and not after its time.
fn is_remembered(answer: &Answer) {
    let [(settings, _), _] = &*CASES;
    let asked = Asked { at: ASKED, told: 0, own: true };
    let Some(store) = remember(answer, asked, &settings.lifetimes, ANSWERED) else {
        assert!(matches!(answer, Answer::None(_) | Answer::Authorized { limit: Limit::Unknown, .. }));
        return;
    };
    assert!(store.fresh <= ASKED.after(settings.lifetimes.grant.max(settings.lifetimes.denial)));
    assert!(Entry::decode(&store.entry).is_some(), "{}", store.entry);
    let most = match (answer, store.room) {
        (Answer::Authorized { limit: Limit::Unlimited, .. }, Room::Unlimited) => u64::MAX,
        (Answer::Authorized { limit: Limit::Remaining { remaining, .. }, .. }, Room::Remaining(room)) => {
            assert_eq!(room, (*remaining).min(Room::MOST));
            room
        }
        (Answer::LimitsExceeded { .. } | Answer::Refused(_), Room::Denied) => 0,
        (answer, room) => panic!("{answer:?} leaves {room:?}"),
    };
    lets_through(&store, most);
}

fn lets_through(store: &Store, most: u64) {
    let mut ledger = Ledger::default();
    ledger.store(store.clone());
    let mut takes = |now| ledger.take(Take { now, rering: Duration::from_secs(60), keep: store.keep }).took;
    let is_fresh = ANSWERED < store.fresh;
    for call in 0..8 {
        assert_eq!(takes(ANSWERED), is_fresh && call < most);
    }
    assert!(!takes(store.fresh));
}
