//! The one operation of Amazon SNS that the authorizer calls, on loopback: messages go to the queue of this process.

use std::collections::BTreeMap;
use std::io;

use authz_core::message::Message;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use lambda_shell::Outbox;
use tokio::net::TcpListener;

use crate::account::set_if_missing;

/// The topic's name, wherever one is asked for.
const ARN: &str = "arn:aws:sns:us-east-1:123456789012:authrep";

const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>local</MessageId></PublishResult></PublishResponse>";

/// Starts a topic of this process for a built authorizer, and names it in its variables, with credentials that nobody
/// checks.
pub(crate) async fn name(outbox: Outbox, variables: &mut BTreeMap<String, String>) -> io::Result<()> {
    // Another may be named, to see what happens without a topic.
    set_if_missing(variables, "AWS_ENDPOINT_URL_SNS", &start(outbox).await?);
    variables.extend(
        [("SNS_TOPIC_ARN", ARN), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")]
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
    );
    Ok(())
}

/// Starts the topic in a task of its own, and returns its URL.
async fn start(outbox: Outbox) -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new().fallback(publish).with_state(outbox);
    tokio::spawn(async {
        // Accepting does not fail.
        let _ = axum::serve(listener, router).await;
    });
    Ok(url)
}

async fn publish(State(outbox): State<Outbox>, form: Bytes) -> (StatusCode, &'static str) {
    let text = form_urlencoded::parse(&form).find(|(name, _)| name == "Message");
    let message = text.and_then(|(_, text)| Message::decode(&text).ok());
    match message.map(|message| outbox.put(message)) {
        Some(Ok(())) => (StatusCode::OK, PUBLISHED),
        Some(Err(_)) | None => (StatusCode::BAD_REQUEST, ""),
    }
}
