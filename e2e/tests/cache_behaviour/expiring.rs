//! How long a ledger is kept.

use authz_core::ledger::{Claimed, Room, Store, Taken};

use crate::bed::{Bed, answer, at};

const DAY: u64 = 86_400;

pub(crate) async fn untold_uses_outlive_the_entry_by_a_day(bed: Bed) {
    leaves_at(DAY + 1, bed, async |bed| {
        bed.grant(9).await;
        bed.take(1).await;
    })
    .await;
}

pub(crate) async fn a_claim_keeps_untold_uses_for_another_day(bed: Bed) {
    leaves_at(2 * DAY - 1, bed, async |bed| {
        bed.record(0).await;
        assert!(matches!(bed.claim(DAY - 1, "w").await, Claimed::Uses { .. }));
    })
    .await;
}

pub(crate) async fn a_ledger_without_untold_uses_is_kept_while_answers_are_under_way(bed: Bed) {
    leaves_at(363, bed, async |bed| {
        bed.grant(9).await;
        bed.take(1).await;
        bed.claim(2, "w").await;
        bed.ack(3, "w", 1).await;
    })
    .await;
}

pub(crate) async fn a_ledger_outlives_the_answer_that_a_look_will_come_back_with(bed: Bed) {
    leaves_at(359 + 360, bed, async |bed| {
        bed.grant(9).await;
        assert!(!bed.take(359).await.took);
    })
    .await;
}

/// It shows in nothing but that an answer of before is not believed.
pub(crate) async fn a_ledger_that_was_to_forget_outlives_every_answer_under_way(mut bed: Bed) {
    for (secs, is_gone) in [(365, false), (366, true)] {
        bed.store(answer(Room::Denied, 0, false)).await;
        bed.forget(5).await;
        bed.store(Store { now: at(6), ..answer(Room::Denied, 0, false) }).await;
        bed.store(Store { now: at(secs), fresh: at(1000), ..answer(Room::Unlimited, 0, false) }).await;
        assert_eq!(bed.take(secs).await.took, is_gone, "at {secs}");
        bed.begin_anew();
    }
}

pub(crate) async fn a_denial_of_an_unused_key_leaves_with_its_time(bed: Bed) {
    leaves_at(60, bed, async |bed| bed.store(answer(Room::Denied, 0, false)).await).await;
}

pub(crate) async fn a_ledger_that_expired_begins_anew(bed: Bed) {
    bed.grant(9).await;
    bed.record(1).await;
    bed.claim(2, "w").await;
    assert_eq!(bed.take(DAY + 2).await, Taken::default());
    assert!(bed.record(DAY + 3).await, "no bell is left over");
    let Claimed::Uses { told, minutes } = bed.claim(DAY + 4, "w2").await else { panic!("no lease is left over") };
    assert_eq!((told, minutes.len()), (0, 1));
}

/// A look may keep what it finds for longer, so each of the two looks finds a ledger of its own.
async fn leaves_at(secs: u64, mut bed: Bed, prepare: impl AsyncFn(&Bed)) {
    for (at, is_kept) in [(secs - 1, true), (secs, false)] {
        bed.begin_anew();
        prepare(&bed).await;
        assert_eq!(bed.take(at).await != Taken::default(), is_kept, "at {at}");
    }
}
