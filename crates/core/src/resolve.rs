//! What ends a wait: stored with it at once, and applied when its run is there.
//!
//! The run of a wait is usually not in memory. So what came is committed beside the wait, and the
//! job that ends the wait becomes due: whoever takes it loads the run with it. A restart in between
//! finds the wait resolved, and its job due.

use everstep_protocol::{JobId, Json, StepId, UserError};

use crate::change::Change;
use crate::record::{
    JobKind, JobRecord, Resolution, StepRecord, StepStatus, StepTrace, WaitKind, WaitReason,
};
use crate::run::{Overflow, Run};
use crate::shard::{News, Shard};
use crate::turn::Turn;

impl Shard {
    /// End a wait, if it still waits: the first of what would end it wins (WE-4).
    pub(crate) fn resolve(&mut self, turn: &mut Turn, id: JobId, resolution: Resolution) {
        if !self.waits.is_open(id, turn.now) {
            return;
        }
        if self.waits.is_cancellation(id) {
            turn.change(Change::DeleteWait(id));
            return self.cancel_soon(turn, id);
        }
        self.waits.resolve(id);
        turn.change(Change::ResolveWait {
            wait: id,
            resolution: resolution.clone(),
        });
        self.tell(id, News::Resolved(id, resolution));
        turn.hasten(id);
    }

    /// The run of this job, which is of a number that nothing else has, is cancelled as soon as it is
    /// there (CA-1).
    pub(crate) fn cancel_soon(&mut self, turn: &mut Turn, id: JobId) {
        self.waits.remove(id);
        let job = JobRecord {
            id,
            kind: JobKind::Cancel,
            due_at: turn.now,
            reason: WaitReason::Queued,
            attempt: 0,
            generation: 1,
            epoch: turn.epoch,
            created_at: turn.now,
        };
        turn.change(Change::PutJob(job.clone()));
        self.tell(id, News::Job(job));
        turn.hasten(id);
    }

    /// A run that is in memory, or on its way, learns of what was committed behind its back.
    pub(crate) fn tell(&mut self, id: JobId, news: News) {
        if let Some(run) = self.runs.get_mut(&id.run) {
            run.hear(news);
        } else if let Some(parked) = self.loading.get_mut(&id.run) {
            parked.news.push(news);
        }
    }

    /// The time of a wait has come, or it was resolved.
    pub(crate) fn end_wait(
        &mut self,
        turn: &mut Turn,
        run: &mut Run,
        id: JobId,
        step: &StepId,
    ) -> Result<(), UserError> {
        self.waits.remove(id);
        let Some(wait) = run.take_wait(id) else {
            return Ok(());
        };
        turn.change(Change::DeleteWait(id));
        let Some(mut record) = run.open_step(step).cloned() else {
            return Ok(());
        };
        record.trace = Some(trace(&record, wait.resolution.as_ref()).to_json());
        let value = match wait.resolution {
            Some(Resolution::Event(event)) => event.payload,
            Some(Resolution::Value(value)) => value,
            None if wait.kind == WaitKind::Invocation => invocation_timeout().memoized(),
            None => Json::null(),
        };
        let failed = wait.kind == WaitKind::Invocation && value.member("error").is_some();
        record.status = if failed {
            StepStatus::Failed
        } else {
            StepStatus::Completed
        };
        let mode = record.mode;
        run.memoize(turn, record, value)
            .map_err(Overflow::to_error)?;
        if run.discovers_after(mode) {
            run.discover(turn);
        }
        Ok(())
    }
}

/// What is kept of a step that waited: what it waited for, and what ended that.
fn trace(step: &StepRecord, resolution: Option<&Resolution>) -> StepTrace {
    let known = step.trace.as_ref().map(StepTrace::read);
    let found_event = match resolution {
        Some(Resolution::Event(event)) => Some(event.id),
        Some(Resolution::Value(_)) | None => None,
    };
    StepTrace {
        found_event,
        timed_out: Some(resolution.is_none()),
        ..known.unwrap_or_default()
    }
}

/// IN-4.
fn invocation_timeout() -> UserError {
    UserError::new(
        "InngestInvokeTimeoutError",
        "Timed out waiting for invoked function to complete",
    )
}
