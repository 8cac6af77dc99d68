//! The backend of a WebSocket API: an echo.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::Response;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use serde_json::{Value, json};

/// A handshake that asks to be let in.
#[derive(Debug)]
pub(crate) struct Handshake(WebSocketUpgrade);

impl Handshake {
    /// Reads a request; `Err` is the answer to what is no handshake.
    pub(crate) async fn of(request: &mut Parts) -> Result<Self, Response<Body>> {
        WebSocketUpgrade::from_request_parts(request, &()).await.map(Self).map_err(IntoResponse::into_response)
    }

    /// Lets it in. The first message says what the authorizer told, those that follow are the client's own.
    pub(crate) fn accept(self, authorizer: &Value) -> Response<Body> {
        let first = json!({ "context": authorizer }).to_string();
        self.0.on_upgrade(|socket| async move {
            // A client that leaves ends it.
            let _ = echo(socket, first).await;
        })
    }
}

async fn echo(mut socket: WebSocket, first: String) -> Result<(), axum::Error> {
    socket.send(Message::from(first)).await?;
    while let Some(message) = socket.recv().await {
        match message? {
            message @ (Message::Text(_) | Message::Binary(_)) => socket.send(message).await?,
            // The library answers these.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }
    Ok(())
}
