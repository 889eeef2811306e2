//! Events were received: store them, end the waits that they end, and schedule a run for each
//! function that they trigger.

use std::sync::Arc;

use crate::change::Change;
use crate::effect::{ReplyTo, Update};
use crate::expression::EventView;
use crate::function::Evaluation;
use crate::reception::Reception;
use crate::record::{EventRecord, Resolution, SkipRecord};
use crate::shard::Shard;
use crate::start::{Arrival, Cause, Started};
use crate::turn::Turn;
use crate::waits::Search;

impl Shard {
    pub(crate) fn events(&mut self, turn: &mut Turn, events: Vec<EventRecord>, reply_to: ReplyTo) {
        let reception = Reception {
            events: events.into(),
            invoked: None,
            reply_to,
            search: None,
        };
        self.begin_reception(turn, reception);
    }

    /// Take in one event that was made here. What it ends is found in one go, because it belongs to
    /// the commit of what it tells of.
    pub(crate) fn receive(&mut self, turn: &mut Turn, event: EventRecord) {
        let payload = event.payload.clone();
        let mut search = self.waits.search(&event.name, payload, turn.now);
        let mut unlimited = usize::MAX;
        self.waits.go_on(&mut search, &mut unlimited);
        self.take_in(turn, event, search);
    }

    /// Take in one event, from a client or made here, that was compared with all waits.
    ///
    /// Waits come before triggers, so that no run is cancelled or resumed by the event that starts
    /// it (WE-3).
    pub(crate) fn take_in(
        &mut self,
        turn: &mut Turn,
        event: EventRecord,
        search: Search,
    ) -> EventView {
        turn.change(Change::PutEvent(event.clone()));
        let Search { view, found, .. } = search;
        for wait in found {
            self.resolve(turn, wait, Resolution::Event(Box::new(event.clone())));
        }
        let mut runs = 0;
        for function in self.registry.triggered_by(&event.name) {
            match function.evaluate(&event.name, &view, turn.now) {
                Evaluation::Matched => {
                    let arrival = Arrival {
                        function: &function,
                        event: &event,
                        view: &view,
                    };
                    let started = self.start(turn, arrival, Cause::Event);
                    runs += u32::from(matches!(started, Ok(Started::Run(_))));
                }
                Evaluation::Skipped { reason, detail } => {
                    turn.change(Change::PutSkip(SkipRecord {
                        event: event.id,
                        function: function.record.id,
                        reason,
                        detail: Some(Arc::from(detail)),
                    }));
                }
            }
        }
        turn.publish(Update::EventReceived {
            event: event.id,
            name: event.name.to_string(),
            runs,
        });
        view
    }
}
