//! A client of the hub: what it follows, and how it begins to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::{Followed, Follower, Hub};
use crate::live::cursor::Cursor;
use crate::live::journal::{Journal, Missed, Touched};
use crate::live::mailbox::Mailbox;
use crate::live::message::{Message, MessageKind, Refusal};
use crate::live::topic::Topic;

/// Topics that one connection follows.
pub(super) const TOPICS_PER_CONNECTION_MAX: usize = 32;

/// A client of the feed.
pub(crate) struct Connection {
    hub: Hub,
    id: u64,
    pub(super) topics: BTreeSet<Topic>,
    pub(super) mailbox: Arc<Mailbox>,
}

/// How a client that begins to follow a topic is answered.
enum Beginning {
    Whole,
    /// It has come back, and this was touched meanwhile.
    Since(Option<Touched>),
    Gap,
}

impl Connection {
    pub(super) fn new(hub: Hub, id: u64) -> Self {
        Self {
            hub,
            id,
            topics: BTreeSet::new(),
            mailbox: Arc::default(),
        }
    }

    /// Begins to follow a topic, and gives the first message of it. Of a topic that is followed
    /// already, it begins anew.
    pub(crate) async fn follow(
        &mut self,
        topic: Topic,
        cursor: Option<Cursor>,
    ) -> Result<Message, Refusal> {
        let limit = TOPICS_PER_CONNECTION_MAX;
        if self.topics.len() >= limit && !self.topics.contains(&topic) {
            return Err(Refusal::TooManyTopics { limit });
        }
        let (beginning, from) = self.begin(topic, cursor);
        let first = match beginning {
            Beginning::Gap => Ok(Message::gap(topic, from)),
            Beginning::Whole => self.snapshot(topic, from).await,
            Beginning::Since(touched) => {
                let rows = self.rows(touched.as_ref()).await;
                rows.map(|rows| Message::new(topic, MessageKind::Delta, from, rows))
            }
        };
        if first.is_err() {
            self.leave(topic);
        }
        first
    }

    pub(crate) fn leave(&mut self, topic: Topic) {
        self.topics.remove(&topic);
        self.hub.lock().leave(topic, self.id);
        self.mailbox.forget(topic);
    }

    /// The next message of any of the topics.
    pub(crate) async fn next(&self) -> Arc<Message> {
        self.mailbox.next().await
    }

    fn begin(&mut self, topic: Topic, cursor: Option<Cursor>) -> (Beginning, Cursor) {
        self.topics.insert(topic);
        let source = &self.hub.0.source;
        let mut state = self.hub.lock();
        let state = &mut *state;
        let journal = state.journal.get_or_insert_with(|| {
            state.commits = Some(source.commits());
            self.hub.0.begun.notify_one();
            Journal::new(source.epoch())
        });
        let from = journal.cursor();
        let followed = state.topics.entry(topic).or_insert_with(|| Followed {
            told: from.place,
            rests_until: Instant::now(),
            by: BTreeMap::new(),
        });
        let follower = Follower {
            from: from.place,
            mailbox: Arc::clone(&self.mailbox),
        };
        followed.by.insert(self.id, follower);
        self.mailbox.forget(topic);
        let beginning = match cursor {
            None => Beginning::Whole,
            Some(cursor) if cursor.epoch != from.epoch => Beginning::Gap,
            Some(cursor) => match journal.since(topic, cursor.place) {
                Ok(touched) => Beginning::Since(touched),
                Err(Missed) => Beginning::Gap,
            },
        };
        (beginning, from)
    }

    async fn snapshot(&self, topic: Topic, from: Cursor) -> Result<Message, Refusal> {
        let whole = match topic {
            Topic::Run(run) => Some(Touched::Run(run, BTreeMap::new())),
            Topic::Event(event) => Some(Touched::Event(event)),
            Topic::Runs
            | Topic::Events
            | Topic::Apps
            | Topic::Functions
            | Topic::Flow
            | Topic::Operations
            | Topic::Errors
            | Topic::Audit => None,
        };
        let rows = self.rows(whole.as_ref()).await?;
        if whole.is_some() && rows.is_empty() {
            return Err(Refusal::NotFound(topic));
        }
        Ok(Message::new(topic, MessageKind::Snapshot, from, rows))
    }

    async fn rows(&self, touched: Option<&Touched>) -> Result<Vec<Value>, Refusal> {
        let Some(touched) = touched else {
            return Ok(Vec::new());
        };
        let rows = self.hub.0.source.rows(touched).await;
        rows.map_err(|error| {
            tracing::warn!(%error, "the live feed can't read");
            Refusal::Unavailable
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        for topic in &self.topics {
            state.leave(*topic, self.id);
        }
        state.connections -= 1;
        if state.connections == 0 {
            state.deserted_at = Some(Instant::now());
        }
    }
}
