//! How requests of clients get to the shard: each event once, and events in the order in which they
//! came, although comparing one with the waits for it can take the shard many turns.

use std::collections::BTreeSet;

use everstep_core::Input;
use everstep_protocol::EventId;

use super::patience::read;
use super::{BATCH_MAX, Driver, Request};

/// Requests that wait until the events before theirs are taken in; beyond that, no others are
/// accepted either.
pub(super) const HELD_MAX: usize = BATCH_MAX;

impl Driver {
    /// Go on with the events that are on their way in, once in each round: neither they nor
    /// anything else has to wait until there is nothing else to do.
    pub(super) async fn receive(&mut self) {
        while self.decided.inputs < BATCH_MAX {
            if self.shard.is_receiving() {
                return self.decide(Input::Wake);
            }
            let Some(request) = self.held.pop_front() else {
                return;
            };
            self.accept_now(request).await;
        }
    }

    /// Whether there is more to do for events that have come in.
    pub(super) fn is_receiving(&self) -> bool {
        self.shard.is_receiving() || !self.held.is_empty()
    }

    pub(super) async fn accept(&mut self, request: Request) {
        let brings_events = matches!(request.input, Input::Events { .. } | Input::Invoke { .. });
        if brings_events && self.is_receiving() {
            self.held.push_back(request);
        } else {
            self.accept_now(request).await;
        }
    }

    /// Decide on a request. Events that are stored already, or are about to be, are left out.
    async fn accept_now(&mut self, mut request: Request) {
        if request.retried {
            self.drop_repeated(&mut request.input).await;
        }
        self.waiting.insert(request.reply_to, request.answer);
        self.decide(request.input);
    }

    async fn drop_repeated(&mut self, input: &mut Input) {
        let events: &mut dyn Iterator<Item = EventId> = match &*input {
            Input::Events { events, .. } => &mut events.iter().map(|event| event.id),
            Input::Invoke { event, .. } => &mut std::iter::once(event.id),
            _ => return,
        };
        let ids: Vec<EventId> = events.collect();
        let mut known: BTreeSet<EventId> = read(|| self.parts.store.events_known(&ids))
            .await
            .into_iter()
            .collect();
        let under_way = self.committing.iter().flat_map(|batch| &batch.events);
        known.extend(under_way.chain(&self.decided.events));
        self.receiving.extend(ids);
        if let Input::Events { events, .. } = input {
            events.retain(|event| known.insert(event.id));
        } else if let Input::Invoke {
            event, reply_to, ..
        } = input
            && known.contains(&event.id)
        {
            // Nothing is left to do but to answer.
            *input = Input::Events {
                events: Vec::new(),
                reply_to: *reply_to,
            };
        }
    }
}

#[cfg(test)]
mod tests;
