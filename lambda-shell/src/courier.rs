//! Delivers messages to SNS.

use std::collections::VecDeque;
use std::time::Duration;

use authz_core::message::Message;

use crate::breaker::Breaker;
use crate::telemetry::Role;
use crate::{Clock, Inbox, Log, Sns};

/// So many messages wait for SNS at the most. One that is let go is not lost: its key rings again at a later look.
const MAX_UNSENT: usize = 1000;

/// No message is begun after this: Lambda ends a function that works beyond its time limit, and its messages with it.
const LONGEST_ROUND: Duration = Duration::from_secs(1);

/// Takes messages out of an inbox and publishes them, in their order.
#[derive(Debug)]
pub struct Courier {
    inbox: Inbox,
    sns: Option<Sns>,
    clock: Clock,
    log: Log,
    unsent: VecDeque<Message>,
    breaker: Breaker,
}

impl Courier {
    /// Makes a courier. Without a topic there is no cache, and so there are no messages.
    pub fn new(inbox: Inbox, sns: Option<Sns>, clock: Clock, log: Log) -> Self {
        Self { inbox, sns, clock, log, unsent: VecDeque::new(), breaker: Breaker::default() }
    }

    /// Publishes what is there. When SNS fails, or takes its time, the rest waits for the next time; after failures in a
    /// row SNS is left alone for a while, or it would hold up each invocation's successor.
    pub async fn deliver(&mut self) {
        while let Some(message) = self.inbox.next_now() {
            self.unsent.push_back(message);
        }
        let Some(sns) = &self.sns else { return };
        let end = self.clock.now().after(LONGEST_ROUND);
        while self.clock.now() < end
            && self.breaker.lets_through(self.clock.now())
            && let Some(message) = self.unsent.front()
        {
            if let Err(error) = sns.publish(&message.encode()).await {
                self.log.function(Role::Authorizer).publish_failed(&error, &message.correlation_id);
                self.breaker.failed(self.clock.now());
                break;
            }
            self.breaker.succeeded();
            self.unsent.pop_front();
        }
        self.unsent.drain(..self.unsent.len().saturating_sub(MAX_UNSENT));
    }
}
