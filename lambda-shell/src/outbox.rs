//! Where orders to publish go: out of the way of the answer.

use authz_core::message::Message;
use thiserror::Error;
use tokio::sync::mpsc;

/// Takes messages at once and never waits; whoever holds the [`Inbox`] delivers them.
#[derive(Clone, Debug)]
pub struct Outbox(mpsc::UnboundedSender<Message>);

/// Gives the messages out, in their order.
#[derive(Debug)]
pub struct Inbox(mpsc::UnboundedReceiver<Message>);

impl Outbox {
    /// Makes an outbox and the inbox that its messages reach.
    pub fn new() -> (Self, Inbox) {
        let (outbox, inbox) = mpsc::unbounded_channel();
        (Self(outbox), Inbox(inbox))
    }

    /// Puts a message in.
    pub fn put(&self, message: Message) -> Result<(), NobodyDelivers> {
        self.0.send(message).map_err(|_| NobodyDelivers)
    }
}

/// The inbox is gone. The uses stay in the cache, and a later look at their key rings again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("nobody delivers messages any longer")]
pub struct NobodyDelivers;

impl Inbox {
    /// Waits for the next message; `None` once there is no outbox any longer.
    pub async fn next(&mut self) -> Option<Message> {
        self.0.recv().await
    }
    /// Returns the next message if there is one now.
    pub fn next_now(&mut self) -> Option<Message> {
        self.0.try_recv().ok()
    }
}
