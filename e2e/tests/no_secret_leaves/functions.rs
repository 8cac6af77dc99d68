//! What both functions write, whatever happens to them.

use e2e::{Proxy, ProxyMode};
use runtime_api::Function;
use serde_json::json;
use threescale_stub::{Fault, ServiceKind};

use crate::events;
use crate::in_time;
use crate::marks::{
    APP_KEY, FOREIGN_TEXT, MALFORMED_KEY, PROVIDER_KEY, SESSION_TOKEN, STRAY, UNKNOWN_KEY, WRONG_APP_KEY,
    WRONG_AUTH_TOKEN,
};
use crate::threescale::{APP_ID, user_key};
use crate::world::{World, in_envelope, sns_event, sqs_event};

/// Nobody waits longer for who is silent.
const IMPATIENT: [(&str, &str); 2] = [("ELASTICACHE_TIMEOUT_MS", "200"), ("THREESCALE_TIMEOUT_MS", "500")];

#[tokio::test]
async fn events_and_messages_of_all_kinds() {
    in_time(async {
        let mut world = World::start(ServiceKind::UserKey).await;
        let authorizer = world.function("authorizer", &[("CREDENTIAL_SOURCES", events::SOURCES)]).await;
        let (known, unknown) = (user_key(0), UNKNOWN_KEY);
        let mut asked: Vec<_> = events::malformed();
        for key in [known.as_str(), unknown] {
            asked.extend(events::examples(key).into_iter().chain(events::elsewhere(key)));
        }
        let mut reasons = String::new();
        for event in asked.iter().chain(&asked) {
            reasons += &world.invoke(&authorizer, event).await;
        }
        for reason in ["granted", "user_key_invalid", "Unauthorized", r#""cache":"hit""#] {
            assert!(reasons.contains(reason), "{reason} is among the answers");
        }
        authorizer.settled().await;
        let messages = world.topic.accepted();
        let authrep_async = world.function("authrep-async", &[]).await;
        deliver(&mut world, &authrep_async, &messages).await;
        let log = world.end(authrep_async).await + &world.end(authorizer).await;
        for line in ["authorization", "unauthorized", "event not understood", "collected", "message not understood"] {
            assert!(log.contains(line), "{line} is in the log");
        }
        world.shows_nobody_but_3scale(&["user key", "unknown user key", "service token"]).await;
    })
    .await;
}

/// Delivers messages in every way, beside some that are none, and what an operator may ask.
async fn deliver(world: &mut World, authrep_async: &Function, messages: &[String]) {
    let enveloped = messages.iter().map(|message| in_envelope(message).to_string()).collect::<Vec<_>>();
    let poison = [
        STRAY.to_owned(),
        json!({ "v": 2, "caller": STRAY }).to_string(),
        json!({ "v": 1, "key": STRAY, "service": STRAY, "usage": { STRAY: 1 }, "caller": STRAY }).to_string(),
        messages[0].replace(r#""caller":""#, &format!(r#""caller":"{}"#, STRAY.split('"').next().unwrap())),
    ];
    let bodies = messages.iter().chain(&enveloped).chain(&poison).map(String::as_str);
    world.invoke(authrep_async, &sqs_event(bodies)).await;
    for body in messages.iter().take(1).chain(&poison) {
        world.invoke(authrep_async, &sns_event(body)).await;
    }
    let mut answers = Vec::new();
    for event in events::malformed().into_iter().chain(events::forgetting(&user_key(0), APP_KEY)) {
        answers.push(world.invoke(authrep_async, &event).await);
    }
    assert!(answers.iter().any(|answer| answer.contains("forgotten")), "{answers:?}");
}

#[tokio::test]
async fn faults_of_3scale() {
    in_time(async {
        let mut world = World::start(ServiceKind::UserKey).await;
        let (authorizer, authrep_async) =
            (world.function("authorizer", &[]).await, world.function("authrep-async", &[]).await);
        for (number, fault) in world.threescale.faults().into_iter().enumerate() {
            let event = events::token(&user_key(number));
            let message = world.message(&authorizer, &event).await;
            world.threescale.set_fault(fault);
            world.invoke(&authorizer, &events::token(&format!("{UNKNOWN_KEY}{number}"))).await;
            world.invoke(&authrep_async, &sqs_event([message.as_str()])).await;
            world.threescale.set_fault(None);
        }
        world.threescale.set_fault(Fault::hang());
        let impatient = world.function("authorizer", &IMPATIENT).await;
        world.invoke(&impatient, &events::token(UNKNOWN_KEY)).await;
        let https = world.threescale.url().replace("http:", "https:");
        let untrusting = world.function("authorizer", &[("THREESCALE_BACKEND_URL", &https)]).await;
        world.invoke(&untrusting, &events::token(UNKNOWN_KEY)).await;
        let mut log = String::new();
        for function in [authorizer, authrep_async, impatient, untrusting] {
            log += &world.end(function).await;
        }
        for trouble in ["user_key_invalid", "broke off", "did not answer in time", "can't be reached", r#""failed""#] {
            assert!(log.contains(trouble), "{trouble} is in the log");
        }
        world.shows_nobody_but_3scale(&["user key", "unknown user key", "service token"]).await;
    })
    .await;
}

#[tokio::test]
async fn faults_of_redis_and_sns() {
    in_time(async {
        let mut world = World::start(ServiceKind::UserKey).await;
        let authorizer = world.function("authorizer", &[]).await;
        let event = events::token(&user_key(0));
        let message = world.message(&authorizer, &event).await;
        world.topic.deny_saying(&format!("{FOREIGN_TEXT}: {SESSION_TOKEN}, {event}"));
        for _ in 0..2 {
            world.invoke(&authorizer, &events::token(&user_key(1))).await;
        }
        let mut log = world.end(authorizer).await;
        let nonsense = Proxy::before(&world.redis.settings(), ProxyMode::Nonsense).await;
        let cut = Proxy::before(&world.redis.settings(), ProxyMode::CutReplies).await;
        let [nonsense, cut] = [&nonsense, &cut].map(|proxy| proxy.settings().port.to_string());
        for change in [
            ("ELASTICACHE_AUTH_TOKEN", ""),
            ("ELASTICACHE_AUTH_TOKEN", WRONG_AUTH_TOKEN),
            ("ELASTICACHE_USERNAME", "nobody"),
            ("ELASTICACHE_TLS", "true"),
            ("ELASTICACHE_CLUSTER", "true"),
            ("ELASTICACHE_PORT", &nonsense),
            ("ELASTICACHE_PORT", &cut),
            ("ELASTICACHE_PORT", "9"),
        ] {
            let changes = [IMPATIENT.as_slice(), &[("THREESCALE_TIMEOUT_MS", "10000"), change]].concat();
            for (name, event) in [("authorizer", &event), ("authrep-async", &sqs_event([message.as_str()]))] {
                let function = world.function(name, &changes).await;
                world.invoke(&function, event).await;
                log += &world.end(function).await;
            }
        }
        for trouble in ["publish failed", "cache failed", "NOAUTH", "WRONGPASS"] {
            assert!(log.contains(trouble), "{trouble} is in the log");
        }
        world.shows_nobody_but_3scale(&["user key", "service token"]).await;
    })
    .await;
}

#[tokio::test]
async fn applications_with_keys_and_a_provider_key() {
    in_time(async {
        let mut world = World::start(ServiceKind::AppId).await;
        let changes = [
            ("CREDENTIAL_SECRET", ""),
            ("CREDENTIAL_SOURCES", "basic,header:app_id/app_key,query:app_id/app_key"),
            ("THREESCALE_AUTH_TYPE", "app_id"),
            ("THREESCALE_PROVIDER_KEY", PROVIDER_KEY),
            ("THREESCALE_SERVICE_TOKEN", ""),
        ];
        let (authorizer, authrep_async) =
            (world.function("authorizer", &changes).await, world.function("authrep-async", &changes).await);
        let mut answers = String::new();
        for key in [APP_KEY, APP_KEY, WRONG_APP_KEY, MALFORMED_KEY] {
            let pair = json!({ "app_id": APP_ID, "app_key": key });
            let swapped = json!({ "app_id": key, "app_key": APP_ID });
            for event in [
                events::request(&pair, &json!({})),
                events::request(&json!({}), &pair),
                events::request(&events::basic(&format!("{APP_ID}:{key}")), &json!({})),
                // A key is no id: it has characters that no id has.
                events::request(&swapped, &json!({})),
            ] {
                answers += &world.invoke(&authorizer, &event).await;
            }
        }
        for reason in ["granted", "application_key_invalid", "Unauthorized"] {
            assert!(answers.contains(reason), "{reason} is among the answers");
        }
        authorizer.settled().await;
        let messages = world.topic.accepted();
        deliver(&mut world, &authrep_async, &messages).await;
        let log = world.end(authrep_async).await + &world.end(authorizer).await;
        assert!(log.contains("THREESCALE_PROVIDER_KEY opens the whole account") && log.contains("collected"), "{log}");
        world.shows_nobody_but_3scale(&["app key", "wrong app key", "provider key"]).await;
    })
    .await;
}
