//! Follows the commits, and tells those who follow topics.
//!
//! One task does it for all connections, and only while there are some: it is at rest until the
//! first one comes, and again some minutes after the last one has gone. What commits touch is
//! gathered for a tick. Then the rows of each topic that somebody follows are read once, and the
//! same message goes to all who follow it.
//!
//! **Invariant:** whoever follows a topic is told, after what it was answered, of every change of
//! that topic, or that there is a gap. A change is committed before it is noted, the place from
//! which a client is told is fixed before its snapshot is read, and rows are read after their marks
//! were gathered.

mod connection;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::Change;
use everstep_store::ReadError;
use futures::FutureExt as _;
use futures::future::{Fuse, FusedFuture as _};
use serde_json::Value;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;

pub(crate) use self::connection::Connection;
use super::cursor::Cursor;
use super::journal::{Journal, Missed, Touched};
use super::mailbox::Mailbox;
use super::message::{Message, MessageKind};
use super::topic::Topic;

/// Connections at a time.
pub(crate) const CONNECTIONS_MAX: usize = 1000;
/// Between messages of a topic: ten a second.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// Between messages of a topic that make clients read a list or a report.
pub(super) const PULSE: Duration = Duration::from_secs(1);
/// For so long commits are followed after the last connection has gone: it may come back.
const LINGER: Duration = Duration::from_secs(5 * 60);

/// Where the hub gets what it tells.
#[async_trait]
pub(crate) trait Source: Send + Sync + 'static {
    /// What is committed from now on. Reads see it.
    fn commits(&self) -> broadcast::Receiver<Arc<[Change]>>;
    /// A number that no earlier epoch had.
    fn epoch(&self) -> u64;
    /// The rows that were touched, as they are now. One that does not exist is left out.
    async fn rows(&self, touched: &Touched) -> Result<Vec<Value>, ReadError>;
}

/// The live feed of this server. Clones are the same.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    source: Box<dyn Source>,
    state: Mutex<State>,
    /// There are commits to follow.
    begun: Notify,
}

#[derive(Default)]
struct State {
    connections: usize,
    next_connection: u64,
    /// When the last connection went.
    deserted_at: Option<Instant>,
    /// `None` at rest.
    journal: Option<Journal>,
    /// For the task that follows them, to take up.
    commits: Option<broadcast::Receiver<Arc<[Change]>>>,
    topics: BTreeMap<Topic, Followed>,
}

/// A topic that someone follows.
struct Followed {
    /// All that was touched up to this place was told.
    told: u64,
    /// Nothing is told before.
    rests_until: Instant,
    by: BTreeMap<u64, Follower>,
}

struct Follower {
    /// What there was at this place, it has already.
    from: u64,
    mailbox: Arc<Mailbox>,
}

/// What a tick has to tell.
struct Due {
    cursor: Cursor,
    /// What is to be read of each topic.
    topics: Vec<(Topic, Touched)>,
    /// When to look again at topics that rest.
    again: Option<Instant>,
}

impl Hub {
    pub(crate) fn new(source: impl Source) -> Self {
        Self(Arc::new(Shared {
            source: Box::new(source),
            state: Mutex::default(),
            begun: Notify::new(),
        }))
    }

    /// Makes room for a client; `None` if there are too many.
    pub(crate) fn connect(&self) -> Option<Connection> {
        let mut state = self.lock();
        if state.connections >= CONNECTIONS_MAX {
            return None;
        }
        state.connections += 1;
        state.next_connection += 1;
        Some(Connection::new(self.clone(), state.next_connection))
    }

    /// Tells, for ever.
    pub(crate) async fn run(self) {
        loop {
            let commits = self.lock().commits.take();
            match commits {
                Some(commits) => self.follow(commits).await,
                None => self.0.begun.notified().await,
            }
        }
    }

    /// Follows the commits until nobody is there any more.
    async fn follow(&self, mut commits: broadcast::Receiver<Arc<[Change]>>) {
        let mut telling = pin!(Fuse::terminated());
        let mut due = None;
        let mut told_at = Instant::now() - TICK;
        let mut rounds = tokio::time::interval(LINGER);
        loop {
            tokio::select! {
                biased;
                again = &mut telling => due = earlier(due, again),
                () = until(due), if telling.is_terminated() => {
                    (due, told_at) = (None, Instant::now());
                    telling.set(self.tell().fuse());
                }
                commit = commits.recv() => match commit {
                    Ok(changes) => {
                        if self.lock().note(&changes) {
                            due = earlier(due, Some(told_at + TICK));
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        let epoch = self.0.source.epoch();
                        self.lock().lose(epoch);
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = rounds.tick() => {
                    if self.lock().rest() {
                        return;
                    }
                }
            }
        }
    }

    /// Tells of what was noted. If something of it has to wait for its time: that time.
    async fn tell(&self) -> Option<Instant> {
        let due = self.lock().close(Instant::now())?;
        for (topic, touched) in due.topics {
            let message = match self.0.source.rows(&touched).await {
                Ok(rows) => Message::new(topic, MessageKind::Delta, due.cursor, rows),
                Err(error) => {
                    tracing::warn!(%error, %topic, "the live feed can't read");
                    Message::gap(topic, due.cursor)
                }
            };
            self.lock().give(message);
        }
        due.again
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there is something to tell.
    fn note(&mut self, changes: &Arc<[Change]>) -> bool {
        let Some(journal) = &mut self.journal else {
            return false;
        };
        journal.note(changes);
        journal.is_open()
    }

    /// Commits were missed: everyone who follows anything may have missed something.
    fn lose(&mut self, epoch: u64) {
        let journal = Journal::new(epoch);
        let cursor = journal.cursor();
        self.journal = Some(journal);
        for (topic, followed) in &mut self.topics {
            followed.told = cursor.place;
            for follower in followed.by.values_mut() {
                follower.from = cursor.place;
                let gap = Message::gap(*topic, cursor);
                follower.mailbox.put(Arc::new(gap));
            }
        }
    }

    /// Ends a tick.
    fn close(&mut self, now: Instant) -> Option<Due> {
        let journal = self.journal.as_mut()?;
        journal.close();
        let cursor = journal.cursor();
        let (mut topics, mut again) = (Vec::new(), None);
        for (topic, followed) in &mut self.topics {
            let since = journal.since(*topic, followed.told);
            if since == Ok(None) {
                followed.told = cursor.place;
                continue;
            }
            if followed.rests_until > now {
                again = earlier(again, Some(followed.rests_until));
                continue;
            }
            followed.told = cursor.place;
            match since {
                Ok(Some(touched)) => {
                    if touched == Touched::Flow {
                        followed.rests_until = now + PULSE;
                    }
                    topics.push((*topic, touched));
                }
                Ok(None) | Err(Missed) => {
                    followed.rests_until = now + PULSE;
                    followed.give(&Arc::new(Message::gap(*topic, cursor)));
                }
            }
        }
        Some(Due {
            cursor,
            topics,
            again,
        })
    }

    fn give(&self, message: Message) {
        let epoch = self.journal.as_ref().map(|journal| journal.cursor().epoch);
        // Commits may have been missed while the rows were read: all were told of a gap.
        if epoch == Some(message.cursor.epoch)
            && let Some(followed) = self.topics.get(&message.topic)
        {
            followed.give(&Arc::new(message));
        }
    }

    /// Follows no more, if nobody has been there for a while.
    fn rest(&mut self) -> bool {
        let is_deserted = self.connections == 0
            && self
                .deserted_at
                .is_some_and(|since| since.elapsed() >= LINGER);
        if is_deserted {
            self.journal = None;
        }
        is_deserted
    }

    fn leave(&mut self, topic: Topic, connection: u64) {
        if let Some(followed) = self.topics.get_mut(&topic) {
            followed.by.remove(&connection);
            if followed.by.is_empty() {
                self.topics.remove(&topic);
            }
        }
    }
}

impl Followed {
    fn give(&self, message: &Arc<Message>) {
        let place = message.cursor.place;
        for follower in self.by.values().filter(|follower| follower.from < place) {
            follower.mailbox.put(Arc::clone(message));
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
