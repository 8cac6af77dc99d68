//! One request and its whole answer, over the process's client.

use reqwest::header::HeaderMap;
use reqwest::{Client, Request};
use thiserror::Error;

/// Why AWS gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoAnswer {
    /// Nobody accepted the connection, or its TLS was not to be trusted. Nothing was sent.
    #[error("can't be reached")]
    NotConnected,
    /// There was no whole answer in time.
    #[error("did not answer in time")]
    TimedOut,
    /// The connection broke, or what came was not HTTP.
    #[error("broke off")]
    CutOff,
    /// The answer was larger than any of AWS's.
    #[error("answered with too much")]
    TooLarge,
}

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Holds a secret of 64 KiB, the most that Secrets Manager keeps, however it is escaped in JSON.
const MAX_BODY_BYTES: usize = 512 * 1024;

/// Sends a request and reads its whole answer. It does not watch the time.
pub(super) async fn exchange(client: &Client, request: Request) -> Result<Answer, NoAnswer> {
    // An error of the client shows the URL: only its kind is passed on.
    let mut response = client.execute(request).await.map_err(|error| no_answer(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(NoAnswer::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), body })
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_timeout() {
        NoAnswer::TimedOut
    } else if error.is_connect() || error.is_builder() {
        NoAnswer::NotConnected
    } else {
        NoAnswer::CutOff
    }
}
