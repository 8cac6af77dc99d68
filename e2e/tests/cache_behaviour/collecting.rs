//! Who rings, who collects, and what becomes of the uses.

use authz_core::ledger::{Acked, Claimed, Room, Store};

use crate::bed::{Bed, answer, at, minute};

pub(crate) async fn the_first_use_rings_and_the_next_ones_do_not(bed: Bed) {
    bed.grant(9).await;
    for (secs, ring) in [(1, true), (2, false), (59, false)] {
        assert_eq!(bed.take(secs).await.ring, ring, "{secs}");
    }
}

pub(crate) async fn a_lost_message_heals_at_the_next_look_even_if_it_takes_nothing(bed: Bed) {
    bed.grant(1).await;
    assert!(bed.take(1).await.ring);
    assert!(!bed.take(60).await.ring);
    let look = bed.take(61).await;
    assert_eq!((look.took, look.ring), (false, true));
}

pub(crate) async fn a_claim_makes_way_for_the_next_ring(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    bed.claim(2, "w").await;
    assert!(bed.take(3).await.ring, "a use after the claim is in nobody's hands yet");
    assert!(!bed.take(4).await.ring);
}

pub(crate) async fn nobody_rings_for_a_look_while_a_worker_collects(bed: Bed) {
    bed.grant(1).await;
    bed.take(1).await;
    bed.claim(2, "w").await;
    assert!(!bed.take(11).await.ring);
    assert!(bed.take(12).await.ring, "the lease ran out");
}

pub(crate) async fn there_is_nothing_to_claim_of_an_empty_ledger(bed: Bed) {
    assert_eq!(bed.claim(0, "w").await, Claimed::Nothing);
    bed.grant(9).await;
    assert_eq!(bed.claim(1, "w").await, Claimed::Nothing, "3scale knows of its own use");
    assert_eq!(bed.ack(2, "w", 1).await, Acked::NotTheOwner);
}

pub(crate) async fn only_one_worker_collects_at_a_time(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    let uses = Claimed::Uses { told: 1, minutes: vec![(minute(0), 1)] };
    assert_eq!(bed.claim(2, "w1").await, uses);
    assert_eq!(bed.claim(11, "w2").await, Claimed::Busy { until: at(12) });
    assert_eq!(bed.claim(11, "w1").await, Claimed::Busy { until: at(12) }, "not even to the owner");
    assert_eq!(bed.claim(12, "w2").await, uses, "the lease ran out");
}

pub(crate) async fn what_was_acknowledged_is_told_and_the_rest_stays(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    bed.claim(2, "w").await;
    bed.take(3).await;
    assert_eq!(bed.ack(4, "w", 1).await, Acked::Untold(1));
    assert_eq!(bed.claim(5, "w").await, Claimed::Uses { told: 2, minutes: vec![(minute(0), 1)] });
    assert_eq!(bed.ack(6, "w", 1).await, Acked::Untold(0));
    assert_eq!(bed.ack(7, "w", 1).await, Acked::NotTheOwner, "the lease ended with the first ack");
    assert_eq!(bed.claim(8, "w").await, Claimed::Nothing);
}

pub(crate) async fn a_worker_that_lost_its_lease_erases_nothing(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    bed.claim(2, "slow").await;
    bed.claim(12, "next").await;
    assert_eq!(bed.ack(13, "slow", 1).await, Acked::NotTheOwner);
    assert_eq!(bed.ack(14, "next", 1).await, Acked::Untold(0));
}

pub(crate) async fn nobody_acknowledges_what_nobody_claimed(bed: Bed) {
    assert_eq!(bed.ack(0, "w", 1).await, Acked::NotTheOwner);
    bed.grant(9).await;
    bed.take(1).await;
    assert_eq!(bed.ack(2, "w", 1).await, Acked::NotTheOwner);
    assert_eq!(bed.claim(3, "w").await, Claimed::Uses { told: 1, minutes: vec![(minute(0), 1)] });
}

pub(crate) async fn an_answer_asked_before_an_ack_forgets_no_use(bed: Bed) {
    bed.grant(3).await;
    let told_before = bed.take(1).await.told;
    bed.claim(2, "w").await;
    bed.ack(3, "w", 1).await;
    bed.store(Store { now: at(4), ..answer(Room::Remaining(3), told_before, false) }).await;
    assert_eq!(bed.take_each([5, 6, 7]).await, [true, true, false]);
}

pub(crate) async fn uses_are_counted_in_the_minute_of_the_call(bed: Bed) {
    bed.store(Store { fresh: at(3600), ..answer(Room::Unlimited, 0, true) }).await;
    bed.take_each([59, 60, 61, 599, 600, 3001]).await;
    let minutes = [(0, 1), (1, 2), (9, 1), (10, 1), (50, 1)];
    let minutes = minutes.map(|(number, uses)| (minute(number), uses)).to_vec();
    assert_eq!(bed.claim(3002, "w").await, Claimed::Uses { told: 1, minutes });
}

pub(crate) async fn a_recorded_use_is_collected_like_any_other(bed: Bed) {
    assert!(bed.record(1).await);
    assert!(!bed.record(2).await);
    assert!(bed.record(61).await);
    let minutes = vec![(minute(0), 2), (minute(1), 1)];
    assert_eq!(bed.claim(62, "w").await, Claimed::Uses { told: 0, minutes });
}
