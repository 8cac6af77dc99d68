//! An operator invokes `authrep-async` to have a credential forgotten, and from then on 3scale's word counts.

use std::time::Duration;

use authz_core::message::Message;
use e2e::{Record, sqs_event};
use runtime_api::{Function, FunctionError};
use serde_json::{Value, json};
use threescale_stub::{Endpoint, Fault};

use crate::support::{Ledger, USER_KEY, World, ask, in_time, token_event, user_key};

async fn invoke(authrep_async: &Function, event: &Value) -> Result<String, FunctionError> {
    authrep_async.invoke(&event.to_string()).await.unwrap().answer
}

async fn forget(authrep_async: &Function, fields: Value) -> Value {
    serde_json::from_str(&invoke(authrep_async, &json!({ "forget": fields })).await.unwrap()).unwrap()
}

/// The only message that was published.
async fn message(world: &World, authorizer: &Function) -> String {
    authorizer.settled().await;
    let [publish] = &world.topic.publishes()[..] else { panic!("one message") };
    publish.fields["Message"].clone()
}

#[tokio::test]
async fn a_revoked_key_is_denied_at_once_and_its_uses_are_told() {
    in_time(async {
        let world = World::start().await;
        let (authorizer, authrep_async) = (world.authorizer(&[]).await, world.authrep_async(&[]).await);
        for (key, cache) in [(USER_KEY, "miss"), (USER_KEY, "hit"), (&user_key(1), "miss")] {
            assert_eq!(ask(&authorizer, &token_event(key)).await, format!("allow granted {cache}"));
        }
        let message = message(&world, &authorizer).await;
        world.account.backend().suspend_application("7", USER_KEY).unwrap();
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit", "it is not noticed yet");
        assert_eq!(forget(&authrep_async, json!({ "user_key": USER_KEY })).await, json!({ "forgotten": 1 }));
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "deny application_not_active miss");
        assert_eq!(ask(&authorizer, &token_event(&user_key(1))).await, "allow granted hit", "another key's");

        assert_eq!(world.ledger_of(&message).await, Ledger { uses: 3, told: 1 });
        let answer = authrep_async.invoke(&sqs_event([Record::raw("1", &message)])).await.unwrap().answer;
        assert_eq!(answer.as_deref(), Ok(r#"{"batchItemFailures":[]}"#));
        assert_eq!(world.ledger_of(&message).await, Ledger { uses: 3, told: 3 });
        assert_eq!(world.account.counted(USER_KEY), 3);
        let log = world.end([authorizer, authrep_async]).await.join("\n");
        assert!(log.contains(r#""message":"forgotten""#) && !log.contains("ERROR"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn a_fingerprint_of_the_log_is_as_good_as_the_key() {
    in_time(async {
        let world = World::start().await;
        let (authorizer, authrep_async) = (world.authorizer(&[]).await, world.authrep_async(&[]).await);
        let policy = authorizer.invoke(&token_event(USER_KEY)).await.unwrap().answer.unwrap();
        let policy: Value = serde_json::from_str(&policy).unwrap();
        let fingerprint = policy["principalId"].as_str().unwrap();
        for (service_id, forgotten) in [(None, 1), (Some("7"), 1)] {
            let mut fields = json!({ "credential": fingerprint });
            fields["service_id"] = service_id.map_or(Value::Null, |id| json!(id));
            fields.as_object_mut().unwrap().retain(|_, field| !field.is_null());
            assert_eq!(forget(&authrep_async, fields).await, json!({ "forgotten": forgotten }));
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss", "3scale was asked");
        }
        assert_eq!(forget(&authrep_async, json!({ "user_key": "CANARY-unknown" })).await, json!({ "forgotten": 0 }));
        let log = world.end([authorizer, authrep_async]).await.join("\n");
        assert!(log.contains(&format!(r#""credential":"{fingerprint}""#)), "{log}");
    })
    .await;
}

#[tokio::test]
async fn no_grant_of_a_forgotten_key_stands_in_for_3scale() {
    in_time(async {
        let world = World::start().await;
        let times = [("THREESCALE_TIMEOUT_MS", "1500"), ("CACHE_GRANT_TTL_SECS", "1")];
        let (authorizer, authrep_async) = (world.authorizer(&times).await, world.authrep_async(&[]).await);
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        world.account.set_fault(Fault::hang());
        forget(&authrep_async, json!({ "user_key": USER_KEY })).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "deny backend_unavailable miss");
        world.end([authorizer, authrep_async]).await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_under_way_is_not_believed_once_its_key_is_forgotten() {
    in_time(async {
        let world = World::start().await;
        let (authorizer, authrep_async) = (world.authorizer(&[]).await, world.authrep_async(&[]).await);
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
        let message = message(&world, &authorizer).await;
        // The collection asks 3scale, is told that the key is good, and stores that only after the forgetting.
        let key = Message::decode(&message).unwrap().key;
        let (asked, probe) = (world.account.requests(Endpoint::Authorize), world.probe().await);
        let collector = world.authrep_async(&[]).await;
        world.account.set_fault(Fault::delay(SLOW).on_path("/transactions/authorize.xml"));
        let event = sqs_event([Record::raw("1", &message)]);
        let collecting = async { collector.invoke(&event).await.unwrap().answer.unwrap() };
        let forgetting = async {
            while probe.count(&key, "until").await == 0 {
                tokio::task::yield_now().await;
            }
            forget(&authrep_async, json!({ "user_key": USER_KEY })).await
        };
        let (answer, forgotten) = tokio::join!(collecting, forgetting);
        assert_eq!((answer.as_str(), forgotten), (r#"{"batchItemFailures":[]}"#, json!({ "forgotten": 1 })));
        assert_eq!(world.account.requests(Endpoint::Authorize), asked + 1);
        assert_eq!((probe.fields(&key).await.get("entry"), world.account.counted(USER_KEY)), (None, 2));
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss", "3scale was asked");
        world.end([authorizer, authrep_async, collector]).await;
    })
    .await;
}

#[tokio::test]
async fn a_mistake_is_told_without_repeating_the_key() {
    in_time(async {
        let world = World::start().await;
        let authrep_async = world.authrep_async(&[]).await;
        for (event, text) in [
            (json!({ "forget": { "user_key": ["CANARY"] } }), "`forget.user_key` must be a text"),
            (
                json!({ "forget": { "app_id": "CANARY" } }),
                "`forget.app_id` is not what callers have: see `THREESCALE_AUTH_TYPE`",
            ),
            (
                json!({ "forget": { "user_key": "CANARY", "service_id": "CANARY" } }),
                "`forget.service_id` is none of the configured services",
            ),
        ] {
            let error = invoke(&authrep_async, &event).await.unwrap_err();
            assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("EventNotUnderstood", text));
        }
        world.end([authrep_async]).await;
    })
    .await;
}

#[tokio::test]
async fn a_cache_that_does_not_answer_is_told() {
    in_time(async {
        let world = World::start().await;
        let authrep_async = world.authrep_async(&[("ELASTICACHE_TIMEOUT_MS", "300")]).await;
        world.redis.freeze();
        let error = invoke(&authrep_async, &json!({ "forget": { "user_key": USER_KEY } })).await.unwrap_err();
        world.redis.thaw();
        assert_eq!(error.error_type, "NotForgotten");
        let text = "the cache failed after 0 ledgers had forgotten: timed out; invoke the function again";
        assert_eq!(error.error_message, text);
        world.end([authrep_async]).await;
    })
    .await;
}

/// Long enough for a whole invocation in between.
const SLOW: Duration = Duration::from_secs(2);
