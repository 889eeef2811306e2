//! Events were received: store them, end the waits that they end, and schedule a run for each
//! function that they trigger.

use std::sync::Arc;

use crate::change::Change;
use crate::effect::{Answer, ReplyTo, Update};
use crate::expression::EventView;
use crate::function::Evaluation;
use crate::record::{EventRecord, Resolution, SkipRecord};
use crate::shard::Shard;
use crate::start::{Cause, Started};
use crate::turn::Turn;

impl Shard {
    pub(crate) fn events(&mut self, turn: &mut Turn, events: Vec<EventRecord>, reply_to: ReplyTo) {
        for event in events {
            self.receive(turn, event);
        }
        turn.reply(reply_to, Answer::EventsAccepted);
    }

    /// Take in one event, from a client or made here.
    ///
    /// Waits come before triggers, so that no run is cancelled or resumed by the event that starts
    /// it (WE-3).
    pub(crate) fn receive(&mut self, turn: &mut Turn, event: EventRecord) {
        turn.change(Change::PutEvent(event.clone()));
        let view = EventView::new(event.payload.clone());
        for wait in self.waits.matching(&event.name, &view, turn.now) {
            self.resolve(turn, wait, Resolution::Event(Box::new(event.clone())));
        }
        let mut runs = 0;
        for function in self.registry.triggered_by(&event.name) {
            match function.evaluate(&event.name, &view, turn.now) {
                Evaluation::Matched => {
                    let started = self.start(turn, &function, &event, &view, Cause::Event);
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
    }
}
