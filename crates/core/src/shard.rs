//! The shard: takes an input, answers with a decision.

use std::collections::BTreeMap;

use everstep_protocol::{CancellationId, FunctionId, JobId, OperationId, RunId, Timestamp};

use crate::attributes::Attributes;
use crate::change::Change;
use crate::effect::{Call, Effect, ReplyTo};
use crate::endpoint::silent;
use crate::finish::{RunEnd, function_gone};
use crate::flow::Flow;
use crate::idempotency::Idempotency;
use crate::input::{Asked, Checkpoint, Control, EndpointSteps, Input, StartEndpoint};
use crate::limits::{
    CALLS_IN_FLIGHT_DEFAULT, CALLS_PER_APP_DEFAULT, SEARCH_STEPS_PER_TURN, UPKEEP_JOBS_MAX,
};
use crate::metadata::Metadata;
use crate::reception::Reception;
use crate::record::{
    CallStage, CancellationRecord, Epoch, JobKind, JobRecord, OperationRecord, Resolution,
    RunStatus, ShardState,
};
use crate::registry::Registry;
use crate::retry::RetryPolicy;
use crate::run::Run;
use crate::schedule::Schedule;
use crate::ticks::Ticks;
use crate::turn::{Decision, Due, Moment, Turn};
use crate::waits::Waits;

/// How a shard decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardConfig {
    /// Calls in flight at most, over all apps.
    pub calls_in_flight_max: usize,
    /// Calls in flight to one app at most.
    pub calls_per_app_max: u32,
    /// Jobs that make no call and whose runs are being loaded, at most.
    pub upkeep_jobs_max: usize,
    pub retry: RetryPolicy,
    /// What may be done in one turn to tell which waits an event ends.
    pub search_steps_per_turn: usize,
}

impl Default for ShardConfig {
    fn default() -> Self {
        Self {
            calls_in_flight_max: CALLS_IN_FLIGHT_DEFAULT,
            calls_per_app_max: CALLS_PER_APP_DEFAULT,
            upkeep_jobs_max: UPKEEP_JOBS_MAX,
            retry: RetryPolicy::default(),
            search_steps_per_turn: SEARCH_STEPS_PER_TURN,
        }
    }
}

/// A set of functions with all their runs and jobs.
pub struct Shard {
    pub(crate) config: ShardConfig,
    epoch: Epoch,
    pub(crate) registry: Registry,
    /// Runs with a call in flight.
    pub(crate) runs: BTreeMap<RunId, Run>,
    /// Runs that are being loaded, with what waits for them.
    pub(crate) loading: BTreeMap<RunId, Parked>,
    pub(crate) schedule: Schedule,
    pub(crate) flow: Flow,
    pub(crate) waits: Waits,
    /// Events of a client on their way in.
    pub(crate) reception: Option<Reception>,
    pub(crate) ticks: Ticks,
    pub(crate) idempotency: Idempotency,
    /// Bulk cancellations that have not ended.
    pub(crate) cancellations: BTreeMap<CancellationId, CancellationRecord>,
    pub(crate) metadata: Metadata,
    /// Bulk operations that are open.
    pub(crate) operations: BTreeMap<OperationId, OperationRecord>,
    pub(crate) attributes: Attributes,
}

/// What waits until a run is loaded.
#[derive(Default)]
pub(crate) struct Parked {
    pub(crate) jobs: Vec<JobId>,
    pub(crate) checkpoints: Vec<Checkpoint>,
    pub(crate) starts: Vec<StartEndpoint>,
    pub(crate) steps: Vec<EndpointSteps>,
    pub(crate) cancellations: Vec<ReplyTo>,
    pub(crate) controls: Vec<(Control, Asked)>,
    /// What was committed since the load was asked for: it may have missed it.
    pub(crate) news: Vec<News>,
}

/// Something that was committed for a run without looking at it.
pub(crate) enum News {
    Resolved(JobId, Resolution),
    Job(JobRecord),
    SignalLost(JobId),
}

impl Shard {
    /// A shard as it was stored. `epoch` is the one under which its changes will be committed.
    pub fn new(config: ShardConfig, epoch: Epoch, mut state: ShardState) -> Self {
        let flow = Flow::new(config.calls_per_app_max, &mut state);
        let mut schedule = Schedule::new(config.calls_in_flight_max, config.upkeep_jobs_max);
        for wait in state.waits.iter().filter(|wait| wait.is_resolved) {
            // The row of its job says when the wait would have ended otherwise.
            schedule.hasten(wait.id);
        }
        Self {
            config,
            epoch,
            registry: Registry::new(state.apps, state.functions),
            runs: BTreeMap::new(),
            loading: BTreeMap::new(),
            schedule,
            flow,
            waits: Waits::new(state.waits),
            reception: None,
            ticks: Ticks::new(state.ticks),
            idempotency: Idempotency::new(state.idempotency),
            cancellations: state
                .cancellations
                .into_iter()
                .map(|cancellation| (cancellation.id, cancellation))
                .collect(),
            metadata: Metadata::default(),
            operations: state
                .operations
                .into_iter()
                .map(|operation| (operation.id, operation))
                .collect(),
            attributes: Attributes::new(state.attributes),
        }
    }

    /// Decide on an input.
    pub fn handle(&mut self, input: Input, moment: Moment) -> Decision {
        let mut turn = Turn::new(moment, self.epoch);
        // First, so that nothing is decided by one whose time is over.
        self.expire_overrides(&mut turn);
        self.decide(&mut turn, input);
        self.fire_ticks(&mut turn);
        self.fire_held(&mut turn);
        self.take_up_jobs(&mut turn);
        self.idempotency.sweep(&mut turn);
        self.flow.rates.sweep(&mut turn);
        self.settle(&mut turn);
        Decision {
            changes: turn.changes,
            effects: turn.effects,
        }
    }

    /// Decide on what an input says, or let it wait for what it needs.
    pub(crate) fn decide(&mut self, turn: &mut Turn, input: Input) {
        let Some(input) = self.with_metadata(turn, input) else {
            return;
        };
        match input {
            // Whatever is due is taken up below, after every input.
            Input::Wake => self.go_on_receiving(turn, self.config.search_steps_per_turn),
            Input::Sync { app, reply_to } => self.sync(turn, *app, reply_to),
            Input::Events { events, reply_to } => self.events(turn, events, reply_to),
            Input::Invoke {
                function,
                event,
                reply_to,
            } => self.invoke_from_outside(turn, &function, *event, reply_to),
            Input::Signal {
                name,
                data,
                reply_to,
            } => self.signal(turn, &name, data, reply_to),
            Input::Cancel { run, reply_to } => self.cancel(turn, run, reply_to),
            Input::UpdateMetadata {
                run,
                updates,
                reply_to,
            } => self.update_metadata(turn, run, &updates, reply_to),
            Input::PutSpans { spans, reply_to } => self.put_spans(turn, spans, reply_to),
            Input::CancellationsOpen { reply_to } => self.cancellations_open(turn, reply_to),
            Input::AdvanceCancellation { id, next, reply_to } => {
                self.advance_cancellation(turn, id, next, reply_to);
            }
            Input::CallEnded(ended) => self.call_ended(turn, *ended),
            Input::RequestEnded(ended) => self.request_ended(turn, *ended),
            Input::Checkpoint(checkpoint) => self.checkpoint(turn, *checkpoint),
            Input::StartEndpoint(start) => self.start_endpoint(turn, *start),
            Input::EndpointSteps(steps) => self.endpoint_steps(turn, *steps),
            Input::RunLoaded { run, found } => self.run_loaded(turn, run, found),
            Input::MetadataLoaded { run, records } => self.metadata_loaded(turn, run, records),
            Input::JobsLoaded { jobs, until } => {
                self.schedule
                    .end_load(jobs, until, turn.now, &self.flow, &self.registry);
            }
            Input::EventsLoaded { held, events } => self.events_loaded(turn, held, events),
            Input::Control {
                control,
                id,
                actor,
                reply_to,
            } => self.control(turn, *control, id, actor, reply_to),
            Input::OperationsOpen { reply_to } => self.operations_open(turn, reply_to),
            Input::AdvanceOperation {
                id,
                portion,
                reply_to,
            } => self.advance_operation(turn, id, portion, reply_to),
            Input::Inspect {
                inspection,
                reply_to,
            } => self.inspect(turn, inspection, reply_to),
        }
    }

    /// When to come back with [`Input::Wake`], if nothing else happens before.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        if self.is_receiving() {
            return Some(Timestamp::default());
        }
        let wakeups = [
            self.schedule.next_wakeup(),
            self.ticks.next_wakeup(),
            self.flow.next_wakeup(),
        ];
        wakeups.into_iter().flatten().min()
    }

    /// Start the jobs that are due, as far as there are slots, and ask for those that are near.
    fn take_up_jobs(&mut self, turn: &mut Turn) {
        loop {
            self.update_schedule(turn);
            let taken = self.schedule.take(turn.now, &mut self.flow, &self.registry);
            let Some(id) = taken else { break };
            if let Some(run) = self.runs.remove(&id.run) {
                self.begin(turn, run, id);
                continue;
            }
            let parked = self.loading.entry(id.run).or_insert_with(|| {
                turn.effects.push(Effect::LoadRun(id.run));
                Parked::default()
            });
            parked.jobs.push(id);
        }
        self.schedule.calls.sweep();
        if let Some((after, until)) = self.schedule.begin_load(turn.now) {
            turn.effects.push(Effect::LoadJobs { after, until });
        }
    }

    fn update_schedule(&mut self, turn: &mut Turn) {
        for due in turn.due.drain(..) {
            match due {
                Due::Add(job) => {
                    self.schedule.add(job, turn.now, &self.flow, &self.registry);
                }
                Due::Hasten(job) => self.schedule.hasten(job),
                Due::Forget(call) => self.schedule.calls.forget(&call, &self.flow, turn.now),
            }
        }
    }

    /// The limits of a function may have changed.
    pub(crate) fn reconsider(&mut self, turn: &Turn, function: FunctionId) {
        self.schedule
            .reconsider(function, &mut self.flow, &self.registry, turn.now);
    }

    /// Free the slot of a job that was taken: no call is made for it.
    pub(crate) fn free(&mut self, turn: &Turn, job: JobId) {
        self.schedule.free(job, &mut self.flow, turn.now);
    }

    /// Start a job that holds a slot, with its run, which becomes resident again unless it ends.
    pub(crate) fn begin(&mut self, turn: &mut Turn, mut run: Run, id: JobId) {
        let job = match run.job(id) {
            // Done since, or put off.
            None => None,
            Some(job) if !run.is_due(job, turn.now) => None,
            Some(job) => Some(job.clone()),
        };
        let Some(job) = job else {
            self.free(turn, id);
            self.runs.insert(id.run, run);
            turn.touched.insert(id.run);
            return;
        };
        match &job.kind {
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_)
                if run.is_over(turn.now) =>
            {
                self.free(turn, id);
                self.finish(turn, run, RunEnd::Cancelled);
            }
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_)
                if self.is_out_of_turn(&run, &job) =>
            {
                self.free(turn, id);
                run.queue_again(turn, &job);
                self.runs.insert(id.run, run);
                turn.touched.insert(id.run);
            }
            JobKind::Request(_) if run.request(id).is_some() => self.request(turn, run, &job),
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_) => {
                self.call(turn, run, job);
            }
            JobKind::SleepEnd(step) => {
                self.free(turn, id);
                let ended = run.end_sleep(turn, step);
                self.keep_or_fail(turn, run, ended);
            }
            JobKind::WaitEnd(step) => {
                self.free(turn, id);
                let ended = self.end_wait(turn, &mut run, id, step);
                self.keep_or_fail(turn, run, ended);
            }
            JobKind::StartTimeout if run.record.status != RunStatus::Queued => {
                self.free(turn, id);
                run.delete_job(turn, id);
                self.keep_or_fail(turn, run, Ok(()));
            }
            JobKind::Cancel | JobKind::StartTimeout | JobKind::FinishTimeout => {
                self.free(turn, id);
                self.finish(turn, run, RunEnd::Cancelled);
            }
            JobKind::SyncTimeout => {
                self.free(turn, id);
                self.finish(turn, run, RunEnd::Failed(silent()));
            }
        }
    }

    /// Whether the slot of a job is for nothing by now: the function was paused while the run was
    /// loaded, or the job was taken for a start and makes none, or the other way round. What is read
    /// of due jobs may be older than the last start, or than the last one that was undone.
    fn is_out_of_turn(&mut self, run: &Run, job: &JobRecord) -> bool {
        let Some(stage) = self.schedule.calls.slot(job.id).map(|slot| slot.stage) else {
            return false;
        };
        let is_start = run.record.status == RunStatus::Queued;
        (stage == CallStage::Start) != is_start || self.flow.is_paused(run.record.function, stage)
    }

    /// The job that holds a slot is called: what that takes of limits for good is stored.
    pub(crate) fn calling(&mut self, turn: &mut Turn, job: JobId, generation: u32) {
        let records = self.schedule.calling(job, generation, &self.flow, turn.now);
        for hold in records.holds {
            turn.change(Change::PutHold(hold));
        }
        for rate in records.rates {
            turn.change(Change::PutRate(rate));
        }
    }

    /// Write what is left to write of the runs that were touched, and forget those that are idle.
    fn settle(&mut self, turn: &mut Turn) {
        for id in std::mem::take(&mut turn.dirty) {
            if let Some(run) = self.runs.get(&id) {
                turn.changes.push(Change::PutRun(run.record.clone()));
            }
        }
        for id in std::mem::take(&mut turn.touched) {
            if self.runs.get(&id).is_some_and(|run| !run.is_busy()) {
                self.runs.remove(&id);
            }
            // An input that waits for its run, too, is going to need it.
            if !self.runs.contains_key(&id) && !self.loading.contains_key(&id) {
                self.metadata.forget(id);
            }
        }
        for wait in std::mem::take(&mut turn.ended_waits) {
            self.waits.remove(wait);
        }
    }

    /// Call the app for a job that holds a slot.
    fn call(&mut self, turn: &mut Turn, mut run: Run, mut job: JobRecord) {
        let function = match self.registry.function(run.record.function) {
            Some(function) if function.is_active() => function.clone(),
            _ => {
                self.free(turn, job.id);
                return self.finish(turn, run, RunEnd::Failed(function_gone()));
            }
        };
        if job.epoch != turn.epoch {
            // A call of this generation may be in flight from the time before, or of a later one
            // that was not written. Each of those came with a step that was.
            job.generation += 1 + run.record.steps_done;
            job.epoch = turn.epoch;
            run.update_job(turn, job.clone());
        }
        if run.record.status == RunStatus::Queued {
            run.begin(turn, &function);
        }
        run.call_begins(job.id);
        self.calling(turn, job.id, job.generation);
        let call = Call {
            endpoint: function.record.config.endpoint().clone(),
            is_endpoint: run.is_endpoint(),
            language: self.registry.language(&function),
            request: run.call_request(turn, &job, &function.record),
        };
        turn.effects.push(Effect::Call(Box::new(call)));
        turn.touched.insert(run.record.id);
        self.runs.insert(run.record.id, run);
    }
}
