//! Calls of one key.

use tokio::task::JoinSet;

use crate::account::GOLD;
use crate::api::Api;

/// Sixty calls, one after the other and side by side; the first of them find an empty cache.
pub(crate) async fn sixty(api: &Api) {
    for side_by_side in [4, 1, 1, 1, 1, 1, 1, 10, 10, 10, 10, 10] {
        let mut calls = JoinSet::new();
        for _ in 0..side_by_side {
            let api = api.clone();
            calls.spawn(async move { api.get("/greetings", Some(GOLD)).await.status });
        }
        assert!(calls.join_all().await.iter().all(|status| *status == 200));
    }
}
