//! Channels: bytes that apps stream go to those who listen at that moment (connect-realtime §2.7).
//!
//! Nothing is stored, and whoever is too slow is dropped rather than waited for. There is one
//! exception: what comes while nobody listens is held for a while, for the first one who does. A
//! client of a durable endpoint learns where to listen when its run turns async, and by then the app
//! may have been called already.
//!
//! **Invariant:** bytes are given to whoever listens when they come, or held for one listener, never
//! both. So nobody gets them twice.

mod held;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use everstep_protocol::token::Topic;
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::held::Held;

/// Listeners of all topics together.
const LISTENERS_MAX: usize = 10_000;
/// Listeners of one topic (connect-realtime §2.7).
const LISTENERS_PER_TOPIC_MAX: usize = 5_000;
/// Bytes of one piece; longer ones are cut up, so that the queue of a listener is bounded in bytes.
const PIECE_MAX: usize = 16 * 1024;
/// Pieces that a listener may be behind.
const PIECES_BEHIND_MAX: usize = 64;

/// The channels of this server. Clones are the same.
#[derive(Clone, Default)]
pub struct Realtime(Arc<Mutex<Topics>>);

#[derive(Default)]
struct Topics {
    listening: usize,
    listeners: HashMap<Topic, Vec<mpsc::Sender<Bytes>>>,
    held: Held,
}

/// Someone who listens to topics.
pub struct Listener {
    topics: Vec<Topic>,
    pieces: mpsc::Receiver<Bytes>,
    /// So that the listener is found again among the others.
    sender: mpsc::WeakSender<Bytes>,
    realtime: Realtime,
}

impl Realtime {
    /// Gives bytes to whoever listens to the topic.
    pub fn publish(&self, topic: &Topic, mut bytes: Bytes) {
        let mut topics = self.lock();
        let Topics {
            listeners, held, ..
        } = &mut *topics;
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PIECE_MAX));
            match listeners.get_mut(topic) {
                // A listener that is gone, or too far behind, is let go: its end of the queue closes.
                Some(present) => present.retain(|one| one.try_send(piece.clone()).is_ok()),
                None => held.put(topic, piece, Instant::now()),
            }
            if listeners.get(topic).is_some_and(Vec::is_empty) {
                listeners.remove(topic);
            }
        }
    }

    /// Begins to listen; `None` if too many do.
    pub fn listen(&self, topics: Vec<Topic>) -> Option<Listener> {
        let mut shared = self.lock();
        let is_full = |topic: &Topic| {
            let present = shared.listeners.get(topic);
            present.is_some_and(|present| present.len() >= LISTENERS_PER_TOPIC_MAX)
        };
        if shared.listening >= LISTENERS_MAX || topics.iter().any(is_full) {
            return None;
        }
        shared.listening += 1;
        let (sender, pieces) = mpsc::channel(PIECES_BEHIND_MAX);
        for topic in &topics {
            for piece in shared.held.take(topic, Instant::now()) {
                // There is room: no more than a queue's worth is held.
                let _ = sender.try_send(piece);
            }
            let present = shared.listeners.entry(topic.clone()).or_default();
            present.push(sender.clone());
        }
        Some(Listener {
            topics,
            pieces,
            sender: sender.downgrade(),
            realtime: self.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Topics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// The next piece; `None` if the listener was too slow, and is let go.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.pieces.recv().await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let own = self.sender.upgrade();
        let mut shared = self.realtime.lock();
        shared.listening -= 1;
        for topic in &self.topics {
            let Some(present) = shared.listeners.get_mut(topic) else {
                continue;
            };
            if let Some(own) = &own {
                present.retain(|one| !one.same_channel(own));
            }
            if present.is_empty() {
                shared.listeners.remove(topic);
            }
        }
    }
}

#[cfg(test)]
mod tests;
