//! How many uses an answer of 3scale lets through.

use authz_core::ledger::{Room, Store, Taken};

use crate::bed::{Bed, answer, at, key, take};

pub(crate) async fn nothing_is_taken_from_an_empty_ledger(bed: Bed) {
    assert_eq!(bed.take(0).await, Taken::default());
}

pub(crate) async fn a_grant_lets_as_many_through_as_3scale_said(bed: Bed) {
    bed.grant(2).await;
    assert_eq!(bed.take_each([1, 2, 3]).await, [true, true, false]);
    let expected = Taken {
        took: false,
        ring: false,
        uses: 3,
        told: 1,
        applied_by: at(10),
        fresh: at(60),
        cap: Some(3),
        entry: Some("entry".to_owned()),
    };
    assert_eq!(bed.take(4).await, expected, "the authrep and two hits");
}

pub(crate) async fn a_grant_without_limits_lets_any_number_through(bed: Bed) {
    bed.grant(0).await;
    bed.store(answer(Room::Unlimited, 1, false)).await;
    for _ in 0..500 {
        let taken = bed.take(1).await;
        assert_eq!((taken.took, taken.cap), (true, None));
    }
}

pub(crate) async fn a_grant_of_the_largest_room_is_exact(bed: Bed) {
    bed.grant(Room::MOST).await;
    let taken = bed.take(1).await;
    assert_eq!((taken.took, taken.cap), (true, Some(Room::MOST + 1)));
    bed.store(answer(Room::Remaining(Room::MOST - 1), 1, true)).await;
    assert_eq!(bed.take(2).await.cap, Some(Room::MOST + 1));
}

pub(crate) async fn a_denial_lets_nothing_through(bed: Bed) {
    bed.store(answer(Room::Denied, 0, false)).await;
    let taken = bed.take(1).await;
    assert!(!taken.took && taken.refuses(at(1)));
    assert_eq!((taken.entry.as_deref(), taken.cap), (Some("entry"), Some(0)));
}

pub(crate) async fn an_entry_is_not_believed_at_its_last_instant(bed: Bed) {
    bed.grant(9).await;
    assert_eq!(bed.take_each([59, 60]).await, [true, false]);
}

pub(crate) async fn an_answer_that_comes_too_late_counts_but_is_not_believed(bed: Bed) {
    bed.store(Store { now: at(60), ..answer(Room::Remaining(9), 0, true) }).await;
    let taken = bed.take(61).await;
    assert_eq!((taken.took, taken.uses, taken.told, taken.entry), (false, 1, 1, None));
}

pub(crate) async fn a_use_of_3scale_itself_is_known_to_it(bed: Bed) {
    bed.grant(4).await;
    bed.store(answer(Room::Remaining(3), 1, true)).await;
    let taken = bed.take(1).await;
    assert_eq!((taken.uses, taken.told, taken.cap), (3, 2, Some(5)));
}

pub(crate) async fn an_answer_without_a_use_counts_nothing(bed: Bed) {
    bed.grant(4).await;
    bed.store(answer(Room::Remaining(4), 1, false)).await;
    let taken = bed.take(1).await;
    assert_eq!((taken.uses, taken.told, taken.cap), (2, 1, Some(5)));
}

pub(crate) async fn a_grant_that_is_used_up_refuses_until_3scale_reckons_with_every_use(bed: Bed) {
    bed.grant(1).await;
    bed.take(1).await;
    assert!(bed.take(30).await.refuses(at(30)), "there is a use that 3scale does not know");
    bed.claim(31, "w").await;
    bed.ack(32, "w", 1).await;
    assert!(bed.take(41).await.refuses(at(41)), "3scale may not reckon with it yet");
    assert!(!bed.take(42).await.refuses(at(42)), "3scale is asked again");
}

pub(crate) async fn every_text_of_an_entry_comes_back(bed: Bed) {
    for entry in ["", " ", "{\"grant\":{}}\r\n", "nil", "0", "\u{0}\u{1F511}\"'"] {
        bed.store(Store { entry: entry.to_owned(), ..answer(Room::Unlimited, 0, false) }).await;
        let taken = bed.take(1).await;
        assert_eq!((taken.took, taken.entry.as_deref()), (true, Some(entry)));
    }
}

pub(crate) async fn keys_have_nothing_to_do_with_each_other(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    assert_eq!(bed.cache.take(&key("other"), take(1)).await.unwrap(), Taken::default());
    assert_eq!(bed.take(2).await.uses, 3);
}
