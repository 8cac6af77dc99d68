//! What is done when API Gateway has its answer: messages are published.
//!
//! An internal extension keeps the function awake between two invocations, so SNS never delays a client. Where none can
//! be registered, in emulators, messages are published before the answer ends.

use std::sync::Arc;

use lambda_extension::{Extension, LambdaEvent, service_fn};
use tokio::sync::{Mutex, Notify};

use crate::{Courier, Inbox, Log, Sns};

/// When messages are published.
#[derive(Clone)]
pub(super) enum AfterAnswer {
    /// By the extension, once it is told that an answer is given.
    Extension(Arc<Notify>),
    /// Before the answer ends.
    Inline(Arc<Mutex<Courier>>),
}

/// An answer that is being made. It counts as given when this is dropped, a panic included: an extension that waits for
/// ever would keep Lambda from ever sending the next event.
pub(super) struct Answering(Option<AfterAnswer>);

impl AfterAnswer {
    /// Registers the extension, which must happen before the runtime asks for its first event.
    pub(super) async fn start(inbox: Inbox, sns: Option<Sns>, log: Log) -> Self {
        let courier = Arc::new(Mutex::new(Courier::new(inbox, sns, log.clone())));
        let given = Arc::new(Notify::new());
        let (signal, carrier) = (Arc::clone(&given), Arc::clone(&courier));
        let deliver = service_fn(move |_: LambdaEvent| {
            let (signal, courier) = (Arc::clone(&signal), Arc::clone(&carrier));
            async move {
                signal.notified().await;
                courier.lock().await.deliver().await;
                Ok::<_, lambda_extension::Error>(())
            }
        });
        let extension = Extension::new().with_extension_name("after-answer").with_events(&["INVOKE"]);
        match extension.with_events_processor(deliver).register().await {
            Ok(extension) => {
                tokio::spawn(async move {
                    if let Err(error) = extension.run().await {
                        log.extension_failed(&error);
                    }
                });
                Self::Extension(given)
            }
            Err(error) => {
                log.extension_failed(&error);
                Self::Inline(courier)
            }
        }
    }

    /// Begins an answer.
    pub(super) fn begin(&self) -> Answering {
        Answering(Some(self.clone()))
    }
}

impl Answering {
    /// The answer is made.
    pub(super) async fn end(mut self) {
        if let Some(AfterAnswer::Inline(courier)) = &self.0 {
            courier.lock().await.deliver().await;
            self.0 = None;
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(AfterAnswer::Extension(given)) = &self.0 {
            given.notify_one();
        }
    }
}
