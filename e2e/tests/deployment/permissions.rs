//! Nobody may do more than it must.

use serde_json::{Value, json};

use crate::stack::Stack;
use crate::terraform::Module;

/// What AWS allows on no narrower resource.
const NETWORK_INTERFACES: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// What both roles of a stage may do together, and on what, by the names of statements.
const STATEMENTS: [(&str, &[&str], &str); 6] = [
    ("Log", &["logs:CreateLogStream", "logs:PutLogEvents"], ":*"),
    ("Publish", &["sns:Publish"], ""),
    ("SealMessages", &["kms:GenerateDataKey", "kms:Decrypt"], ""),
    ("ReadParameters", &["ssm:GetParameter"], "/*"),
    ("ReadSecrets", &["secretsmanager:GetSecretValue"], "/*"),
    ("Receive", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], ""),
];

#[test]
fn roles_may_do_what_the_functions_need_on_resources_that_are_theirs() {
    for stack in Stack::all() {
        let documents = stack.of_type("AWS::IAM::Role").flat_map(|role| list(&role["Policies"]));
        let documents = documents.map(|policy| policy["PolicyDocument"].clone());
        let shared = stack.of_type("AWS::IAM::ManagedPolicy").map(|policy| policy["PolicyDocument"].clone());
        let expected = if stack.stage == "dev" { 5 } else { 6 };
        assert_eq!(check(&stack.name, &documents.chain(shared).collect::<Vec<_>>()), expected, "{}", stack.name);
    }
    let policies: Vec<_> = Module::read()
        .resources("aws_iam_role_policy")
        .into_iter()
        .map(|(_, policy)| policy["policy"].clone())
        .collect();
    assert_eq!(check("terraform", &policies), 6);
}

#[test]
fn each_function_has_permissions_of_its_own() {
    let names = |document: &Value| -> Vec<String> {
        let statements = flat(&document["Statement"]);
        statements.iter().map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
    };
    for stack in Stack::all() {
        let of = |role: &str| names(&stack.properties(role)["Policies"][0]["PolicyDocument"]);
        assert_eq!(of("AuthorizerRole"), ["Log", "Publish", "SealMessages"], "{}", stack.name);
        let expected: &[&str] = if stack.stage == "dev" { &["Log"] } else { &["Log", "Receive"] };
        assert_eq!(of("AuthrepAsyncRole"), expected, "{}", stack.name);
    }
    let module = Module::read();
    let of = |role: &str| names(&module.resource("aws_iam_role_policy", role)["policy"]);
    assert_eq!(of("authorizer"), ["Log", "Publish", "SealMessages"]);
    assert_eq!(of("authrep_async"), ["Log", "Receive"]);
}

#[test]
fn policies_of_others_are_those_of_the_stack() {
    for stack in Stack::all() {
        for role in stack.of_type("AWS::IAM::Role") {
            assert_eq!(role["ManagedPolicyArns"], json!(["<BothFunctions>"]), "{}", stack.name);
        }
    }
    let module = Module::read();
    assert!(module.has("aws_iam_role") && !module.has("aws_iam_role_policy_attachment"));
}

#[test]
fn a_queue_takes_messages_of_its_topic_alone_and_functions_are_invoked_by_whom_they_serve() {
    for stack in Stack::all() {
        for policy in stack.of_type("AWS::SQS::QueuePolicy") {
            let statement = &policy["PolicyDocument"]["Statement"][0];
            assert_eq!(
                statement["Condition"],
                json!({ "ArnEquals": { "aws:SourceArn": "<Topic>" } }),
                "{}",
                stack.name
            );
        }
        for permission in stack.of_type("AWS::Lambda::Permission") {
            let from = permission["SourceArn"].as_str().unwrap();
            assert!(from == "<Topic>" || from.ends_with(":<Api>/authorizers/*"), "{}: {from}", stack.name);
        }
    }
    let module = Module::read();
    let statement = &module.resource("aws_sqs_queue_policy", "topic_may_send")["policy"]["Statement"][0];
    assert_eq!(statement["Condition"], json!({ "ArnEquals": { "aws:SourceArn": "aws_sns_topic.uses.arn" } }));
    for (name, permission) in module.resources("aws_lambda_permission") {
        let from = permission["source_arn"].as_str().unwrap();
        let expected = ["aws_sns_topic.uses.arn", "${aws_api_gateway_rest_api.api.execution_arn}/authorizers/*"];
        assert!(expected.contains(&from), "{name}: {from}");
    }
}

/// Returns how many of [`STATEMENTS`] there are.
fn check(name: &str, documents: &[Value]) -> usize {
    let statements: Vec<_> = documents.iter().flat_map(|document| flat(&document["Statement"])).collect();
    for statement in &statements {
        let (sid, actions) = (statement["Sid"].as_str().unwrap(), flat(&statement["Action"]));
        let Some((_, expected, ending)) = STATEMENTS.iter().find(|(known, ..)| *known == sid) else {
            check_network_interfaces(name, statement);
            continue;
        };
        assert_eq!(actions, expected.iter().map(|action| json!(action)).collect::<Vec<_>>(), "{name}: {sid}");
        for resource in flat(&statement["Resource"]) {
            let resource = resource.as_str().unwrap();
            let narrow = resource.strip_suffix(ending).unwrap_or(resource);
            assert!(!narrow.is_empty() && !narrow.contains('*'), "{name}: {sid}: {resource}");
        }
    }
    let names: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
    assert!(names.contains(&"NetworkInterfacesByLambdaAlone"), "{name}: {names:?}");
    STATEMENTS.iter().filter(|(sid, ..)| names.contains(sid)).count()
}

/// Lambda may make interfaces for the functions, and the functions' own code may not.
fn check_network_interfaces(name: &str, statement: &Value) {
    let is_allowed = statement["Sid"] == "NetworkInterfaces" && statement["Effect"] == "Allow";
    let is_denied = statement["Sid"] == "NetworkInterfacesByLambdaAlone"
        && statement["Effect"] == "Deny"
        && statement["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"] != Value::Null;
    assert!((is_allowed || is_denied) && statement["Resource"] == "*", "{name}: {statement}");
    let actions = &statement["Action"];
    assert!(*actions == json!(NETWORK_INTERFACES) || *actions == "local.network_interfaces", "{name}: {actions}");
    if *actions == "local.network_interfaces" {
        assert_eq!(Module::read().local("network_interfaces"), json!(NETWORK_INTERFACES));
    }
}

/// One or many, in lists of lists.
fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        one => vec![one.clone()],
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
