//! Bytes that came while nobody listened: bounded in size and age.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use everstep_protocol::token::Topic;
use tokio::time::Instant;

use super::{PIECE_MAX, PIECES_BEHIND_MAX};

/// How long bytes are held after the last ones of their topic came.
const AGE_MAX: Duration = Duration::from_secs(60);
/// Bytes and pieces of one topic; what is older goes.
const TOPIC_MAX: usize = 64 * 1024;
/// Bytes of all topics, the names included; the topic that was held first goes.
const TOTAL_MAX: usize = 16 * 1024 * 1024;

const _: () = assert!(TOPIC_MAX <= PIECE_MAX * PIECES_BEHIND_MAX);

#[derive(Default)]
pub(super) struct Held {
    topics: HashMap<Topic, Pieces>,
    /// Topics in the order in which they were looked at last; some may be gone.
    order: VecDeque<Topic>,
    total: usize,
}

struct Pieces {
    pieces: VecDeque<Bytes>,
    size: usize,
    last_at: Instant,
}

impl Held {
    pub(super) fn put(&mut self, topic: &Topic, piece: Bytes, now: Instant) {
        self.forget_old(now);
        let known = self.topics.entry(topic.clone()).or_insert_with(|| {
            self.order.push_back(topic.clone());
            self.total += cost(topic);
            Pieces {
                pieces: VecDeque::new(),
                size: 0,
                last_at: now,
            }
        });
        known.last_at = now;
        known.size += piece.len();
        self.total += piece.len();
        known.pieces.push_back(piece);
        while known.size > TOPIC_MAX || known.pieces.len() > PIECES_BEHIND_MAX {
            let Some(oldest) = known.pieces.pop_front() else {
                break;
            };
            known.size -= oldest.len();
            self.total -= oldest.len();
        }
        while self.total > TOTAL_MAX {
            let Some(first) = self.order.pop_front() else {
                break;
            };
            self.remove(&first);
        }
    }

    pub(super) fn take(&mut self, topic: &Topic, now: Instant) -> VecDeque<Bytes> {
        let pieces = self.remove(topic);
        let is_fresh = |pieces: &Pieces| pieces.last_at + AGE_MAX > now;
        pieces
            .filter(is_fresh)
            .map(|pieces| pieces.pieces)
            .unwrap_or_default()
    }

    /// Looks at the two topics that were not looked at for the longest time, so that there are fewer
    /// old ones with every new one.
    fn forget_old(&mut self, now: Instant) {
        for _ in 0..2 {
            let Some(first) = self.order.pop_front() else {
                return;
            };
            match self.topics.get(&first) {
                Some(pieces) if pieces.last_at + AGE_MAX > now => self.order.push_back(first),
                Some(_) => {
                    self.remove(&first);
                }
                None => {}
            }
        }
    }

    fn remove(&mut self, topic: &Topic) -> Option<Pieces> {
        let pieces = self.topics.remove(topic)?;
        self.total -= pieces.size + cost(topic);
        Some(pieces)
    }
}

/// What a topic takes beside its bytes, about.
fn cost(topic: &Topic) -> usize {
    2 * (topic.channel.len() + topic.name.len()) + 256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(channel: u32) -> Topic {
        Topic {
            channel: channel.to_string(),
            name: "$stream".to_owned(),
        }
    }

    fn piece(size: usize) -> Bytes {
        vec![b'x'; size].into()
    }

    #[test]
    fn bytes_are_held_for_a_minute() {
        let (mut held, now) = (Held::default(), Instant::now());
        held.put(&topic(1), piece(1), now);
        held.put(&topic(2), piece(1), now);
        assert_eq!(held.take(&topic(1), now + AGE_MAX / 2).len(), 1);
        assert_eq!(held.take(&topic(1), now + AGE_MAX / 2).len(), 0, "once");
        assert_eq!(held.take(&topic(2), now + AGE_MAX).len(), 0);
        assert_eq!(held.total, 0);
    }

    #[test]
    fn the_newest_bytes_of_a_topic_are_held() {
        let (mut held, now) = (Held::default(), Instant::now());
        for size in [PIECE_MAX, PIECE_MAX, PIECE_MAX, PIECE_MAX, 1] {
            held.put(&topic(1), piece(size), now);
        }
        let sizes: Vec<_> = held.take(&topic(1), now).iter().map(Bytes::len).collect();
        assert_eq!(sizes, [PIECE_MAX, PIECE_MAX, PIECE_MAX, 1]);
        for _ in 0..2 * PIECES_BEHIND_MAX {
            held.put(&topic(1), piece(1), now);
        }
        assert_eq!(held.take(&topic(1), now).len(), PIECES_BEHIND_MAX);
    }

    #[test]
    fn all_topics_together_are_bounded() {
        let (mut held, now) = (Held::default(), Instant::now());
        for number in 0..2_000 {
            held.put(&topic(number), piece(PIECE_MAX), now);
            assert!(held.total <= TOTAL_MAX);
        }
        assert_eq!(held.take(&topic(1_999), now).len(), 1);
        assert_eq!(held.take(&topic(0), now).len(), 0);
        // Small ones are forgotten with time, and leave nothing behind.
        let later = now + AGE_MAX;
        for number in 0..10_000 {
            held.put(&topic(number), piece(1), later);
        }
        let end = later + AGE_MAX;
        for _ in 0..20_000 {
            held.put(&topic(0), piece(1), end);
        }
        assert_eq!((held.topics.len(), held.order.len()), (1, 1));
    }
}
