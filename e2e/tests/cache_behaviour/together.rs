//! Each operation is atomic, however many tasks are at it.

use authz_core::cache::CacheKey;
use authz_core::ledger::{Ack, Acked, Claimed, Room, Store};
use authz_core::time::Minute;
use lambda_shell::Cache;
use tokio::task::JoinSet;

use crate::bed::{Bed, KEEP, answer, at, claim, take};

const TASKS: u64 = 16;
const TAKES: u64 = 50;

pub(crate) async fn tasks_that_take_at_once_take_as_many_as_there_are(bed: Bed) {
    bed.store(answer(Room::Remaining(100), 0, false)).await;
    let (took, rang) = take_at_once(&bed).await;
    assert_eq!((took, rang), (100, 1));
    let taken = bed.take(2).await;
    assert_eq!((taken.took, taken.uses, taken.cap), (false, 100, Some(100)));
}

pub(crate) async fn every_use_that_tasks_take_is_collected_once(bed: Bed) {
    bed.store(Store { fresh: at(600), ..answer(Room::Unlimited, 0, false) }).await;
    let (took, _) = take_at_once(&bed).await;
    assert_eq!(took, TASKS * TAKES);
    let Claimed::Uses { told: 0, minutes } = bed.claim(2, "w").await else { panic!("there are uses") };
    assert_eq!(sum(&minutes), took);
}

/// Workers claim and acknowledge while uses come in; what they claimed adds up to what was taken.
pub(crate) async fn workers_that_claim_at_once_never_claim_the_same(bed: Bed) {
    bed.store(Store { fresh: at(600), ..answer(Room::Unlimited, 0, false) }).await;
    let mut workers = JoinSet::new();
    for worker in 0..4 {
        let (cache, key) = (bed.of_another_function(), bed.key.clone());
        workers.spawn(async move {
            let mut told = 0;
            for round in 0..TAKES {
                let owner = format!("w{worker}-{round}");
                if let Claimed::Uses { minutes, .. } = cache.claim(&key, claim(1, &owner)).await.unwrap() {
                    told += sum(&minutes);
                    let ack = Ack { owner, minutes, keep: KEEP, now: at(1) };
                    assert!(matches!(cache.ack(&key, &ack).await.unwrap(), Acked::Untold(_)));
                }
                tokio::task::yield_now().await;
            }
            told
        });
    }
    let (took, _) = take_at_once(&bed).await;
    let mut told: u64 = workers.join_all().await.iter().sum();
    if let Claimed::Uses { minutes, .. } = bed.claim(2, "last").await {
        told += sum(&minutes);
    }
    assert_eq!(told, took);
}

/// Returns how many takes took, and how many rang.
async fn take_at_once(bed: &Bed) -> (u64, u64) {
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        tasks.spawn(take_many(bed.of_another_function(), bed.key.clone()));
    }
    tasks.join_all().await.into_iter().fold((0, 0), |(took, rang), (t, r)| (took + t, rang + r))
}

async fn take_many(cache: Cache, key: CacheKey) -> (u64, u64) {
    let (mut took, mut rang) = (0, 0);
    for _ in 0..TAKES {
        let taken = cache.take(&key, take(1)).await.unwrap();
        took += u64::from(taken.took);
        rang += u64::from(taken.ring);
        tokio::task::yield_now().await;
    }
    (took, rang)
}

fn sum(minutes: &[(Minute, u64)]) -> u64 {
    minutes.iter().map(|(_, uses)| uses).sum()
}
