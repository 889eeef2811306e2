//! A run in memory: what is memoized, what is outstanding, which jobs it has.
//!
//! A run is resident while one of its jobs holds a slot; otherwise its rows are all there is.
//!
//! | to find | open |
//! |---|---|
//! | how a rerun begins | `begin.rs` |
//! | its jobs, and discoveries above all | `jobs.rs` |
//! | how results are stored, and how many | `steps.rs` |

mod begin;
mod jobs;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use everstep_protocol::call::CallRequest;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{JobId, Json, StepId, Timestamp, UserError};

use crate::change::Change;
use crate::defers::Defers;
use crate::record::{
    EventRecord, FunctionRecord, JobKind, JobRecord, RunRecord, RunSnapshot, RunStatus, StepRecord,
    WaitKind, WaitReason, WaitRecord,
};
use crate::request::StepRequest;
use crate::shard::News;
use crate::turn::Turn;

pub(crate) use self::steps::Overflow;

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

    /// Whether the app has told of a step.
    pub(crate) fn has_steps(&self) -> bool {
        !self.memoized.is_empty() || !self.open.is_empty()
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

    /// Whether a call for the job is in flight.
    pub(crate) fn is_called(&self, job: JobId) -> bool {
        self.calls.contains(&job.number)
    }

    /// The errors that steps are memoized with, the last one first.
    pub(crate) fn errors_of_steps(&self) -> impl Iterator<Item = (&StepId, UserError)> {
        let failed = self.stack.iter().rev();
        let failed = failed.filter(|(_, value)| value.as_str().starts_with(r#"{"error":"#));
        failed.filter_map(|(step, value)| {
            let error = value.member("error")?;
            Some((step, UserError::from_json(&error)))
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

    pub(crate) fn put_wait(&mut self, turn: &mut Turn, wait: WaitRecord) {
        turn.change(Change::PutWait(wait.clone()));
        self.waits.insert(wait.id.number, wait);
    }

    pub(crate) fn take_wait(&mut self, id: JobId) -> Option<WaitRecord> {
        self.waits.remove(&id.number)
    }

    /// What a step waits for, unless it has come already.
    pub(crate) fn unresolved_wait(&self, step: &StepId) -> Option<&WaitRecord> {
        let mut waits = self.waits.values();
        let wait = waits.find(|wait| wait.step.as_ref() == Some(step))?;
        wait.resolution.is_none().then_some(wait)
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
            inputs: self
                .open
                .values()
                .filter_map(|step| Some((step.id.clone(), step.input()?)))
                .collect(),
            defers: self.defers.in_calls(),
        }
    }
}
