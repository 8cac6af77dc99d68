//! What a call counts at 3scale, and which calls count nothing.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use crate::account::GOLD;
use crate::api::{Api, mock, request, simple};
use crate::cloud::Cloud;
use crate::collector::collect;

/// Rules see the path below the stage, whatever the API. A call that none matches is 403, and 3scale hears nothing of it.
///
/// On AWS `rawPath` of an HTTP API begins with the stage; ministack leaves it out.
#[tokio::test]
async fn a_call_counts_what_its_mapping_rules_say() {
    let cloud = Cloud::start().await;
    cloud.deploy("authrep-async").await;
    let authorizer = cloud.deploy_with("authorizer", with_rules).await;
    let backend = cloud.deploy_backend().await;
    let apis = [
        Api::create(&cloud, &request(&authorizer), &mock()).await,
        Api::create_http(&cloud, "dev", &simple(&authorizer), &backend).await,
        Api::create_http(&cloud, "$default", &simple(&authorizer), &backend).await,
    ];
    let calls = [
        (Method::GET, "/greetings", 200),
        (Method::GET, "/greetings?language=eo", 200),
        (Method::GET, "/greetings/7", 403),
        (Method::POST, "/greetings", 403),
        (Method::POST, "/orders/7", 200),
        (Method::POST, "/v1/orders/7", 403),
    ];
    for api in &apis {
        for (method, path, status) in &calls {
            let answer = api.send(method.clone(), path, Some(GOLD)).await;
            assert_eq!(answer.status, *status, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(cloud.asked(), 2, "of the calls that match, two are not in the cache: a read and a write");

    collect(&cloud).await;
    let counted = ["reads", "writes", "hits"].map(|metric| cloud.counted_of(GOLD, metric));
    assert_eq!(counted, [6, 15, 21], "3scale adds up methods as hits");
}

fn with_rules(variables: &mut BTreeMap<&'static str, String>) {
    let rules = json!([
        { "http_method": "GET", "pattern": "/greetings$", "metric": "reads" },
        { "http_method": "POST", "pattern": "/orders", "metric": "writes", "delta": 5 },
    ]);
    variables.insert("MAPPING_RULES", rules.to_string());
}
