//! The recorded answers of a real backend, and the accounts they were recorded against.

mod accounts;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) use accounts::{account_of_set_a, account_of_set_b};
use threescale_stub::{Request, Response};

/// A request and what 3scale answered.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: Request,
    pub(crate) answer: Response,
}

/// Returns the cases of a set in the order of the recording.
pub(crate) fn cases(set: &str) -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../authz-core/tests/recorded/threescale-backend.json");
    let text = std::fs::read_to_string(path).expect("the recording is checked in");
    let recording: Recording = serde_json::from_str(&text).expect("the recording is JSON of the known shape");
    recording.cases.into_iter().filter(|case| case.set == set).map(RecordedCase::into_case).collect()
}

#[derive(serde::Deserialize)]
struct Recording {
    cases: Vec<RecordedCase>,
}

#[derive(serde::Deserialize)]
struct RecordedCase {
    set: String,
    name: String,
    request: RecordedRequest,
    response: RecordedResponse,
}

#[derive(serde::Deserialize)]
struct RecordedRequest {
    method: String,
    path: String,
    query: Option<String>,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

#[derive(serde::Deserialize)]
struct RecordedResponse {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

impl RecordedCase {
    fn into_case(self) -> Case {
        let body = whole_batch(&self.name).or(self.request.body).unwrap_or_default();
        let mut request = Request {
            method: self.request.method,
            path: self.request.path,
            query: self.request.query.unwrap_or_default(),
            headers: self.request.headers.into_iter().collect(),
            body: body.into_bytes(),
        };
        if let Some(content_type) = unrecorded_content_type(&self.name) {
            request = request.with_header("content-type", content_type);
        }
        let lower = |(name, value): (String, String)| (name.to_lowercase(), value);
        let answer = Response {
            status: self.response.status,
            headers: self.response.headers.into_iter().map(lower).collect(),
            body: self.response.body.unwrap_or_default(),
        };
        Case { name: self.name, request, answer }
    }
}

/// Rebuilds the large batches, of which the recording holds the beginning only.
fn whole_batch(name: &str) -> Option<String> {
    if let Some(count) = name.strip_prefix("report.batch_of_") {
        return Some(batch("tok_100", "uk_grand", "bytes", count.parse().ok()?, ""));
    }
    let (count, rest) = name.strip_prefix("report batch ")?.split_once(" tx x ")?;
    let timestamp = if rest.starts_with('3') { "1784543400" } else { "" };
    Some(batch("tok100", "uk1", "hits", count.parse().ok()?, timestamp))
}

fn batch(token: &str, user_key: &str, metric: &str, count: usize, timestamp: &str) -> String {
    let mut form = format!("service_token={token}&service_id=100");
    for index in 0..count {
        let _ = write!(form, "&transactions[{index}][user_key]={user_key}&transactions[{index}][usage][{metric}]=1");
        if !timestamp.is_empty() {
            let _ = write!(form, "&transactions[{index}][timestamp]={timestamp}");
        }
    }
    form
}

/// Set A was recorded without request content types, though two cases are about them.
fn unrecorded_content_type(name: &str) -> Option<&'static str> {
    match name {
        "report content type json" => Some("application/json"),
        "report content type with charset" => Some("application/x-www-form-urlencoded; charset=utf-8"),
        _ => None,
    }
}
