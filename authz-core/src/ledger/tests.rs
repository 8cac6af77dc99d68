use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn at(secs: u64) -> UnixTime {
    UnixTime::from_secs(secs)
}

fn take(secs: u64) -> Take {
    Take { now: at(secs), rering: MINUTE, keep: MINUTE * 6 }
}

fn claim(secs: u64, owner: &str) -> Claim {
    Claim { now: at(secs), owner: owner.to_owned(), lease: Duration::from_secs(10) }
}

fn ack(secs: u64, owner: &str, minutes: &[(u64, u64)]) -> Ack {
    let minutes = minutes.iter().map(|(m, n)| (Minute::from_number(*m), *n)).collect();
    Ack { owner: owner.to_owned(), minutes, keep: MINUTE, now: at(secs) }
}

/// An answer that was asked and stored at second 0 and is believed for a minute.
fn answer(room: Room, told_at_ask: u64, own: bool) -> Store {
    let (now, asked, fresh) = (at(0), at(0), at(60));
    Store { now, asked, entry: "entry".to_owned(), fresh, room, told_at_ask, own, keep: MINUTE * 6 }
}

fn granted(remaining: u64) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.store(answer(Room::Remaining(remaining), 0, true));
    ledger
}

#[test]
fn nothing_is_taken_from_an_empty_ledger() {
    assert_eq!(Ledger::default().take(take(0)), Taken::default());
}

#[test]
fn a_grant_lets_as_many_through_as_3scale_said() {
    let mut ledger = granted(2);
    assert_eq!([1, 2, 3, 4].map(|s| ledger.take(take(s)).took), [true, true, false, false]);
    assert_eq!(ledger.uses, 3, "the authrep and two hits");
}

#[test]
fn a_grant_without_limits_lets_any_number_through() {
    let mut ledger = Ledger::default();
    ledger.store(answer(Room::Unlimited, 0, true));
    assert!((0..1000).all(|_| ledger.take(take(1)).took));
}

#[test]
fn a_denial_lets_nothing_through() {
    let mut ledger = Ledger::default();
    ledger.store(answer(Room::Denied, 0, false));
    let taken = ledger.take(take(1));
    assert!(!taken.took);
    assert_eq!(taken.entry.as_deref(), Some("entry"));
}

#[test]
fn an_entry_is_not_believed_at_its_last_instant() {
    let mut ledger = granted(9);
    assert!(ledger.take(take(59)).took);
    assert!(!ledger.take(take(60)).took);
}

#[test]
fn an_answer_that_comes_too_late_counts_but_is_not_believed() {
    let mut ledger = Ledger::default();
    ledger.store(Store { now: at(60), ..answer(Room::Remaining(9), 0, true) });
    assert!(!ledger.take(take(61)).took);
    assert_eq!((ledger.uses, ledger.told), (1, 1));
}

#[test]
fn the_first_use_rings_and_the_next_ones_do_not() {
    let mut ledger = granted(9);
    assert_eq!([1, 2, 3].map(|s| ledger.take(take(s)).ring), [true, false, false]);
}

#[test]
fn a_lost_message_heals_at_the_next_look_even_if_it_takes_nothing() {
    let mut ledger = granted(1);
    assert!(ledger.take(take(1)).ring);
    let look = ledger.take(take(61));
    assert_eq!((look.took, look.ring), (false, true));
}

#[test]
fn a_claim_makes_way_for_the_next_ring() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    ledger.claim(claim(2, "w1"));
    assert!(ledger.take(take(3)).ring, "a use after the claim is in nobody's hands yet");
    assert!(!ledger.take(take(4)).ring);
}

#[test]
fn only_one_worker_collects_at_a_time() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    assert_eq!(ledger.claim(claim(2, "w1")), Claimed::Uses { told: 1, minutes: vec![(Minute::from_number(0), 1)] });
    assert_eq!(ledger.claim(claim(3, "w2")), Claimed::Busy { until: at(12) });
    assert!(matches!(ledger.claim(claim(12, "w2")), Claimed::Uses { .. }), "the lease ran out");
}

#[test]
fn what_was_acknowledged_is_told_and_the_rest_stays() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    ledger.claim(claim(2, "w1"));
    ledger.take(take(3));
    assert_eq!(ledger.ack(&ack(4, "w1", &[(0, 1)])), Acked::Untold(1));
    assert_eq!(ledger.claim(claim(5, "w1")), Claimed::Uses { told: 2, minutes: vec![(Minute::from_number(0), 1)] });
    assert_eq!(ledger.ack(&ack(6, "w1", &[(0, 1)])), Acked::Untold(0));
    assert_eq!(ledger.claim(claim(7, "w1")), Claimed::Nothing);
}

#[test]
fn a_worker_that_lost_its_lease_erases_nothing() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    ledger.claim(claim(2, "slow"));
    ledger.claim(claim(12, "next"));
    assert_eq!(ledger.ack(&ack(13, "slow", &[(0, 1)])), Acked::NotTheOwner);
    assert_eq!(ledger.ack(&ack(14, "next", &[(0, 1)])), Acked::Untold(0));
}

#[test]
fn an_answer_asked_before_an_ack_forgets_no_use() {
    let mut ledger = granted(3);
    ledger.take(take(1));
    let told_before = ledger.told;
    ledger.claim(claim(2, "w1"));
    ledger.ack(&ack(3, "w1", &[(0, 1)]));
    ledger.store(Store { now: at(4), ..answer(Room::Remaining(3), told_before, false) });
    assert_eq!([5, 6, 7].map(|s| ledger.take(take(s)).took), [true, true, false]);
}

#[test]
fn uses_are_counted_in_the_minute_of_the_call() {
    let mut ledger = Ledger::default();
    ledger.store(Store { fresh: at(300), ..answer(Room::Unlimited, 0, true) });
    for secs in [59, 60, 61] {
        ledger.take(take(secs));
    }
    let Claimed::Uses { minutes, .. } = ledger.claim(claim(62, "w")) else { panic!("there are uses") };
    assert_eq!(minutes, [(Minute::from_number(0), 1), (Minute::from_number(1), 2)]);
}

#[test]
fn a_recorded_use_is_collected_like_any_other() {
    let mut ledger = Ledger::default();
    assert!(ledger.record(Record { now: at(1), rering: MINUTE }));
    assert!(!ledger.record(Record { now: at(2), rering: MINUTE }));
    assert_eq!(ledger.claim(claim(3, "w")), Claimed::Uses { told: 0, minutes: vec![(Minute::from_number(0), 2)] });
}

#[test]
fn untold_uses_outlive_the_entry_by_a_day() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    assert!(!ledger.is_expired(at(86_400)));
    assert!(ledger.is_expired(at(86_401)));
}

#[test]
fn a_ledger_outlives_the_answer_that_a_look_will_come_back_with() {
    let mut ledger = granted(9);
    assert!(!ledger.take(take(359)).took);
    assert!(!ledger.is_expired(at(360)));
    assert!(ledger.is_expired(at(359 + 360)));
}

#[test]
fn a_grant_that_is_used_up_refuses_until_3scale_reckons_with_every_use() {
    let mut ledger = granted(1);
    ledger.take(take(1));
    assert!(ledger.take(take(30)).refuses(at(30)), "there is a use that 3scale does not know");
    ledger.claim(claim(31, "w"));
    ledger.ack(&ack(32, "w", &[(0, 1)]));
    assert!(ledger.take(take(41)).refuses(at(41)), "3scale may not reckon with it yet");
    assert!(!ledger.take(take(42)).refuses(at(42)), "3scale is asked again");
}

#[test]
fn an_authrep_that_took_the_last_use_is_not_asked_again_at_once() {
    let mut ledger = granted(0);
    assert!(ledger.take(take(9)).refuses(at(9)));
    assert!(!ledger.take(take(10)).refuses(at(10)));
}

#[test]
fn a_denial_refuses_while_it_is_fresh() {
    let mut ledger = granted(9);
    ledger.store(answer(Room::Denied, 1, false));
    assert!(ledger.take(take(59)).refuses(at(59)));
    assert!(!ledger.take(take(60)).refuses(at(60)));
}

fn forget(secs: u64) -> Forget {
    Forget { now: at(secs), keep: MINUTE * 6 }
}

#[test]
fn what_is_forgotten_lets_nothing_through_and_refuses_nothing() {
    for room in [Room::Unlimited, Room::Denied, Room::Remaining(0)] {
        let mut ledger = granted(9);
        ledger.store(answer(room, 1, false));
        assert!(ledger.forget(forget(1)));
        let look = ledger.take(take(2));
        assert_eq!((look.took, look.refuses(at(2)), look.entry), (false, false, None), "3scale is asked");
    }
}

#[test]
fn forgetting_loses_no_use_and_holds_up_no_collection() {
    let mut ledger = granted(9);
    ledger.take(take(1));
    ledger.claim(claim(2, "w"));
    ledger.take(take(3));
    assert!(ledger.forget(forget(4)));
    assert_eq!(ledger.ack(&ack(5, "w", &[(0, 1)])), Acked::Untold(1));
    assert_eq!(ledger.claim(claim(6, "w")), Claimed::Uses { told: 2, minutes: vec![(Minute::from_number(0), 1)] });
    assert_eq!((ledger.uses, ledger.told), (3, 2));
}

#[test]
fn an_answer_that_was_asked_for_before_the_forgetting_counts_but_is_not_believed() {
    let mut ledger = granted(9);
    ledger.forget(forget(5));
    ledger.store(Store { now: at(6), asked: at(5), ..answer(Room::Unlimited, 1, true) });
    assert!(!ledger.take(take(7)).took);
    assert_eq!((ledger.uses, ledger.told), (2, 2));
    ledger.store(Store { now: at(8), asked: at(7), ..answer(Room::Unlimited, 2, true) });
    assert!(ledger.take(take(9)).took, "one that was asked for later is");
}

#[test]
fn a_ledger_that_was_to_forget_outlives_every_answer_under_way() {
    let mut ledger = Ledger::default();
    ledger.store(answer(Room::Denied, 0, false));
    ledger.forget(forget(5));
    ledger.store(Store { now: at(6), ..answer(Room::Denied, 0, false) });
    assert!(!ledger.is_expired(at(365)));
    assert!(ledger.is_expired(at(366)));
}

#[test]
fn there_is_nothing_to_forget_of_an_empty_ledger() {
    let mut ledger = Ledger::default();
    assert!(!ledger.forget(forget(1)));
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn a_denial_of_an_unused_key_leaves_with_its_time() {
    let mut ledger = Ledger::default();
    ledger.store(answer(Room::Denied, 0, false));
    assert!(!ledger.is_expired(at(59)));
    assert!(ledger.is_expired(at(60)));
}
