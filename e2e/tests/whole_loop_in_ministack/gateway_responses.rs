//! Refusals of a REST API in its operator's own words.

use serde_json::json;

use crate::account::UNKNOWN;
use crate::api::{Answer, Api, mock, request};
use crate::cloud::Cloud;

/// A denial is `ACCESS_DENIED`, a key that is missing or malformed is `UNAUTHORIZED`.
///
/// ministack does not know `$context.authorizer`, which would tell the reason.
#[tokio::test]
async fn a_denial_and_a_missing_key_have_a_gateway_response_each() {
    let cloud = Cloud::start().await;
    let api = Api::create(&cloud, &request(&cloud.deploy("authorizer").await), &mock()).await;
    for gateway_response in ["ACCESS_DENIED", "UNAUTHORIZED"] {
        api.customize(gateway_response, r#"{"refused_by":"$context.error.responseType"}"#).await;
    }
    let refused = |status, gateway_response| Answer { status, body: json!({ "refused_by": gateway_response }) };
    assert_eq!(api.get("/greetings", Some(UNKNOWN)).await, refused(403, "ACCESS_DENIED"));
    let too_long = "x".repeat(257);
    for key in [None, Some(too_long.as_str())] {
        assert_eq!(api.get("/greetings", key).await, refused(401, "UNAUTHORIZED"));
    }
}
