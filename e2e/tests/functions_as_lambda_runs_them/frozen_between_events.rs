//! Connections that break while a function is frozen cost no answer and no use.

use e2e::sns_event;
use threescale_stub::Endpoint;

use crate::support::{Ledger, USER_KEY, World, ask, in_time, request_event, token_event, user_key};

#[tokio::test]
async fn of_the_cache() {
    const HITS: u64 = 20;
    in_time(async {
        let world = World::start().await;
        let authorizer = world.freezing_authorizer().await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        let probe = world.probe().await;
        for _ in 0..HITS {
            authorizer.settled().await;
            assert_eq!(probe.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal"]).await, 1, "the function's connection");
            assert_eq!(ask(&authorizer, &request_event(USER_KEY)).await, "allow granted hit");
        }
        authorizer.settled().await;
        let [message] = &world.topic.accepted()[..] else { panic!("one message") };
        assert_eq!(world.ledger_of(message).await, Ledger { uses: HITS + 1, told: 1 });
        let authrep_async = world.authrep_async(&[]).await;
        assert_eq!(authrep_async.invoke(&sns_event(message)).await.unwrap().answer.as_deref(), Ok("null"));
        assert_eq!(world.account.counted(USER_KEY), HITS + 1);
        let log = world.end([authorizer, authrep_async]).await.join("\n");
        assert!(!log.contains("ERROR"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn of_3scale() {
    const KEYS: usize = 10;
    in_time(async {
        let mut world = World::start().await;
        let authorizer = world.freezing_authorizer().await;
        for number in 0..KEYS {
            assert_eq!(ask(&authorizer, &token_event(&user_key(number))).await, "allow granted miss");
            authorizer.settled().await;
            world.account.restart().await;
        }
        assert_eq!(world.account.requests(Endpoint::Authrep), KEYS as u64);
        assert!((0..KEYS).all(|number| world.account.counted(&user_key(number)) == 1));
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn of_sns() {
    const KEYS: usize = 5;
    in_time(async {
        let mut world = World::start().await;
        let authorizer = world.freezing_authorizer().await;
        for number in 0..KEYS {
            assert_eq!(ask(&authorizer, &token_event(&user_key(number))).await, "allow granted miss");
            assert_eq!(ask(&authorizer, &token_event(&user_key(number))).await, "allow granted hit");
            authorizer.settled().await;
            assert_eq!(world.topic.accepted().len(), number + 1);
            world.topic.close().await;
            world.topic.open();
        }
        world.end([authorizer]).await;
    })
    .await;
}
