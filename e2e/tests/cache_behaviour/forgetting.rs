//! What an operator has forgotten.

use authz_core::ledger::{Acked, Claimed, Room, Store, Taken};

use crate::bed::{Bed, answer, at, key_of, minute, take};

pub(crate) async fn what_is_forgotten_lets_nothing_through_and_refuses_nothing(bed: Bed) {
    for (room, secs) in [(Room::Unlimited, 2), (Room::Denied, 4), (Room::Remaining(0), 6)] {
        let asked = at(secs - 1);
        bed.store(Store { now: asked, asked, ..answer(room, 0, true) }).await;
        assert_eq!(bed.forget(secs).await, 1);
        let taken = bed.take(secs).await;
        assert_eq!((taken.took, taken.refuses(at(secs)), taken.entry), (false, false, None), "3scale is asked");
    }
}

pub(crate) async fn forgetting_loses_no_use_and_holds_up_no_collection(bed: Bed) {
    bed.grant(9).await;
    bed.take(1).await;
    bed.claim(2, "w").await;
    bed.take(3).await;
    assert_eq!(bed.forget(4).await, 1);
    assert_eq!(bed.ack(5, "w", 1).await, Acked::Untold(1));
    assert_eq!(bed.claim(6, "w").await, Claimed::Uses { told: 2, minutes: vec![(minute(0), 1)] });
    let taken = bed.take(7).await;
    assert_eq!((taken.uses, taken.told), (3, 2));
}

pub(crate) async fn an_answer_that_was_asked_for_before_the_forgetting_counts_but_is_not_believed(bed: Bed) {
    bed.grant(9).await;
    bed.forget(5).await;
    bed.store(Store { now: at(6), asked: at(5), ..answer(Room::Unlimited, 1, true) }).await;
    let taken = bed.take(7).await;
    assert_eq!((taken.took, taken.uses, taken.told), (false, 2, 2));
    bed.store(Store { now: at(8), asked: at(7), ..answer(Room::Unlimited, 2, true) }).await;
    assert!(bed.take(9).await.took, "one that was asked for later is");
}

pub(crate) async fn every_ledger_of_a_credential_forgets_and_no_other(bed: Bed) {
    let of_others = format!("{}-other", bed.name);
    let ledgers: Vec<_> = (0..30).map(|number| key_of("7", bed.name, &number.to_string())).collect();
    let elsewhere = key_of("8", bed.name, "use");
    let other = key_of("7", &of_others, "use");
    for key in ledgers.iter().chain([&elsewhere, &other]) {
        bed.cache.store(key, answer(Room::Unlimited, 0, true)).await.unwrap();
    }
    assert_eq!(bed.forget_of(bed.name, Some("7"), 1).await, 30);
    for key in &ledgers {
        assert!(!bed.cache.take(key, take(2)).await.unwrap().took);
    }
    assert!(bed.cache.take(&elsewhere, take(2)).await.unwrap().took, "another service");
    assert_eq!(bed.forget_of(bed.name, None, 3).await, 31);
    assert!(!bed.cache.take(&elsewhere, take(4)).await.unwrap().took);
    assert!(bed.cache.take(&other, take(4)).await.unwrap().took, "another credential");
}

pub(crate) async fn there_is_nothing_to_forget_of_a_credential_without_ledgers(bed: Bed) {
    assert_eq!(bed.forget(1).await, 0);
    assert_eq!(bed.take(2).await, Taken::default());
}
