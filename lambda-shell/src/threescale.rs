//! HTTP to 3scale.

use std::time::Duration;

use authz_core::threescale::{Failure, Method, Reply, ServiceCall};
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::http::{Answer, exchange};

/// A client of 3scale's Service Management API.
#[derive(Clone, Debug)]
pub struct Threescale {
    client: reqwest::Client,
    backend_url: String,
}

impl Threescale {
    /// Makes a client of the API at `backend_url`.
    pub fn new(client: reqwest::Client, backend_url: &str) -> Self {
        Self { client, backend_url: backend_url.to_owned() }
    }

    /// Makes a call; what there is of an answer after `time_limit` is no answer.
    pub async fn send(&self, call: &ServiceCall, time_limit: Duration) -> Result<Reply, Failure> {
        tokio::time::timeout(time_limit, self.exchange(call)).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, call: &ServiceCall) -> Result<Reply, Failure> {
        let url = call.url(&self.backend_url);
        let request = match (call.method(), call.body()) {
            (Method::Post, Some(body)) => {
                let form = self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                form.body(body.to_owned())
            }
            (Method::Get | Method::Post, _) => {
                let (name, options) = ServiceCall::OPTIONS;
                self.client.get(url).header(name, options)
            }
        };
        let request = request.build().map_err(|_| Failure::NotConnected)?;
        let Answer { status, headers, body } = exchange(&self.client, request, Reply::MAX_BODY_BYTES).await?;
        Ok(Reply {
            status,
            rejection_reason: text(&headers, "3scale-rejection-reason"),
            limit_remaining: text(&headers, "3scale-limit-remaining"),
            limit_reset: text(&headers, "3scale-limit-reset"),
            limit_max_value: text(&headers, "3scale-limit-max-value"),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
