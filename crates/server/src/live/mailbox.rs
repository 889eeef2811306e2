//! What one client has still to be sent.
//!
//! **Invariant:** whoever puts something in never waits. When there is no room, all of it is thrown
//! away, and the client is told of the gaps first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::cursor::Cursor;
use super::message::{Message, MessageKind};
use super::topic::Topic;

/// Messages that a client may be behind.
pub(super) const MESSAGES_BEHIND_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    messages: VecDeque<Arc<Message>>,
    /// Up to where the client misses something.
    gaps: BTreeMap<Topic, Cursor>,
}

impl Mailbox {
    pub(super) fn put(&self, message: Arc<Message>) {
        let mut waiting = self.lock();
        if message.kind == MessageKind::Gap {
            waiting.gap(&message);
        } else if waiting.messages.len() < MESSAGES_BEHIND_MAX {
            waiting.messages.push_back(message);
        } else {
            for unsent in std::mem::take(&mut waiting.messages) {
                waiting.gap(&unsent);
            }
            waiting.gap(&message);
        }
        self.arrived.notify_one();
    }

    /// The client does not want what there is of a topic any more.
    pub(super) fn forget(&self, topic: Topic) {
        let mut waiting = self.lock();
        waiting.gaps.remove(&topic);
        waiting.messages.retain(|message| message.topic != topic);
    }

    /// Waits for the next message. Nothing is lost if the wait is given up.
    pub(super) async fn next(&self) -> Arc<Message> {
        loop {
            if let Some(message) = self.lock().next() {
                return message;
            }
            self.arrived.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// The message is not sent, and makes those of its topic before it worthless.
    fn gap(&mut self, message: &Message) {
        let topic = message.topic;
        self.messages.retain(|earlier| earlier.topic != topic);
        self.gaps.insert(topic, message.cursor);
    }

    fn next(&mut self) -> Option<Arc<Message>> {
        if let Some((topic, cursor)) = self.gaps.pop_first() {
            return Some(Arc::new(Message::gap(topic, cursor)));
        }
        self.messages.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(topic: Topic, place: u64) -> Arc<Message> {
        let cursor = Cursor { epoch: 1, place };
        Arc::new(Message::new(topic, MessageKind::Delta, cursor, Vec::new()))
    }

    fn told(mailbox: &Mailbox) -> Vec<(Topic, MessageKind, u64)> {
        std::iter::from_fn(|| mailbox.lock().next())
            .map(|message| (message.topic, message.kind, message.cursor.place))
            .collect()
    }

    #[test]
    fn messages_are_sent_in_order() {
        let mailbox = Mailbox::default();
        mailbox.put(delta(Topic::Runs, 1));
        mailbox.put(delta(Topic::Flow, 1));
        mailbox.put(delta(Topic::Runs, 2));
        mailbox.forget(Topic::Flow);
        let expected = [
            (Topic::Runs, MessageKind::Delta, 1),
            (Topic::Runs, MessageKind::Delta, 2),
        ];
        assert_eq!(told(&mailbox), expected);
    }

    #[test]
    fn of_a_client_that_is_too_far_behind_only_the_gaps_are_kept() {
        let mailbox = Mailbox::default();
        mailbox.put(delta(Topic::Flow, 1));
        for place in 2..=MESSAGES_BEHIND_MAX as u64 + 1 {
            mailbox.put(delta(Topic::Runs, place));
        }
        mailbox.put(delta(Topic::Runs, 100));
        let expected = [
            (
                Topic::Runs,
                MessageKind::Gap,
                MESSAGES_BEHIND_MAX as u64 + 1,
            ),
            (Topic::Flow, MessageKind::Gap, 1),
            (Topic::Runs, MessageKind::Delta, 100),
        ];
        assert_eq!(told(&mailbox), expected);
    }

    #[test]
    fn a_gap_makes_earlier_messages_of_its_topic_worthless() {
        let mailbox = Mailbox::default();
        let cursor = Cursor { epoch: 1, place: 3 };
        mailbox.put(delta(Topic::Runs, 1));
        mailbox.put(delta(Topic::Flow, 2));
        mailbox.put(Arc::new(Message::gap(Topic::Runs, cursor)));
        mailbox.put(delta(Topic::Runs, 4));
        let expected = [
            (Topic::Runs, MessageKind::Gap, 3),
            (Topic::Flow, MessageKind::Delta, 2),
            (Topic::Runs, MessageKind::Delta, 4),
        ];
        assert_eq!(told(&mailbox), expected);
    }
}
