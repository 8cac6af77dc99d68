//! What wakes authrep-async: a queue where the stage has one, else the topic itself.

use serde_json::{Value, json};

use crate::stack::{Stack, text};
use crate::terraform::Module;

#[test]
fn a_message_comes_again_when_nobody_can_still_be_at_it_and_is_kept_where_it_failed_for_good() {
    for stack in Stack::all().iter().filter(|stack| stack.stage == "prod") {
        let queue = stack.properties("Queue");
        let time_limit = number(&stack.properties("AuthrepAsyncLambdaFunction")["Timeout"]);
        assert!(number(&queue["VisibilityTimeout"]) >= 6 * time_limit, "{}", stack.name);
        assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"], "<DeadLetters.Arn>", "{}", stack.name);
        for queue in [queue, stack.properties("DeadLetters")] {
            assert_eq!(queue["MessageRetentionPeriod"], 24 * 60 * 60, "{}", stack.name);
            assert_eq!(queue["SqsManagedSseEnabled"], true, "{}", stack.name);
        }
    }
    let module = Module::read();
    let queue = module.resource("aws_sqs_queue", "uses");
    assert_eq!(queue["visibility_timeout_seconds"], "6 * var.deployment.authrep_async.timeout_secs");
    assert_eq!(queue["redrive_policy"]["deadLetterTargetArn"], "aws_sqs_queue.dead_letters[0].arn");
    for queue in [queue, module.resource("aws_sqs_queue", "dead_letters")] {
        assert_eq!(queue["message_retention_seconds"], 24 * 60 * 60);
        assert_eq!(queue["sqs_managed_sse_enabled"], true);
    }
}

#[test]
fn messages_of_a_batch_fail_one_by_one() {
    for stack in Stack::all().iter().filter(|stack| stack.stage == "prod") {
        let wakes = stack.properties("QueueWakes");
        assert_eq!(wakes["EventSourceArn"], "<Queue.Arn>", "{}", stack.name);
        assert_eq!(wakes["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{}", stack.name);
        assert!(number(&wakes["ScalingConfig"]["MaximumConcurrency"]) >= 2, "{}", stack.name);
        assert_eq!(number(&wakes["BatchSize"]), 100, "{}", stack.name);
        assert_eq!(stack.properties("QueueSubscription")["RawMessageDelivery"], true, "{}", stack.name);
        assert!(!stack.resources.contains_key("TopicWakes"), "{}", stack.name);
    }
    let module = Module::read();
    let wakes = module.resource("aws_lambda_event_source_mapping", "queue_wakes");
    assert_eq!(wakes["function_response_types"], json!(["ReportBatchItemFailures"]));
    assert_eq!(wakes["scaling_config"], json!([{ "maximum_concurrency": 5 }]));
    assert_eq!(module.resource("aws_sns_topic_subscription", "queue")["raw_message_delivery"], true);
}

#[test]
fn the_functions_know_how_long_the_queue_takes() {
    for stack in Stack::all().iter().filter(|stack| stack.stage == "prod") {
        let delay = number(&stack.properties("Queue")["DelaySeconds"]);
        let window = number(&stack.properties("QueueWakes")["MaximumBatchingWindowInSeconds"]);
        let known = &stack.properties("AuthorizerLambdaFunction")["Environment"]["Variables"]["COLLECT_DELAY_SECS"];
        assert_eq!(number(known), delay + window, "{}", stack.name);
    }
    let module = Module::read();
    let queue = module.resource("aws_sqs_queue", "uses");
    assert_eq!(queue["delay_seconds"], "var.deployment.queue.delay_secs");
    let wakes = module.resource("aws_lambda_event_source_mapping", "queue_wakes");
    assert_eq!(wakes["maximum_batching_window_in_seconds"], "var.deployment.queue.batch_window_secs");
}

#[test]
fn a_stage_without_a_queue_is_woken_by_the_topic() {
    for stack in Stack::all().iter().filter(|stack| stack.stage == "dev") {
        let wakes = stack.properties("TopicWakes");
        let expected = json!({
            "TopicArn": "<Topic>", "Protocol": "lambda", "Endpoint": "<AuthrepAsyncLambdaFunction.Arn>"
        });
        assert_eq!(*wakes, expected, "{}", stack.name);
        assert!(stack.of_type("AWS::SQS::Queue").next().is_none(), "{}", stack.name);
    }
    let module = Module::read();
    assert_eq!(module.resource("aws_sns_topic_subscription", "topic_wakes")["count"], "local.queued ? 0 : 1");
    assert_eq!(module.resource("aws_sqs_queue", "uses")["count"], "local.queued ? 1 : 0");
}

#[test]
fn messages_are_encrypted_under_a_key_that_the_authorizer_may_use() {
    for stack in Stack::all() {
        assert_eq!(stack.properties("Topic")["KmsMasterKeyId"], "<TopicKey>", "{}", stack.name);
    }
    let topic = Module::read().resource("aws_sns_topic", "uses");
    assert_eq!(topic["kms_master_key_id"], "aws_kms_key.topic.key_id");
}

fn number(value: &Value) -> u64 {
    text(value).parse().unwrap()
}
