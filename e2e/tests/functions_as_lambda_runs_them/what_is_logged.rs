//! Lines of both functions can be joined, and say which invocation they are of.

use e2e::{Record, binary, log_line, sqs_event};
use runtime_api::Function;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{USER_KEY, World, in_time, token_event};

/// Makes a call, and returns its request id.
async fn call(authorizer: &Function) -> String {
    let invocation = authorizer.invoke(&token_event(USER_KEY)).await.unwrap();
    assert!(invocation.answer.is_ok());
    invocation.request_id
}

#[tokio::test]
async fn a_call_and_the_collection_that_it_asked_for() {
    in_time(async {
        let world = World::start().await;
        let stage = [("SERVERLESS_STAGE", "dev"), ("CREDENTIAL_SECRET", "CANARY-credential-secret")];
        let (authorizer, authrep_async) = (world.authorizer(&stage).await, world.authrep_async(&stage).await);
        let calls = [call(&authorizer).await, call(&authorizer).await];
        authorizer.settled().await;
        let [message] = &world.topic.accepted()[..] else { panic!("one message") };
        let collected = authrep_async.invoke(&sqs_event([Record::raw("1", message)])).await.unwrap().request_id;
        let log = world.end([authorizer, authrep_async]).await;
        let lines: Vec<Value> = log.iter().map(|line| log_line(line)).collect();
        let [miss, hit, collection] = &lines[..] else { panic!("three lines: {log:#?}") };
        let about = |line: &Value, names: &[&str]| names.iter().map(|name| line[*name].clone()).collect::<Value>();
        let ids = ["service", "function_request_id", "correlation_id", "cold_start", "stage"];
        assert_eq!(about(miss, &ids), json!(["authorizer", calls[0], calls[0], true, "dev"]));
        assert_eq!(about(hit, &ids), json!(["authorizer", calls[1], calls[1], false, "dev"]));
        assert_eq!(about(collection, &ids), json!(["authrep-async", collected, calls[1], true, "dev"]));
        let how = ["decision", "reason", "source", "cache", "service_id"];
        assert_eq!(about(miss, &how), json!(["allow", "granted", "3scale", "miss", "7"]));
        assert_eq!(about(hit, &how), json!(["allow", "granted", "cache", "hit", "7"]));
        assert_eq!((&miss["upstream"]["status"], &hit["upstream"]), (&json!(200), &Value::Null));
        assert_eq!((&collection["outcome"], &collection["told"]), (&json!("collected"), &json!(1)));
        for line in lines {
            assert!(line["xray_trace_id"].as_str().unwrap().starts_with("1-"), "{line}");
            assert!(line["function_name"].is_string(), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_start_that_fails_is_counted_for_its_stage() {
    in_time(async {
        let world = World::start().await;
        let variables = world.variables(&[("SERVERLESS_STAGE", "dev"), ("FAIL_MODE", "ajar")]);
        let output = Command::new(binary("authorizer")).env_clear().envs(variables).output().await.unwrap();
        let line = log_line(String::from_utf8(output.stdout).unwrap().trim_end());
        assert_eq!((&line["message"], &line["stage"]), (&json!("the function can't start"), &json!("dev")));
        assert_eq!(line["FailedStarts"], json!(1));
        world.end([]).await;
    })
    .await;
}
