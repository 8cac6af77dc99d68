//! What a cache does, whichever it is: each behaviour is written once and runs over both.
#![expect(clippy::unwrap_used, reason = "a bed that can not be made fails its test")]

mod bed;
mod collecting;
mod counting;
mod expiring;
mod forgetting;
mod together;

use std::sync::Arc;

use authz_core::cache::CacheKey;
use authz_core::ledger::{Room, Store};
use authz_core::time::UnixTime;
use e2e::{RedisCluster, RedisConfig};
use lambda_shell::Clock;

use bed::{Bed, answer};

macro_rules! behaviours {
    ($($file:ident { $($behaviour:ident)+ })+) => {
        mod in_memory {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                crate::$file::$behaviour(crate::bed::Bed::in_memory()).await;
            })+)+
        }

        mod in_redis {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                crate::$file::$behaviour(crate::bed::Bed::in_redis().await).await;
            })+)+
        }

        mod in_redis_over_tls {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                crate::$file::$behaviour(crate::bed::Bed::in_redis_over_tls().await).await;
            })+)+
        }

        /// A cluster takes seconds to find together, so all share one; the last name is that of what failed.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn all_of_it_in_a_cluster() {
            let cluster = Arc::new(RedisCluster::start(RedisConfig::default()).await);
            $($(
                println!(stringify!($behaviour));
                crate::$file::$behaviour(Bed::in_cluster(&cluster, stringify!($behaviour))).await;
            )+)+
            for server in cluster.servers() {
                assert!(server.probe().await.ask::<u64>(&["DBSIZE"]).await > 0, "a server without a ledger");
            }
        }
    };
}

behaviours! {
    counting {
        nothing_is_taken_from_an_empty_ledger
        a_grant_lets_as_many_through_as_3scale_said
        a_grant_without_limits_lets_any_number_through
        a_grant_of_the_largest_room_is_exact
        a_denial_lets_nothing_through
        an_entry_is_not_believed_at_its_last_instant
        an_answer_that_comes_too_late_counts_but_is_not_believed
        a_use_of_3scale_itself_is_known_to_it
        an_answer_without_a_use_counts_nothing
        a_grant_that_is_used_up_refuses_until_3scale_reckons_with_every_use
        every_text_of_an_entry_comes_back
        keys_have_nothing_to_do_with_each_other
    }
    collecting {
        the_first_use_rings_and_the_next_ones_do_not
        a_lost_message_heals_at_the_next_look_even_if_it_takes_nothing
        a_claim_makes_way_for_the_next_ring
        nobody_rings_for_a_look_while_a_worker_collects
        there_is_nothing_to_claim_of_an_empty_ledger
        only_one_worker_collects_at_a_time
        what_was_acknowledged_is_told_and_the_rest_stays
        a_worker_that_lost_its_lease_erases_nothing
        nobody_acknowledges_what_nobody_claimed
        an_answer_asked_before_an_ack_forgets_no_use
        uses_are_counted_in_the_minute_of_the_call
        a_recorded_use_is_collected_like_any_other
    }
    expiring {
        untold_uses_outlive_the_entry_by_a_day
        a_claim_keeps_untold_uses_for_another_day
        a_ledger_without_untold_uses_is_kept_while_answers_are_under_way
        a_ledger_outlives_the_answer_that_a_look_will_come_back_with
        a_denial_of_an_unused_key_leaves_with_its_time
        a_ledger_that_was_to_forget_outlives_every_answer_under_way
        a_ledger_that_expired_begins_anew
    }
    forgetting {
        what_is_forgotten_lets_nothing_through_and_refuses_nothing
        forgetting_loses_no_use_and_holds_up_no_collection
        an_answer_that_was_asked_for_before_the_forgetting_counts_but_is_not_believed
        every_ledger_of_a_credential_forgets_and_no_other
        there_is_nothing_to_forget_of_a_credential_without_ledgers
    }
    together {
        tasks_that_take_at_once_take_as_many_as_there_are
        every_use_that_tasks_take_is_collected_once
        workers_that_claim_at_once_never_claim_the_same
    }
}

#[tokio::test]
async fn ledgers_among_thousands_of_names_are_all_found() {
    let bed = Bed::in_redis().await;
    let begin = "for i = 1, 2500 do
        redis.call('SET', 'of somebody else:' .. i, 1)
        redis.call('HSET', ARGV[1] .. i, 'uses', 1, 'told', 1)
        redis.call('HSET', ARGV[2] .. i, 'uses', 1, 'told', 1)
    end";
    let (ours, other) = (bed.key.to_string(), bed::key("other").to_string());
    let () = bed.probe().ask(&["EVAL", begin, "0", &ours, &other]).await;
    assert_eq!(bed.forget(1).await, 2500);
    assert_eq!(bed.forget_of("other", None, 1).await, 2500);
    assert_eq!(bed.forget_of("nobody", None, 1).await, 0);
}

#[tokio::test]
async fn the_server_itself_removes_what_has_expired() {
    let bed = Bed::in_redis().await;
    let probe = bed.probe();
    let key = CacheKey::parse("authz:1:now").unwrap();
    let now = Clock::system().now();
    let fresh = now.after(std::time::Duration::from_secs(2));
    bed.cache.store(&key, Store { now, fresh, ..answer(Room::Denied, 0, false) }).await.unwrap();
    assert_eq!(probe.expires(&key).await, Some(fresh));
    while probe.expires(&key).await.is_some() {
        let waited = Clock::system().now().since(now);
        assert!(waited.as_secs() < 20, "still there");
    }
    assert!(Clock::system().now() > fresh);
    assert_eq!(probe.dump().await, b"");
}

#[tokio::test]
async fn a_hash_holds_what_the_ledger_names() {
    let bed = Bed::in_redis().await;
    let probe = bed.probe();
    bed.store(answer(Room::Remaining(9), 0, true)).await;
    bed.take(1).await;
    bed.claim(2, "w").await;
    let fields = probe.fields(&bed.key).await;
    let minute = UnixTime::from_secs(bed::START).minute().number();
    let millis = |secs: u64| ((bed::START + secs) * 1000).to_string();
    let expected = [
        ("applied_by", millis(10)),
        ("cap", "10".to_owned()),
        ("entry", "entry".to_owned()),
        ("fresh", millis(60)),
        (&format!("m:{minute}"), "1".to_owned()),
        ("owner", "w".to_owned()),
        ("told", "1".to_owned()),
        ("until", millis(12)),
        ("uses", "2".to_owned()),
    ];
    assert_eq!(fields, expected.map(|(field, value)| (field.to_owned(), value)).into());
}
