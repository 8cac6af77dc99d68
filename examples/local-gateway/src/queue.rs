//! What SNS and the second function are in AWS: messages reach a collector one after the other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use authz_core::collect::{Outcome, Worker};
use authz_core::message::Message;
use lambda_shell::{Collector, Inbox};
use tokio::sync::{mpsc, oneshot};

/// How long the second function may run here, and how long its leases last beyond.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(10);
pub(crate) const MARGIN: Duration = Duration::from_secs(5);

/// A message that could not be collected comes twice more, as Lambda does it; by then the lease has run out.
const MORE_TRIES: u32 = 2;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(20);

/// Delivers messages to a collector, in a task of its own.
#[derive(Clone, Debug)]
pub(crate) struct Queue(mpsc::UnboundedSender<oneshot::Sender<()>>);

impl Queue {
    /// Starts to deliver what comes into `inbox`, until every outbox and every queue is gone.
    pub(crate) fn start(collector: Collector, mut inbox: Inbox) -> Self {
        let (flush, mut flushes) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
        tokio::spawn(async move {
            loop {
                // Messages first, so that a flush is done when nothing that came before it is left.
                tokio::select! {
                    biased;
                    Some(message) = inbox.next() => deliver(&collector, message).await,
                    Some(done) = flushes.recv() => drop(done.send(())),
                    else => break,
                }
            }
        });
        Self(flush)
    }

    /// Waits until every message that has come so far was delivered once.
    pub(crate) async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(done).is_ok() {
            // An error says that the queue has ended, so nothing is left to wait for.
            let _ = is_done.await;
        }
    }
}

async fn deliver(collector: &Collector, message: Message) {
    if collect(collector, &message).await.must_come_again() {
        let collector = collector.clone();
        tokio::spawn(async move {
            for _ in 0..MORE_TRIES {
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
                if !collect(&collector, &message).await.must_come_again() {
                    return;
                }
            }
        });
    }
}

async fn collect(collector: &Collector, message: &Message) -> Outcome {
    static COLLECTIONS: AtomicU64 = AtomicU64::new(1);
    let name = format!("collection-{}", COLLECTIONS.fetch_add(1, Ordering::Relaxed));
    collector.collect(message.clone(), Worker { name, lease: TIME_LIMIT + MARGIN }).await
}
