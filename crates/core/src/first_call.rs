//! What the first call of a run brings with it, and takes with it when it is turned away.
//!
//! A run starts when its first call is made. If the app can't be reached, or something before it
//! turns the call away, nothing of the run was executed: it has not started after all. Its place and
//! its share of the throttle are there for others, and both timeouts count as if nothing had been.
//! After a restart nobody knows whether a call got through, so a run that has started stays so.

use everstep_protocol::JobId;

use crate::effect::Update;
use crate::flow::Start;
use crate::function::Function;
use crate::record::{JobKind, RunStatus, WaitReason};
use crate::run::Run;
use crate::schedule::calls::Ended;
use crate::shard::Shard;
use crate::turn::Turn;

impl Run {
    /// The run starts.
    pub(crate) fn begin(&mut self, turn: &mut Turn, function: &Function) {
        self.record.status = RunStatus::Running;
        self.record.started_at = Some(turn.now);
        turn.dirty(self.record.id);
        if let Some(timeout) = function.record.config.timeouts.finish {
            let at = turn.now + timeout;
            self.add_job(turn, JobKind::FinishTimeout, at, WaitReason::Timeout);
        }
        turn.publish(Update::RunStarted {
            run: self.record.id,
            function: function.record.id,
        });
    }

    /// The run has not started after all.
    fn unbegin(&mut self, turn: &mut Turn, function: Option<&Function>) {
        self.record.status = RunStatus::Queued;
        self.record.started_at = None;
        turn.dirty(self.record.id);
        if let Some(job) = self.job_of_kind(&JobKind::FinishTimeout) {
            self.delete_job(turn, job);
        }
        // It may have come, and found the run started.
        let start = function.and_then(|it| it.record.config.timeouts.start);
        if let Some(timeout) = start.filter(|_| self.record.batch.is_none())
            && self.job_of_kind(&JobKind::StartTimeout).is_none()
        {
            let at = self.record.id.timestamp() + timeout;
            self.add_job(turn, JobKind::StartTimeout, at, WaitReason::Timeout);
        }
    }

    fn job_of_kind(&self, kind: &JobKind) -> Option<JobId> {
        self.jobs().find(|job| job.kind == *kind).map(|job| job.id)
    }
}

impl Shard {
    /// The call that holds a slot has ended; `None` if that was heard of before.
    pub(crate) fn ended(&mut self, turn: &Turn, job: JobId, generation: u32) -> Option<Ended> {
        let calls = &mut self.schedule.calls;
        calls.ended(job, generation, &mut self.flow, turn.now)
    }

    /// The call that was to start the run was turned away.
    pub(crate) fn undo_start(&mut self, turn: &mut Turn, run: &mut Run, start: Start) {
        let function = self.registry.function(run.record.function);
        run.unbegin(turn, function.map(|function| &**function));
        let (changes, freed) = self.flow.undo(start);
        turn.changes.extend(changes);
        for limit in freed {
            self.schedule.wake(limit, &self.flow, turn.now);
        }
    }
}
