//! Who may open a WebSocket.

use serde_json::json;

use crate::account::{GOLD, SUSPENDED, UNKNOWN};
use crate::api::{WebSocketApi, connect, heard};
use crate::cloud::Cloud;
use crate::gateway_answers::assert_told;

/// 101 for whom 3scale knows, 403 for all others, 401 without a key. Messages pass unasked, and the backend hears who
/// sends them. Mapping rules do not look at a socket: to open one is one of `hits`.
#[tokio::test]
async fn a_web_socket_is_opened_for_whom_3scale_knows() {
    let cloud = Cloud::start().await;
    let authorizer = cloud.deploy_with("authorizer", |variables| {
        let rules = json!([{ "http_method": "GET", "pattern": "/greetings", "metric": "reads" }]);
        variables.insert("MAPPING_RULES", rules.to_string());
    });
    let api = WebSocketApi::create(&cloud, &connect(&authorizer.await), &cloud.deploy_backend().await).await;
    for decision in ["allow granted miss", "allow granted hit"] {
        let socket = api.open(Some(GOLD)).await;
        assert_eq!(socket.status(), 101);
        assert_told(&heard(socket).await, decision);
    }
    for key in [UNKNOWN, SUSPENDED] {
        assert_eq!(api.open(Some(key)).await.status(), 403, "{key}");
    }
    let invocations = cloud.invocations("authorizer").await;
    for key in [None, Some("")] {
        assert_eq!(api.open(key).await.status(), 401, "{key:?}");
    }
    assert_eq!((invocations, cloud.invocations("authorizer").await), (4, 4), "API Gateway answers by itself");
    assert_eq!((cloud.counted(GOLD), cloud.counted_of(GOLD, "reads")), (1, 0));
}
