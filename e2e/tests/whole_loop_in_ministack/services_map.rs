//! Several APIs, each with a service of its own.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use crate::account::{GOLD, PARTNER, PARTNERS_ID, PARTNERS_TOKEN, SERVICE_ID};
use crate::api::{Api, mock, request, simple};
use crate::cloud::Cloud;
use crate::collector::collect;

/// Gateway and stage name the service, its token and its rules. A call through any other is 403, and 3scale hears
/// nothing of it.
#[tokio::test]
async fn each_api_asks_and_tells_its_own_service() {
    let cloud = Cloud::start().await;
    let backend = cloud.deploy_backend().await;
    let ours = Api::create(&cloud, &request(AUTHORIZER), &mock()).await;
    let partners = Api::create_http(&cloud, "$default", &simple(AUTHORIZER), &backend).await;
    let unmapped = Api::create(&cloud, &request(AUTHORIZER), &mock()).await;
    deploy_functions(&cloud, &ours, &partners).await;

    for (api, key, status) in [
        (&ours, GOLD, 200),
        (&ours, GOLD, 200),
        (&ours, PARTNER, 403),
        (&partners, PARTNER, 200),
        (&partners, PARTNER, 200),
        (&partners, GOLD, 403),
    ] {
        assert_eq!(api.send(Method::POST, "/orders", Some(key)).await.status, status, "{key} at {}", api.id);
    }
    let asked = cloud.asked();
    for key in [GOLD, PARTNER] {
        assert_eq!(unmapped.get("/orders", Some(key)).await.status, 403);
    }
    assert_eq!((asked, cloud.asked()), (4, 4), "3scale is not asked about an API that belongs to nobody");

    collect(&cloud).await;
    assert_eq!((cloud.counted(GOLD), cloud.counted_of(GOLD, "orders")), (2, 0));
    assert_eq!((cloud.counted(PARTNER), cloud.counted_of(PARTNER, "orders")), (0, 6));
}

/// The functions are told the ids of the APIs, so they come after them.
async fn deploy_functions(cloud: &Cloud, ours: &Api, partners: &Api) {
    let map = json!([
        { "gateway": ours.id, "stage": "dev", "service_id": SERVICE_ID },
        {
            "gateway": partners.id,
            "stage": "$default",
            "service_id": PARTNERS_ID,
            "service_token": PARTNERS_TOKEN,
            "mapping_rules": [{ "http_method": "POST", "pattern": "/orders", "metric": "orders", "delta": 3 }],
        },
    ]);
    let mapped = |variables: &mut BTreeMap<_, _>| {
        variables.remove("THREESCALE_SERVICE_ID");
        variables.insert("SERVICES_MAP", map.to_string());
    };
    assert_eq!(cloud.deploy_with("authorizer", mapped).await, AUTHORIZER);
    cloud.deploy_with("authrep-async", mapped).await;
}

const AUTHORIZER: &str = "arn:aws:lambda:us-east-1:000000000000:function:authorizer";
