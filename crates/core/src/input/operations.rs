//! Bulk operations: which there are, and how far each has come.
//!
//! The engine looks for the runs, because they are in the store, and acts on them one by one. What is
//! decided here is what it goes on with after a restart.

use std::sync::Arc;

use everstep_protocol::OperationId;

use super::ControlRefusal;
use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::limits::{OPERATION_ERRORS_KEPT_MAX, OPERATION_SAMPLE_MIN, OPERATIONS_OPEN_MAX};
use crate::record::{OperationCounts, OperationError, OperationRecord, OperationState, RunPlace};
use crate::shard::Shard;
use crate::turn::Turn;

/// A portion of a bulk operation was carried out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portion {
    /// Every run up to this place was looked at; `None` if there was none.
    pub cursor: Option<RunPlace>,
    pub counts: OperationCounts,
    pub errors: Vec<OperationError>,
    /// No run is left.
    pub is_last: bool,
    /// Why it can't go on.
    pub failure: Option<Arc<str>>,
}

impl Shard {
    pub(super) fn put_operation(
        &mut self,
        turn: &mut Turn,
        operation: OperationRecord,
    ) -> Result<(), ControlRefusal> {
        if self.operations.len() >= OPERATIONS_OPEN_MAX {
            return Err(ControlRefusal::TooManyOperations {
                most: OPERATIONS_OPEN_MAX,
            });
        }
        turn.change(Change::PutOperation(operation.clone()));
        self.operations.insert(operation.id, operation);
        Ok(())
    }

    /// It ends with the portion that is under way.
    pub(super) fn abort_operation(
        &mut self,
        turn: &mut Turn,
        id: OperationId,
    ) -> Result<(), ControlRefusal> {
        let operation = self.operations.get_mut(&id);
        let operation = operation.ok_or(ControlRefusal::OperationEnded(id))?;
        operation.state = OperationState::Aborting;
        turn.change(Change::PutOperation(operation.clone()));
        Ok(())
    }

    pub(super) fn resume_operation(
        &mut self,
        turn: &mut Turn,
        stored: OperationRecord,
    ) -> Result<(), ControlRefusal> {
        let open = self.operations.get(&stored.id);
        let state = open.map_or(stored.state, |open| open.state);
        match state {
            OperationState::Aborted | OperationState::Stopped => {}
            OperationState::Running => return Err(not_resumable(&stored, "running")),
            OperationState::Aborting => return Err(not_resumable(&stored, "aborting")),
            OperationState::Completed => return Err(not_resumable(&stored, "completed")),
            OperationState::Failed => return Err(not_resumable(&stored, "failed")),
        }
        self.put_operation(
            turn,
            OperationRecord {
                state: OperationState::Running,
                ended_at: None,
                ..stored
            },
        )
    }

    pub(crate) fn operations_open(&self, turn: &mut Turn, reply_to: ReplyTo) {
        let open = self.operations.values().cloned().collect();
        turn.reply(reply_to, Answer::OperationsOpen(open));
    }

    pub(crate) fn advance_operation(
        &mut self,
        turn: &mut Turn,
        id: OperationId,
        portion: Portion,
        reply_to: ReplyTo,
    ) {
        if let Some(mut operation) = self.operations.remove(&id) {
            advance(&mut operation, portion);
            if operation.state.is_open() {
                self.operations.insert(id, operation.clone());
            } else {
                operation.ended_at = Some(turn.now);
            }
            turn.change(Change::PutOperation(operation));
        }
        turn.reply(reply_to, Answer::OperationAdvanced);
    }
}

fn not_resumable(operation: &OperationRecord, state: &'static str) -> ControlRefusal {
    ControlRefusal::OperationNotResumable(operation.id, state)
}

fn advance(operation: &mut OperationRecord, portion: Portion) {
    operation.cursor = portion.cursor.or(operation.cursor);
    let counts = &mut operation.counts;
    counts.done += portion.counts.done;
    counts.skipped += portion.counts.skipped;
    counts.failed += portion.counts.failed;
    operation.errors.extend(portion.errors);
    operation.errors.truncate(OPERATION_ERRORS_KEPT_MAX);
    operation.failure = portion.failure;
    operation.state = match operation.state {
        _ if operation.failure.is_some() => OperationState::Failed,
        _ if portion.is_last => OperationState::Completed,
        OperationState::Aborting => OperationState::Aborted,
        OperationState::Running if fails_too_often(operation) => OperationState::Stopped,
        state => state,
    };
}

fn fails_too_often(operation: &OperationRecord) -> bool {
    let Some(percent) = operation.stop_on_error_percent else {
        return false;
    };
    let OperationCounts { done, failed, .. } = operation.counts;
    let acted = done + failed;
    acted >= OPERATION_SAMPLE_MIN && failed * 100 > acted * u64::from(percent)
}

#[cfg(test)]
mod tests;
