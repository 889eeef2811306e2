//! Events on their way in. Each is compared with the waits for it before it is taken in, and there
//! may be a million of those that no value tells apart: a turn compares as many as its steps
//! allow, and the next wake-up goes on.
//!
//! Nothing is decided of an event before it was compared with all of them. So it is taken in as a
//! whole, and a process that ends before that loses an event that nobody was told is there.

use std::collections::VecDeque;

use crate::effect::{Answer, ReplyTo};
use crate::record::EventRecord;
use crate::shard::Shard;
use crate::turn::Turn;
use crate::waits::Search;

/// What a client sent.
pub(crate) struct Reception {
    /// Those that were not taken in yet, in the order in which they came.
    pub(crate) events: VecDeque<EventRecord>,
    /// The function that is started with them, whatever else they do.
    pub(crate) invoked: Option<String>,
    pub(crate) reply_to: ReplyTo,
    /// For the waits of the first event.
    pub(crate) search: Option<Search>,
}

impl Shard {
    /// Whether events are on their way in. Those that come meanwhile should be held back: they
    /// would have to wait for their turn, so the ones before are taken in at once.
    pub fn is_receiving(&self) -> bool {
        self.reception.is_some()
    }

    pub(crate) fn begin_reception(&mut self, turn: &mut Turn, reception: Reception) {
        self.go_on_receiving(turn, usize::MAX);
        self.reception = Some(reception);
        self.go_on_receiving(turn, self.config.search_steps_per_turn);
    }

    /// Go on with the events that are on their way in.
    pub(crate) fn go_on_receiving(&mut self, turn: &mut Turn, mut steps: usize) {
        let Some(mut reception) = self.reception.take() else {
            return;
        };
        while let Some(event) = reception.events.pop_front() {
            let mut search = reception.search.take().unwrap_or_else(|| {
                self.waits
                    .search(&event.name, event.payload.clone(), turn.now)
            });
            if !self.waits.go_on(&mut search, &mut steps) {
                reception.events.push_front(event);
                reception.search = Some(search);
                self.reception = Some(reception);
                return;
            }
            let invoked = reception.invoked.as_deref();
            let view = self.take_in(turn, event.clone(), search);
            if let Some(function) = invoked {
                self.start_invoked(turn, function, &event, &view);
            }
        }
        turn.reply(reception.reply_to, Answer::EventsAccepted);
    }
}

#[cfg(test)]
mod tests;
