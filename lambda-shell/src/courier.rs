//! Delivers messages to SNS.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use authz_core::message::Message;

use crate::{Inbox, Log, Sns};

/// So many messages wait for SNS at the most. One that is let go is not lost: its key rings again at a later look.
const MAX_UNSENT: usize = 1000;

/// No message is begun after this: Lambda ends a function that works beyond its time limit, and its messages with it.
const LONGEST_ROUND: Duration = Duration::from_secs(1);

/// Takes messages out of an inbox and publishes them, in their order.
#[derive(Debug)]
pub struct Courier {
    inbox: Inbox,
    sns: Option<Sns>,
    log: Log,
    unsent: VecDeque<Message>,
}

impl Courier {
    /// Makes a courier. Without a topic there is no cache, and so there are no messages.
    pub fn new(inbox: Inbox, sns: Option<Sns>, log: Log) -> Self {
        Self { inbox, sns, log, unsent: VecDeque::new() }
    }

    /// Publishes what is there. When SNS fails, or takes its time, the rest waits for the next time.
    pub async fn deliver(&mut self) {
        let begun = Instant::now();
        while let Some(message) = self.inbox.next_now() {
            self.unsent.push_back(message);
        }
        let Some(sns) = &self.sns else { return };
        while begun.elapsed() < LONGEST_ROUND
            && let Some(message) = self.unsent.front()
        {
            if let Err(error) = sns.publish(&message.encode()).await {
                self.log.publish_failed(&error, &message.correlation_id);
                break;
            }
            self.unsent.pop_front();
        }
        self.unsent.drain(..self.unsent.len().saturating_sub(MAX_UNSENT));
    }
}
