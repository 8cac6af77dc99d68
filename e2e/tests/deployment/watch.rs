//! Dashboard and alarms name only what is measured.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use authz_core::verdict::Reason;
use lambda_shell::Metric;
use serde_json::{Value, json};

use crate::stack::Stack;
use crate::terraform::Module;

/// What the functions measure.
static METRICS: LazyLock<Vec<&str>> = LazyLock::new(|| Metric::ALL.iter().map(|metric| metric.name()).collect());

/// What AWS measures, of what is named here.
const OF_AWS: [(&str, &[&str]); 4] = [
    ("AWS/ApiGateway", &["Count", "4XXError", "5XXError"]),
    ("AWS/ElastiCache", &["DatabaseMemoryUsageCountedForEvictPercentage", "Evictions"]),
    ("AWS/Lambda", &["ConcurrentExecutions", "Throttles"]),
    ("AWS/SQS", &["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"]),
];

#[test]
fn alarms_name_what_is_measured_where_it_is_measured() {
    for stack in Stack::all() {
        for alarm in stack.of_type("AWS::CloudWatch::Alarm") {
            let place = format!("{}: {}", stack.name, alarm["AlarmName"]);
            match alarm["Metrics"][0]["Expression"].as_str() {
                Some(query) => check_query(&place, query),
                None => check(&place, alarm["Namespace"].as_str().unwrap(), alarm["MetricName"].as_str().unwrap()),
            }
            let dimensions = alarm["Dimensions"].as_array().cloned().unwrap_or_default();
            for dimension in &dimensions {
                let value = dimension["Value"].as_str().unwrap();
                match dimension["Name"].as_str().unwrap() {
                    "service" => assert!(SERVICES.contains(&value), "{place}: {value}"),
                    "reason" => {
                        assert_eq!(alarm["MetricName"], "Decisions", "{place}");
                        assert!(Reason::ALL.iter().any(|reason| reason.code() == value), "{place}: {value}");
                    }
                    "stage" | "Stage" => assert_eq!(value, stack.stage, "{place}"),
                    "ApiName" | "FunctionName" | "QueueName" => check_name(&place, stack, value),
                    other => panic!("{place}: {other}"),
                }
            }
            let is_ours = alarm["Namespace"] == NAMESPACE;
            let names: Vec<_> = dimensions.iter().map(|dimension| dimension["Name"].as_str().unwrap()).collect();
            assert!(!is_ours || names.starts_with(&["service", "stage"]), "{place}: {names:?}");
        }
    }
}

#[test]
fn somebody_is_told_of_all_that_matters() {
    let needed = [
        "ConfigurationError",
        "BackendUnavailable",
        "CacheFailures",
        "FailedCollections",
        "DroppedUses",
        "LostUses",
        "AuthorizerFailedStarts",
        "AuthrepAsyncFailedStarts",
        "CacheMemory",
        "CacheEvictions",
        "ApiFaults",
        "Throttles",
    ];
    for stack in Stack::all() {
        let queue: &[&str] = if stack.stage == "prod" { &["DeadLetters", "QueueAge"] } else { &[] };
        for alarm in needed.iter().chain(queue) {
            let properties = stack.properties(&format!("{alarm}Alarm"));
            assert_eq!(properties["TreatMissingData"], "notBreaching", "{}: {alarm}", stack.name);
        }
    }
}

#[test]
fn the_dashboard_shows_what_is_measured() {
    for stack in Stack::all() {
        let body = stack.properties("Dashboard")["DashboardBody"].as_str().unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let mut shown = BTreeSet::new();
        for widget in body["widgets"].as_array().unwrap() {
            let place = format!("{}: {}", stack.name, widget["properties"]["title"]);
            let mut namespace = "";
            for metric in widget["properties"]["metrics"].as_array().unwrap() {
                match (metric[0]["expression"].as_str(), metric[0].as_str(), metric[1].as_str()) {
                    (Some(search), ..) => check_query(&place, search),
                    (None, Some(said), Some(name)) => {
                        // A dot repeats what the line above says.
                        namespace = if said == "." { namespace } else { said };
                        check(&place, namespace, name);
                        shown.insert(name.to_owned());
                    }
                    other => panic!("{place}: {other:?}"),
                }
            }
        }
        let missing: Vec<_> = METRICS.iter().filter(|name| !body.to_string().contains(*name)).collect();
        assert!(missing.is_empty() && shown.len() > 10, "{}: {missing:?}", stack.name);
    }
}

#[test]
fn terraform_watches_by_the_same_templates() {
    let module = Module::read();
    for name in ["dashboard", "alarms"] {
        let stack = module.resource("aws_cloudformation_stack", name);
        assert_eq!(stack["template_body"], json!([format!("${{path.module}}/../cloudformation/{name}.yaml")]));
    }
}

const NAMESPACE: &str = "ThreescaleAuthorizer";
const SERVICES: [&str; 2] = ["authorizer", "authrep-async"];

fn check(place: &str, namespace: &str, name: &str) {
    let known = OF_AWS.iter().find(|(known, _)| *known == namespace).map_or(&**METRICS, |(_, names)| names);
    assert!(namespace == NAMESPACE || namespace.starts_with("AWS/"), "{place}: {namespace}");
    assert!(known.contains(&name), "{place}: {namespace} has no {name}");
}

/// A search of a dashboard, or a query of an alarm: names are among other words.
fn check_query(place: &str, query: &str) {
    let of_aws = OF_AWS.iter().flat_map(|(namespace, names)| names.iter().map(move |name| (*namespace, *name)));
    let all = METRICS.iter().map(|name| (NAMESPACE, *name)).chain(of_aws);
    let named: Vec<_> = all
        .filter(|(namespace, name)| {
            let mentions = [format!("MetricName=\"{name}\""), format!("({name})")];
            query.contains(namespace) && mentions.iter().any(|mention| query.contains(mention))
        })
        .collect();
    assert_eq!(named.len(), 1, "{place}: {query}");
}

/// What AWS calls it is what the template calls it.
fn check_name(place: &str, stack: &Stack, name: &str) {
    let all = stack.resources.values().map(|resource| &resource["Properties"]);
    let is_there = all
        .into_iter()
        .any(|properties| ["FunctionName", "QueueName", "Name"].iter().any(|member| properties[member] == name));
    assert!(is_there, "{place}: {name}");
}
