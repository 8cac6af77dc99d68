//! A 3scale that is silent costs nobody an answer, and no use.

use e2e::{Record, sqs_event};
use threescale_stub::{Endpoint, Fault, Response};

use crate::support::{Ledger, USER_KEY, World, ask, in_time, request_event, token_event};

const IMPATIENT: [(&str, &str); 1] = [("THREESCALE_TIMEOUT_MS", "300")];

#[tokio::test]
async fn a_3scale_that_does_not_answer_lets_nobody_in() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&IMPATIENT).await;
        for fault in [Fault::hang(), Fault::cut(), Fault::answer(Response::raw(503, "CANARY"))] {
            world.account.set_fault(fault);
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "deny backend_unavailable miss");
        }
        world.account.set_fault(None);
        assert_eq!(ask(&authorizer, &request_event(USER_KEY)).await, "allow granted miss");
        assert_eq!(world.account.counted(USER_KEY), 1);
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_is_no_longer_fresh_stands_in_and_its_uses_are_told_later() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[IMPATIENT.as_slice(), &[("CACHE_GRANT_TTL_SECS", "1")]].concat()).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        world.account.set_fault(Fault::hang());
        while ask(&authorizer, &token_event(USER_KEY)).await != "allow backend_unavailable stale" {}
        authorizer.settled().await;
        world.account.set_fault(None);
        let [message] = &world.topic.accepted()[..] else { panic!("one message") };
        let Ledger { uses, told: 1 } = world.ledger_of(message).await else { panic!("3scale was asked once") };
        let authrep_async = world.authrep_async(&[]).await;
        let answer = authrep_async.invoke(&sqs_event([Record::raw("1", message)])).await.unwrap().answer;
        assert_eq!(answer.as_deref(), Ok(r#"{"batchItemFailures":[]}"#));
        assert_eq!(world.account.counted(USER_KEY), uses);
        world.end([authorizer, authrep_async]).await;
    })
    .await;
}

#[tokio::test]
async fn a_collection_that_3scale_does_not_answer_comes_again() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        let authrep_async = world.authrep_async(&IMPATIENT).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
        authorizer.settled().await;
        let [message] = &world.topic.accepted()[..] else { panic!("one message") };
        world.account.set_fault(Fault::hang());
        for told in [r#""outcome":"failed""#, r#""outcome":"busy""#] {
            let answer = authrep_async.invoke(&sqs_event([Record::raw("1", message)])).await.unwrap().answer;
            assert_eq!(answer.as_deref(), Ok(r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#));
            authrep_async.logged(told).await;
        }
        assert_eq!(world.account.requests(Endpoint::Report), 0);
        assert_eq!(world.ledger_of(message).await, Ledger { uses: 2, told: 1 });
        world.end([authorizer, authrep_async]).await;
    })
    .await;
}
