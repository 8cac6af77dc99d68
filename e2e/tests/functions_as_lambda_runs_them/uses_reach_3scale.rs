//! Uses that the cache allowed are told to 3scale, by whatever way the message takes.

use authz_core::message::Message;
use e2e::{Record, Topic, sns_event, sqs_event};
use runtime_api::Function;
use serde_json::json;
use threescale_stub::Endpoint;

use crate::support::{Ledger, USER_KEY, World, ask, in_time, request_event, token_event};

/// Two calls are made: 3scale knows of the first, and the message that was published tells of the second.
async fn a_use_that_3scale_does_not_know(world: &World, authorizer: &Function) -> String {
    assert_eq!(ask(authorizer, &token_event(USER_KEY)).await, "allow granted miss");
    assert_eq!(ask(authorizer, &request_event(USER_KEY)).await, "allow granted hit");
    authorizer.settled().await;
    let [publish] = &world.topic.publishes()[..] else { panic!("one message") };
    assert_eq!(publish.fields["Action"], "Publish");
    assert_eq!(publish.fields["TopicArn"], Topic::ARN);
    assert_eq!(world.account.counted(USER_KEY), 1);
    publish.fields["Message"].clone()
}

async fn fresh_until(world: &World, message: &str) -> u64 {
    world.probe().await.count(&Message::decode(message).unwrap().key, "fresh").await
}

async fn is_told(deliver: impl Fn(&str) -> String, answer: &str) {
    let world = World::start().await;
    let (authorizer, authrep_async) = (world.authorizer(&[]).await, world.authrep_async(&[]).await);
    let message = a_use_that_3scale_does_not_know(&world, &authorizer).await;
    assert_eq!(world.ledger_of(&message).await, Ledger { uses: 2, told: 1 });
    let fresh = fresh_until(&world, &message).await;
    for _ in 0..2 {
        // The second time is a doubled delivery, and changes nothing.
        let answered = authrep_async.invoke(&deliver(&message)).await.unwrap().answer;
        assert_eq!(answered.as_deref(), Ok(answer));
        assert_eq!(world.account.counted(USER_KEY), 2);
        assert_eq!(world.account.requests(Endpoint::Report), 1);
        assert_eq!(world.ledger_of(&message).await, Ledger { uses: 2, told: 2 });
    }
    assert!(fresh_until(&world, &message).await > fresh, "the grant is renewed");
    assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
    authorizer.settled().await;
    assert_eq!(world.topic.accepted().len(), 2, "a new use rings anew");
    let log = world.end([authorizer, authrep_async]).await.join("\n");
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn by_sns() {
    in_time(is_told(sns_event, "null")).await;
}

#[tokio::test]
async fn by_sqs_in_the_envelope_of_sns() {
    let deliver = |message: &str| sqs_event([Record::in_envelope("1", message)]);
    in_time(is_told(deliver, r#"{"batchItemFailures":[]}"#)).await;
}

#[tokio::test]
async fn by_sqs_with_raw_delivery() {
    let deliver = |message: &str| sqs_event([Record::raw("1", message)]);
    in_time(is_told(deliver, r#"{"batchItemFailures":[]}"#)).await;
}

#[tokio::test]
async fn a_message_that_is_none_comes_again_and_spoils_no_other() {
    in_time(async {
        let world = World::start().await;
        let (authorizer, authrep_async) = (world.authorizer(&[]).await, world.authrep_async(&[]).await);
        let message = a_use_that_3scale_does_not_know(&world, &authorizer).await;
        let event = sqs_event([
            Record::raw("poison", "CANARY {{{"),
            Record::raw("good", &message),
            Record::in_envelope("newer", &json!({ "v": 2, "CANARY": true }).to_string()),
            Record::in_envelope("doubled", &message),
        ]);
        assert_eq!(
            authrep_async.invoke(&event).await.unwrap().answer.as_deref(),
            Ok(r#"{"batchItemFailures":[{"itemIdentifier":"poison"},{"itemIdentifier":"newer"}]}"#)
        );
        assert_eq!(world.account.counted(USER_KEY), 2);
        let log = world.end([authorizer, authrep_async]).await;
        let complaints = log.iter().filter(|line| line.contains("message not understood"));
        assert_eq!(complaints.count(), 2, "{log:#?}");
    })
    .await;
}

#[tokio::test]
async fn what_sns_brings_comes_again_if_the_function_fails() {
    in_time(async {
        let world = World::start().await;
        let authrep_async = world.authrep_async(&[]).await;
        for (event, text) in [
            (sns_event("CANARY"), "1 of the messages must come again"),
            (
                json!({ "CANARY": 1 }).to_string(),
                "the event is neither of SNS nor of SQS, nor does it ask to `forget`, at line 0 column 0",
            ),
        ] {
            assert_eq!(authrep_async.invoke(&event).await.unwrap().answer.unwrap_err().error_message, text);
        }
        world.end([authrep_async]).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_sealed_with_another_secret_is_not_told() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[("CREDENTIAL_SECRET", "CANARY-other-secret")]).await;
        let authrep_async = world.authrep_async(&[]).await;
        let message = a_use_that_3scale_does_not_know(&world, &authorizer).await;
        let answer = authrep_async.invoke(&sqs_event([Record::raw("1", &message)])).await.unwrap().answer;
        assert_eq!(answer.as_deref(), Ok(r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#));
        assert_eq!(world.account.requests(Endpoint::Report), 0);
        let log = world.end([authorizer, authrep_async]).await.join("\n");
        assert!(log.contains("`CREDENTIAL_SECRET`"), "{log}");
    })
    .await;
}
