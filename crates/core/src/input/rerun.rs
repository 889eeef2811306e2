//! Someone runs a run once more, from its start or with some of its steps (server-semantics §3.14).

use std::sync::Arc;

use everstep_protocol::{OperationId, RunId};

use super::ControlRefusal;
use crate::change::Change;
use crate::expression::EventView;
use crate::record::{EventRecord, RerunRecord, RunRecord};
use crate::rerun::{RerunFrom, RerunPlan};
use crate::shard::Shard;
use crate::start::Cause;
use crate::turn::Turn;

/// A run to run once more, with what was read of it: events and memoized steps stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Rerun {
    /// Of the new run. One that there is already is not started again. `None`: chosen here.
    pub id: Option<RunId>,
    pub source: RunRecord,
    /// The first run of the chain.
    pub original: RunId,
    /// At least one.
    pub events: Vec<EventRecord>,
    pub from: RerunFrom,
    pub plan: RerunPlan,
    /// What it is part of. The operation has an entry in the audit log, and this one has none then.
    pub operation: Option<OperationId>,
    pub reason: Option<Arc<str>>,
}

impl Shard {
    /// The new run. Nothing happened if there is none.
    pub(super) fn rerun(&mut self, turn: &mut Turn, rerun: Rerun) -> Result<RunId, ControlRefusal> {
        if let Some(id) = rerun.id.filter(|id| self.runs.contains_key(id)) {
            return Ok(id);
        }
        let id = rerun.source.function;
        let function = self.registry.function(id).cloned();
        let function = function
            .filter(|function| function.is_active())
            .ok_or(ControlRefusal::FunctionUnknown(id))?;
        let Some(first) = rerun.events.first() else {
            return Err(ControlRefusal::EventsGone(rerun.source.id));
        };
        let view = EventView::new(first.payload.clone());
        let record = |run| RerunRecord {
            run,
            source: rerun.source.id,
            original: rerun.original,
            operation: rerun.operation,
        };
        let cause = Cause::Rerun {
            id: rerun.id,
            batch: rerun.source.batch,
            plan: Box::new(rerun.plan),
        };
        let run = self
            .schedule_run(turn, &function, rerun.events, &view, cause)
            .map_err(ControlRefusal::NotStarted)?;
        turn.change(Change::PutRerun(record(run)));
        Ok(run)
    }
}
