//! A run in memory: what is memoized, what is outstanding, which jobs it has.
//!
//! A run is resident while one of its jobs holds a slot; otherwise its rows are all there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_protocol::call::CallRequest;
use everstep_protocol::limits::{STATE_MAX, STEP_OUTPUT_MAX, STEPS_MAX};
use everstep_protocol::op::{Op, ParallelMode};
use everstep_protocol::{JobId, Json, StepId, Timestamp};

use crate::change::Change;
use crate::defers::Defers;
use crate::record::{
    CallStage, DueCall, DueJob, EventRecord, FunctionRecord, JobKind, JobRecord, LoadedJob,
    RunRecord, RunSnapshot, RunStatus, StepKind, StepRecord, StepStatus, StepTrace, WaitKind,
    WaitReason, WaitRecord,
};
use crate::request::StepRequest;
use crate::shard::News;
use crate::turn::Turn;

pub(crate) struct Run {
    pub(crate) record: RunRecord,
    pub(crate) events: Vec<EventRecord>,
    /// Memoized values in the order in which they were stored (sdk-protocol §5.10).
    stack: Vec<(StepId, Json)>,
    memoized: BTreeSet<StepId>,
    /// Steps that are known but not memoized.
    open: BTreeMap<StepId, StepRecord>,
    jobs: BTreeMap<u32, JobRecord>,
    /// By the number of the job that ends them.
    waits: BTreeMap<u32, WaitRecord>,
    /// Requests that the server makes itself, by the number of the job. They hold secrets and are
    /// never stored: after a restart the app is asked for them again.
    requests: BTreeMap<u32, StepRequest>,
    pub(crate) defers: Defers,
    /// Numbers of the jobs whose call is in flight.
    calls: BTreeSet<u32>,
    /// A result was stored while a discovery was in flight that could not know of it.
    pub(crate) rediscover: bool,
}

/// A bound that a result would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    Step { size: usize, limit: usize },
    State { size: u64, limit: usize },
    Steps { limit: usize },
}

impl Run {
    pub(crate) fn new(record: RunRecord, events: Vec<EventRecord>) -> Self {
        Self {
            record,
            events,
            stack: Vec::new(),
            memoized: BTreeSet::new(),
            open: BTreeMap::new(),
            jobs: BTreeMap::new(),
            waits: BTreeMap::new(),
            requests: BTreeMap::new(),
            defers: Defers::default(),
            calls: BTreeSet::new(),
            rediscover: false,
        }
    }

    pub(crate) fn load(snapshot: RunSnapshot) -> Self {
        let mut run = Self::new(snapshot.run, snapshot.events);
        let events = run.events.iter().map(|event| event.payload.len() as u64);
        run.record.state_bytes = events.sum();
        run.record.steps_done = 0;
        for step in snapshot.steps {
            match step.value {
                Some(value) => {
                    run.record.state_bytes += value.len() as u64;
                    run.record.steps_done += 1;
                    run.memoized.insert(step.id.clone());
                    run.stack.push((step.id, value));
                }
                None => {
                    run.open.insert(step.id.clone(), step);
                }
            }
        }
        run.jobs = snapshot
            .jobs
            .into_iter()
            .map(|job| (job.id.number, job))
            .collect();
        let waits = snapshot.waits.into_iter();
        run.waits = waits.map(|wait| (wait.id.number, wait)).collect();
        run.defers = Defers::load(snapshot.defers);
        run
    }

    /// Learn of what was committed while the run was not looked at.
    pub(crate) fn hear(&mut self, news: News) {
        match news {
            News::Resolved(id, resolution) => {
                if let Some(wait) = self.waits.get_mut(&id.number) {
                    wait.resolution.get_or_insert(resolution);
                }
            }
            News::Job(job) => {
                self.waits.remove(&job.id.number);
                self.jobs.insert(job.id.number, job);
            }
            News::SignalLost(id) => {
                if let Some(wait) = self.waits.get_mut(&id.number) {
                    wait.kind = WaitKind::SignalLost;
                }
            }
        }
    }

    pub(crate) fn is_memoized(&self, step: &StepId) -> bool {
        self.memoized.contains(step)
    }

    /// Whether a step has a job of its own, other than `except`: it is planned, running or asleep.
    pub(crate) fn is_awaited(&self, step: &StepId, except: JobId) -> bool {
        self.jobs
            .values()
            .any(|job| job.id != except && job.kind.step() == Some(step))
    }

    /// Whether a group still waits for members to join (sdk-protocol §5.9, version 2).
    pub(crate) fn awaits_join(&self) -> bool {
        self.jobs
            .values()
            .filter_map(|job| job.kind.step())
            .any(|step| {
                self.open
                    .get(step)
                    .is_none_or(|step| step.mode == ParallelMode::Join)
            })
    }

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

    /// Whether the run is to be ended instead of called: something has cancelled it, or it took too
    /// long (server-semantics §3.5). The job that ends it may be behind others that were due.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.jobs.values().any(|job| match job.kind {
            JobKind::Cancel => true,
            JobKind::StartTimeout => self.record.status == RunStatus::Queued && job.due_at < now,
            JobKind::FinishTimeout => job.due_at < now,
            JobKind::Discovery
            | JobKind::Step(_)
            | JobKind::Request(_)
            | JobKind::SleepEnd(_)
            | JobKind::WaitEnd(_)
            | JobKind::SyncTimeout => false,
        })
    }

    pub(crate) fn call_begins(&mut self, job: JobId) {
        self.calls.insert(job.number);
    }

    pub(crate) fn call_ends(&mut self, job: JobId) {
        self.calls.remove(&job.number);
    }

    /// Whether the run must stay in memory.
    pub(crate) fn is_busy(&self) -> bool {
        !self.calls.is_empty() || !self.requests.is_empty()
    }

    pub(crate) fn open_step(&self, step: &StepId) -> Option<&StepRecord> {
        self.open.get(step)
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

    pub(crate) fn put_wait(&mut self, turn: &mut Turn, wait: WaitRecord) {
        turn.change(Change::PutWait(wait.clone()));
        self.waits.insert(wait.id.number, wait);
    }

    pub(crate) fn take_wait(&mut self, id: JobId) -> Option<WaitRecord> {
        self.waits.remove(&id.number)
    }

    /// Create the job that makes a request for a step, as the same attempt as `by`, the call that
    /// asked for it, if that was for the same step.
    pub(crate) fn add_request(
        &mut self,
        turn: &mut Turn,
        step: &StepId,
        by: &JobRecord,
        request: StepRequest,
    ) {
        let kind = JobKind::Request(step.clone());
        let attempt = if by.kind.step() == Some(step) {
            by.attempt
        } else {
            0
        };
        let id = self.take_number(turn);
        self.requests.insert(id.number, request);
        let job = JobRecord {
            id,
            kind,
            due_at: turn.now,
            reason: WaitReason::Queued,
            attempt,
            generation: 1,
            epoch: turn.epoch,
            created_at: turn.now,
        };
        self.put_job(turn, job);
    }

    /// The request that the job makes, if it makes one instead of a call.
    pub(crate) fn request(&self, job: JobId) -> Option<&StepRequest> {
        self.requests.get(&job.number)
    }

    pub(crate) fn take_request(&mut self, job: JobId) -> Option<StepRequest> {
        self.requests.remove(&job.number)
    }

    /// The request of a call for one of the jobs (sdk-protocol §4.1).
    pub(crate) fn call_request(
        &self,
        turn: &mut Turn,
        job: &JobRecord,
        function: &FunctionRecord,
    ) -> CallRequest {
        let target = match &job.kind {
            JobKind::Step(step) => Some(step.clone()),
            _ => None,
        };
        let force_step_plan = match (&job.kind, self.record.request_version) {
            // It asks for the request again, and for nothing else.
            (JobKind::Request(_), _) => self.has_other_jobs(job.id),
            // A targeted call executes its target only; version 1 never goes back.
            (JobKind::Step(_), _) | (_, 1) => self.record.parallel,
            _ => self.awaits_join(),
        };
        CallRequest {
            run: self.record.id,
            function: self.record.function,
            app: function.app,
            function_slug: function.slug.clone(),
            target,
            attempt: job.attempt,
            max_attempts: self.record.max_attempts,
            force_step_plan,
            version: self.record.request_version,
            job: job.id,
            epoch: job.epoch.0,
            generation: job.generation,
            request: turn.entropy.request_id(turn.now),
            events: self
                .events
                .iter()
                .map(|event| event.payload.clone())
                .collect(),
            steps: self.stack.clone(),
            defers: self.defers.in_calls(),
        }
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
