//! Bulk cancellations: which there are, and how far each has come (server-semantics §8).
//!
//! The engine looks for the runs, because they are in the store, and cancels them one by one. What
//! is decided here is what it goes on with after a restart.

use everstep_protocol::{CancellationId, RunId};

use super::ControlRefusal;
use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::limits::CANCELLATIONS_OPEN_MAX;
use crate::record::CancellationRecord;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(super) fn put_cancellation(
        &mut self,
        turn: &mut Turn,
        cancellation: CancellationRecord,
    ) -> Result<(), ControlRefusal> {
        if self.cancellations.len() >= CANCELLATIONS_OPEN_MAX {
            return Err(ControlRefusal::TooManyCancellations {
                most: CANCELLATIONS_OPEN_MAX,
            });
        }
        turn.change(Change::PutCancellation(cancellation.clone()));
        self.cancellations.insert(cancellation.id, cancellation);
        Ok(())
    }

    pub(crate) fn cancellations_open(&self, turn: &mut Turn, reply_to: ReplyTo) {
        let open = self.cancellations.values().cloned().collect();
        turn.reply(reply_to, Answer::CancellationsOpen(open));
    }

    /// One that was deleted meanwhile stays deleted.
    pub(crate) fn advance_cancellation(
        &mut self,
        turn: &mut Turn,
        id: CancellationId,
        next: RunId,
        reply_to: ReplyTo,
    ) {
        if let Some(mut cancellation) = self.cancellations.remove(&id) {
            cancellation.next = next;
            if next < cancellation.end() {
                self.cancellations.insert(id, cancellation.clone());
            } else {
                cancellation.ended_at = Some(turn.now);
            }
            turn.change(Change::PutCancellation(cancellation));
        }
        turn.reply(reply_to, Answer::CancellationAdvanced);
    }

    /// Runs that were cancelled stay so.
    pub(super) fn delete_cancellation(&mut self, turn: &mut Turn, id: CancellationId) {
        self.cancellations.remove(&id);
        turn.change(Change::DeleteCancellation(id));
    }
}

#[cfg(test)]
mod tests;
