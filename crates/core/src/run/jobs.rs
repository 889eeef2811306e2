//! The jobs of a run: what of it is due when. Each change of them is a row, and the schedule is told.
//!
//! **Invariant:** a run has one discovery at a time, and its generation is above that of any before.

use everstep_protocol::{JobId, StepId, Timestamp};

use super::Run;
use crate::change::Change;
use crate::record::{
    CallStage, DueCall, DueJob, JobKind, JobRecord, LoadedJob, RunStatus, WaitReason,
};
use crate::turn::Turn;

impl Run {
    pub(crate) fn job(&self, id: JobId) -> Option<&JobRecord> {
        self.jobs.get(&id.number).filter(|job| job.id == id)
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = &JobRecord> {
        self.jobs.values()
    }

    pub(crate) fn discovery(&self) -> Option<&JobRecord> {
        self.jobs.get(&JobId::DISCOVERY)
    }

    /// Whether something else leads on from here.
    pub(crate) fn has_other_jobs(&self, except: JobId) -> bool {
        self.jobs
            .values()
            .any(|job| job.id != except && job.kind.leads_on())
    }

    /// Whether the job can be taken now.
    pub(crate) fn is_due(&self, job: &JobRecord, now: Timestamp) -> bool {
        let wait = self.waits.get(&job.id.number);
        job.due_at <= now || wait.is_some_and(|wait| wait.resolution.is_some())
    }

    /// The id of the next job or wait.
    pub(crate) fn take_number(&mut self, turn: &mut Turn) -> JobId {
        let number = self.record.next_job;
        self.record.next_job += 1;
        turn.dirty(self.record.id);
        JobId {
            run: self.record.id,
            number,
        }
    }

    /// Create a job that is not the discovery.
    pub(crate) fn add_job(
        &mut self,
        turn: &mut Turn,
        kind: JobKind,
        due_at: Timestamp,
        reason: WaitReason,
    ) -> JobId {
        let id = self.take_number(turn);
        self.put_job(
            turn,
            JobRecord {
                id,
                kind,
                due_at,
                reason,
                attempt: 0,
                generation: 1,
                epoch: turn.epoch,
                created_at: turn.now,
            },
        );
        id
    }

    /// Replace a job, and let the schedule know when it is due.
    pub(crate) fn put_job(&mut self, turn: &mut Turn, job: JobRecord) {
        turn.schedule(self.due(&job));
        self.update_job(turn, job);
    }

    /// The job was taken and is not made: it waits for its turn again.
    pub(crate) fn queue_again(&self, turn: &mut Turn, job: &JobRecord) {
        turn.schedule(self.due(job));
    }

    /// A job as the schedule knows it.
    fn due(&self, job: &JobRecord) -> LoadedJob {
        let stage = match &job.kind {
            JobKind::Request(_) if self.requests.contains_key(&job.id.number) => CallStage::Request,
            JobKind::Discovery if self.record.status == RunStatus::Queued => CallStage::Start,
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_) => CallStage::Step,
            JobKind::SleepEnd(_)
            | JobKind::WaitEnd(_)
            | JobKind::Cancel
            | JobKind::StartTimeout
            | JobKind::FinishTimeout
            | JobKind::SyncTimeout => {
                return LoadedJob::Upkeep(DueJob {
                    due_at: job.due_at,
                    id: job.id,
                });
            }
        };
        LoadedJob::Call(DueCall {
            due_at: job.due_at,
            id: job.id,
            reason: job.reason,
            stage,
            function: self.record.function,
            keys: self.record.keys.clone(),
            priority: self.record.priority,
        })
    }

    /// A job that waits for its time is due now.
    pub(crate) fn hasten_job(&mut self, turn: &mut Turn, job: &JobRecord) {
        turn.unschedule(self.due(job));
        let due = JobRecord {
            due_at: turn.now,
            reason: WaitReason::Queued,
            ..job.clone()
        };
        self.put_job(turn, due);
    }

    /// The run ends: nothing of it is to be taken any more.
    pub(crate) fn unschedule_all(&self, turn: &mut Turn) {
        for job in self.jobs.values() {
            turn.unschedule(self.due(job));
        }
    }

    /// Replace a job whose turn does not change.
    pub(crate) fn update_job(&mut self, turn: &mut Turn, job: JobRecord) {
        turn.change(Change::PutJob(job.clone()));
        turn.touch(self.record.id);
        self.jobs.insert(job.id.number, job);
    }

    pub(crate) fn delete_job(&mut self, turn: &mut Turn, id: JobId) {
        let Some(job) = self.jobs.remove(&id.number) else {
            return;
        };
        turn.change(Change::DeleteJob(id));
        turn.unschedule(self.due(&job));
        if job.kind == JobKind::Discovery {
            self.record.generation = job.generation;
            turn.dirty(self.record.id);
        }
    }

    /// Make sure that the app is asked what comes next with all that is memoized now. A run has
    /// one discovery at a time: two could find the same new step, and both would execute it.
    pub(crate) fn discover(&mut self, turn: &mut Turn) {
        match self.discovery() {
            None => self.discover_at(turn, turn.now, WaitReason::Queued),
            Some(job) if self.calls.contains(&job.id.number) => self.rediscover = true,
            // It has not left yet: it will carry everything.
            Some(_) => {}
        }
    }

    /// Create the discovery of a run that has none.
    pub(crate) fn discover_at(&mut self, turn: &mut Turn, due_at: Timestamp, reason: WaitReason) {
        let job = JobRecord {
            id: JobId::discovery(self.record.id),
            kind: JobKind::Discovery,
            due_at,
            reason,
            attempt: 0,
            generation: 0,
            epoch: turn.epoch,
            created_at: turn.now,
        };
        self.put_discovery(turn, job);
    }

    /// Create the discovery of a run that has none, as `job` says but for its identity.
    pub(crate) fn put_discovery(&mut self, turn: &mut Turn, job: JobRecord) {
        let job = JobRecord {
            id: JobId::discovery(self.record.id),
            kind: JobKind::Discovery,
            generation: self.record.generation + 1,
            ..job
        };
        self.put_job(turn, job);
    }

    /// A job is done, and the app is to be asked what comes next. This is the hot path: after a
    /// discovery, its row says of the next one what matters, and is left as it is.
    pub(crate) fn discover_after(&mut self, turn: &mut Turn, done: &JobRecord) {
        if done.kind != JobKind::Discovery {
            self.delete_job(turn, done.id);
            return self.discover(turn);
        }
        let next = JobRecord {
            due_at: turn.now,
            reason: WaitReason::Queued,
            attempt: 0,
            generation: done.generation + 1,
            ..done.clone()
        };
        if done.attempt == 0 && done.reason == WaitReason::Queued {
            turn.schedule(self.due(&next));
            turn.touch(self.record.id);
            self.jobs.insert(next.id.number, next);
        } else {
            self.put_job(turn, next);
        }
    }
}

impl JobKind {
    /// The step that the job is for; `None` for a discovery.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Discovery
            | Self::Cancel
            | Self::StartTimeout
            | Self::FinishTimeout
            | Self::SyncTimeout => None,
            Self::Step(step) | Self::Request(step) | Self::SleepEnd(step) | Self::WaitEnd(step) => {
                Some(step)
            }
        }
    }

    /// Whether the run goes on when the job is done; others only end it.
    pub(crate) fn leads_on(&self) -> bool {
        match self {
            Self::Discovery
            | Self::Step(_)
            | Self::Request(_)
            | Self::SleepEnd(_)
            | Self::WaitEnd(_) => true,
            Self::Cancel | Self::StartTimeout | Self::FinishTimeout | Self::SyncTimeout => false,
        }
    }
}
