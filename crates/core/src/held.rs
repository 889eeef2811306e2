//! What is held back until its time comes: the events of debounces and batches.
//!
//! When that is, the events are loaded, for only their ids are in memory, and the run is scheduled.

use std::sync::Arc;

use everstep_protocol::{BatchId, JobId, UserError};

use crate::change::Change;
use crate::effect::Effect;
use crate::expression::EventView;
use crate::finish::function_gone;
use crate::flow::limit::{keyed_limit, limit_for};
use crate::limits::{BATCH_EVENTS_MAX, BATCH_SIZE_BYTES_MAX, HELD_PER_TURN_MAX};
use crate::record::{
    BatchEventRecord, BatchRecord, DebounceRecord, EventRecord, LimitId, Resolution, SkipReason,
};
use crate::shard::Shard;
use crate::start::{Arrival, Cause, Started};
use crate::turn::Turn;

/// What events are loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Debounce(LimitId),
    Batch(BatchId),
}

impl Shard {
    /// Hold an event back for the function's `debounce`. `None` if that passes the event over.
    pub(crate) fn debounce(
        &mut self,
        turn: &mut Turn,
        arrival: Arrival<'_>,
        cause: &Cause,
    ) -> Option<Started> {
        let Arrival {
            function, event, ..
        } = arrival;
        let debounce = function.plan.debounce.as_ref()?;
        let key = debounce.value(&arrival.scope(turn));
        let id = limit_for(function.record.id, "debounce", &key)?;
        let known = self.flow.debounces.get(id);
        if let Some(known) = known.filter(|known| event.ts < known.event_ts) {
            let detail = Some(known.event.to_string());
            arrival.skip(turn, SkipReason::DebounceOutdated, detail);
            self.answer_replaced(turn, cause.invoked_by());
            return Some(Started::Held);
        }
        let replaced = known.and_then(|known| known.invoked_by);
        let opened_at = known.map_or(turn.now, |known| known.opened_at);
        let fire_at = turn.now + debounce.config.period;
        let latest = debounce.config.timeout.map(|timeout| opened_at + timeout);
        let record = DebounceRecord {
            id,
            function: function.record.id,
            key: key.text().cloned(),
            event: event.id,
            event_ts: event.ts,
            invoked_by: cause.invoked_by(),
            events: known.map_or(0, |known| known.events) + 1,
            opened_at,
            fire_at: latest.map_or(fire_at, |latest| fire_at.min(latest)),
        };
        let detail = Some(format!("until {}", record.fire_at));
        arrival.skip(turn, SkipReason::Debounced, detail);
        turn.change(Change::PutDebounce(record.clone()));
        self.flow.debounces.put(record);
        self.answer_replaced(turn, replaced);
        Some(Started::Held)
    }

    /// The run that invoked a function would wait for the answer of a run that never comes.
    fn answer_replaced(&mut self, turn: &mut Turn, wait: Option<JobId>) {
        if let Some(wait) = wait {
            let error = UserError::new(
                "Error",
                "the invocation was debounced: a later event took its place",
            );
            self.resolve(turn, wait, Resolution::Value(error.memoized()));
        }
    }

    /// Add an event to the function's batch. `None` if it goes its own way.
    pub(crate) fn add_to_batch(
        &mut self,
        turn: &mut Turn,
        arrival: Arrival<'_>,
        cause: &Cause,
    ) -> Option<Started> {
        let Arrival {
            function, event, ..
        } = arrival;
        let scope = arrival.scope(turn);
        let batch = function.plan.batch.as_ref()?;
        if !function.plan.is_batched(&scope) {
            return None;
        }
        let key = batch.value(&scope);
        let key = key.text();
        let id = function.record.id;
        let (batch_id, position, size) = match self.flow.batches.current(id, key, turn.now) {
            Some(open) => (open.record.id, open.events.len(), open.size),
            None => {
                let record = BatchRecord {
                    id: turn.entropy.batch_id(turn.now),
                    function: id,
                    key: key.cloned(),
                    opened_at: turn.now,
                    fire_at: turn.now + batch.config.timeout,
                    is_full: false,
                };
                let batch_id = record.id;
                turn.change(Change::PutBatch(record.clone()));
                self.flow.batches.open(record);
                (batch_id, 0, 0)
            }
        };
        let record = BatchEventRecord {
            batch: batch_id,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            event: event.id,
            size: u32::try_from(event.payload.len()).unwrap_or(u32::MAX),
            invoked_by: cause.invoked_by(),
        };
        self.flow.batches.append(&record);
        let size = size + u64::from(record.size);
        turn.change(Change::PutBatchEvent(record));
        let detail = Some(batch_id.to_string());
        arrival.skip(turn, SkipReason::Batched, detail);
        let most = BATCH_EVENTS_MAX.min(batch.config.max_size as usize);
        let is_full = position + 1 >= most || size >= BATCH_SIZE_BYTES_MAX;
        if is_full && let Some(record) = self.flow.batches.fill(batch_id) {
            turn.change(Change::PutBatch(record));
        }
        Some(Started::Held)
    }

    /// Load the events of what is to fire now.
    pub(crate) fn fire_held(&mut self, turn: &mut Turn) {
        for _ in 0..HELD_PER_TURN_MAX {
            let Some(record) = self.flow.debounces.take_due(turn.now) else {
                break;
            };
            turn.change(Change::DeleteDebounce(record.id));
            // Under a name of its own, so that the next event opens a new one.
            let key = Arc::from(record.event.to_string());
            let record = DebounceRecord {
                id: keyed_limit(record.function, "debounce firing", Some(&key)),
                ..record
            };
            turn.change(Change::PutDebounce(record.clone()));
            turn.effects.push(Effect::LoadEvents {
                held: Held::Debounce(record.id),
                events: vec![record.event],
            });
            self.flow.debounces.begin_firing(record);
        }
        for _ in 0..HELD_PER_TURN_MAX {
            let Some(batch) = self.flow.batches.take_due(turn.now) else {
                break;
            };
            turn.effects.push(Effect::LoadEvents {
                held: Held::Batch(batch.record.id),
                events: batch.events.clone(),
            });
        }
    }

    /// Schedule the run of what has fired.
    pub(crate) fn events_loaded(&mut self, turn: &mut Turn, held: Held, events: Vec<EventRecord>) {
        let (function, cause) = match held {
            Held::Debounce(id) => {
                let Some(debounce) = self.flow.debounces.end_firing(id) else {
                    return;
                };
                turn.change(Change::DeleteDebounce(id));
                let invoked_by = debounce.invoked_by;
                (debounce.function, Cause::Debounce { invoked_by })
            }
            Held::Batch(id) => {
                let Some(batch) = self.flow.batches.end_firing(id) else {
                    return;
                };
                turn.change(Change::DeleteBatch(id));
                let invoked_by = batch.invoked_by;
                (batch.record.function, Cause::Batch { id, invoked_by })
            }
        };
        let waits = cause.all_invoked_by();
        let function = self.registry.function(function).cloned();
        let function = function.filter(|function| function.is_active());
        let error = match (function, events.first()) {
            (Some(function), Some(first)) => {
                let view = EventView::new(first.payload.clone());
                match self.schedule_run(turn, &function, events, &view, cause) {
                    Ok(_) => return,
                    Err(refusal) => refusal.to_error(),
                }
            }
            (None, _) | (_, None) => function_gone(),
        };
        for wait in waits {
            self.resolve(turn, wait, Resolution::Value(error.clone().memoized()));
        }
    }
}
