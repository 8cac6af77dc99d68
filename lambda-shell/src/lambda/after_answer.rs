//! What is done when API Gateway has its answer: messages are published.
//!
//! An internal extension keeps the function awake between two invocations, so SNS never delays a client. Where there can
//! be none, in emulators, messages are published before the answer ends.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lambda_extension::{Extension, LambdaEvent, service_fn};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

use crate::telemetry::Role;
use crate::{Clock, Courier, Inbox, Log, Sns};

/// Lambda registers at once; an emulator that stays silent must not hold up the start.
const REGISTER_LIMIT: Duration = Duration::from_secs(2);

/// Publishes messages: by the extension, once it is told that an answer is given, or before the answer ends.
#[derive(Clone)]
pub(super) struct AfterAnswer(Arc<Shared>);

struct Shared {
    courier: Mutex<Courier>,
    given: Notify,
    has_extension: AtomicBool,
    log: Log,
}

/// An answer that is being made. It counts as given when this is dropped, a panic included: an extension that waits for
/// ever would keep Lambda from ever sending the next event.
pub(super) struct Answering(AfterAnswer);

impl AfterAnswer {
    /// Registers the extension, which must happen before the runtime asks for its first event.
    pub(super) async fn start(inbox: Inbox, sns: Option<Sns>, clock: Clock, log: Log) -> Self {
        let shared = Arc::new(Shared {
            courier: Mutex::new(Courier::new(inbox, sns, clock, log.clone())),
            given: Notify::new(),
            has_extension: AtomicBool::new(true),
            log,
        });
        let publisher = Arc::clone(&shared);
        let publish = service_fn(move |_: LambdaEvent| {
            let shared = Arc::clone(&publisher);
            async move {
                shared.given.notified().await;
                shared.courier.lock().await.deliver().await;
                Ok::<_, lambda_extension::Error>(())
            }
        });
        let extension = Extension::new().with_extension_name("after-answer").with_events(&["INVOKE"]);
        let registering = timeout(REGISTER_LIMIT, extension.with_events_processor(publish).register());
        match registering.await.unwrap_or_else(|elapsed| Err(elapsed.into())) {
            Ok(extension) => {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Err(error) = extension.run().await {
                        shared.do_without(&error);
                    }
                });
            }
            Err(error) => shared.do_without(&error),
        }
        Self(shared)
    }

    /// Begins an answer.
    pub(super) fn begin(&self) -> Answering {
        Answering(self.clone())
    }
}

impl Shared {
    /// There is no extension, or none any longer.
    fn do_without(&self, error: &dyn Display) {
        self.has_extension.store(false, Ordering::Relaxed);
        self.log.function(Role::Authorizer).extension_failed(error);
    }
}

impl Answering {
    /// The answer is made.
    pub(super) async fn end(self) {
        let Self(AfterAnswer(shared)) = &self;
        if !shared.has_extension.load(Ordering::Relaxed) {
            shared.courier.lock().await.deliver().await;
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let Self(AfterAnswer(shared)) = self;
        shared.given.notify_one();
    }
}
