//! What API Gateway does with an answer that it keeps.

use std::collections::BTreeMap;

use serde_json::json;

use crate::account::{GOLD, UNKNOWN};
use crate::api::{Answer, Api, mock, request, simple};
use crate::cloud::Cloud;

/// No matching Allow is 403: the policy of one path is kept, and asked about another.
#[tokio::test]
async fn an_exact_policy_that_api_gateway_keeps_is_a_trap() {
    let cloud = Cloud::start().await;
    let exact = |variables: &mut BTreeMap<_, _>| {
        variables.insert("POLICY_SCOPE", "exact".to_owned());
    };
    let mut authorizer = request(&cloud.deploy_with("authorizer", exact).await);
    let asks = Api::create(&cloud, &authorizer, &mock()).await;
    authorizer["authorizerResultTtlInSeconds"] = json!(300);
    authorizer["identitySource"] = json!("method.request.header.apikey");
    let keeps = Api::create(&cloud, &authorizer, &mock()).await;
    for path in ["/a", "/b", "/a"] {
        assert_eq!(asks.get(path, Some(GOLD)).await.status, 200, "{path}");
    }
    let invocations = cloud.invocations("authorizer").await;
    assert_eq!(keeps.get("/a", Some(GOLD)).await.status, 200);
    let no_allow = Answer { status: 403, body: json!({ "Message": "User is not authorized to access this resource" }) };
    assert_eq!(keeps.get("/b", Some(GOLD)).await, no_allow);
    assert_eq!(keeps.get("/a", Some(GOLD)).await.status, 200);
    assert_eq!((invocations, cloud.invocations("authorizer").await), (3, 4));
}

/// Yes and no alike are kept for each key, and hold for every path.
#[tokio::test]
async fn an_answer_that_an_http_api_keeps_covers_the_stage() {
    let cloud = Cloud::start().await;
    let mut authorizer = simple(&cloud.deploy("authorizer").await);
    authorizer["authorizerResultTtlInSeconds"] = json!(300);
    let api = Api::create_http(&cloud, "$default", &authorizer, &cloud.deploy_backend().await).await;
    for (key, status) in [(GOLD, 200), (UNKNOWN, 403)] {
        for path in ["/a", "/b/c", "/d?e=f"] {
            assert_eq!(api.get(path, Some(key)).await.status, status, "{path}");
        }
    }
    assert_eq!(cloud.invocations("authorizer").await, 2);
    assert_eq!(cloud.counted(GOLD), 1, "who lets API Gateway keep answers does not count every call");
}
