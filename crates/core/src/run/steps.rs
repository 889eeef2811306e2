//! The steps of a run: those that are known, and those that are memoized, as far as there is room.

use std::sync::Arc;

use everstep_protocol::limits::{STATE_MAX, STEP_OUTPUT_MAX, STEPS_MAX};
use everstep_protocol::op::Op;
use everstep_protocol::{JobId, Json, Timestamp};

use super::Run;
use crate::change::Change;
use crate::record::{StepKind, StepRecord, StepStatus, StepTrace};
use crate::turn::Turn;

/// A bound that a result would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    Step { size: usize, limit: usize },
    State { size: u64, limit: usize },
    Steps { limit: usize },
}

impl Run {
    /// Remember a step that is not memoized yet.
    pub(crate) fn put_open(&mut self, turn: &mut Turn, step: StepRecord) {
        turn.change(Change::PutStep(step.clone()));
        self.open.insert(step.id.clone(), step);
    }

    /// Store the value of a step and append it to the stack; the first value wins. Its job, if it
    /// has one, is done.
    pub(crate) fn memoize(
        &mut self,
        turn: &mut Turn,
        mut step: StepRecord,
        value: Json,
    ) -> Result<(), Overflow> {
        if self.is_memoized(&step.id) {
            return Ok(());
        }
        let state_bytes =
            self.room_for(value.len(), self.record.state_bytes, self.record.steps_done)?;
        self.record.state_bytes = state_bytes;

        self.open.remove(&step.id);
        let jobs: Vec<JobId> = self
            .jobs
            .values()
            .filter(|job| job.kind.step() == Some(&step.id))
            .map(|job| job.id)
            .collect();
        for job in jobs {
            self.delete_job(turn, job);
            // What the step waited for ends nothing any more.
            if self.waits.remove(&job.number).is_some() {
                turn.change(Change::DeleteWait(job));
                turn.ended_waits.push(job);
            }
        }

        step.position = Some(self.record.steps_done);
        step.ended_at.get_or_insert(turn.now);
        step.value = Some(value.clone());
        self.record.steps_done += 1;
        self.memoized.insert(step.id.clone());
        self.stack.push((step.id.clone(), value));
        turn.change(Change::PutStep(step));
        turn.touch(self.record.id);
        Ok(())
    }

    /// Whether a value of this size can be stored.
    pub(crate) fn has_room(&self, size: usize) -> Result<(), Overflow> {
        self.room_for(size, self.record.state_bytes, self.record.steps_done)
            .map(drop)
    }

    /// The size of a state of `state_bytes` and `steps` steps when one more value is stored.
    pub(crate) fn room_for(
        &self,
        size: usize,
        state_bytes: u64,
        steps: u32,
    ) -> Result<u64, Overflow> {
        let grown = state_bytes + size as u64;
        if size > STEP_OUTPUT_MAX {
            return Err(Overflow::Step {
                size,
                limit: STEP_OUTPUT_MAX,
            });
        }
        if grown > STATE_MAX as u64 {
            return Err(Overflow::State {
                size: grown,
                limit: STATE_MAX,
            });
        }
        if steps as usize >= STEPS_MAX {
            return Err(Overflow::Steps { limit: STEPS_MAX });
        }
        Ok(grown)
    }

    /// The record of a step that an op speaks of: as it was known, brought up to date.
    pub(crate) fn step_of(
        &self,
        op: &Op,
        kind: StepKind,
        status: StepStatus,
        now: Timestamp,
    ) -> StepRecord {
        let known = self.open.get(&op.id);
        let started_at = op.timing.map(|timing| timing.started_at);
        // A checkpoint may be sent a while after.
        let ended_at = match status {
            StepStatus::Completed | StepStatus::Failed => {
                op.timing.map(|timing| timing.started_at + timing.duration)
            }
            StepStatus::Planned
            | StepStatus::Retrying
            | StepStatus::Sleeping
            | StepStatus::Waiting => None,
        };
        let input = || match kind {
            StepKind::Run => StepTrace::of_input(op.input()),
            // Their options are the request, which holds keys, or what is waited for.
            StepKind::Sleep
            | StepKind::WaitForEvent
            | StepKind::WaitForSignal
            | StepKind::Invoke
            | StepKind::Fetch
            | StepKind::Infer => None,
        };
        StepRecord {
            run: self.record.id,
            id: op.id.clone(),
            kind,
            status,
            name: Arc::from(op.title()),
            step_type: op.step_type().map(Arc::from),
            mode: known.map_or_else(|| op.parallel_mode(), |step| step.mode),
            position: None,
            value: None,
            trace: known
                .and_then(|step| step.trace.clone())
                .or_else(|| input().map(|trace| trace.to_json())),
            created_at: known.map_or(now, |step| step.created_at),
            started_at: known.and_then(|step| step.started_at).or(started_at),
            ended_at,
        }
    }
}
