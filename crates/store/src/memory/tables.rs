//! The tables of the memory store, and what changes and reads mean on them.

pub(super) mod retention;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, CancellationRecord, DeferRecord, Epoch, ErrorGroupId, EventRecord,
    FailureRecord, FunctionRecord, IdempotencyKey, IdempotencyRecord, LiveWait, MetadataRecord,
    MetadataTarget, Resolution, RunRecord, RunSnapshot, ShardId, ShardState, SkipRecord,
    SpanRecord, StepRecord, TickRecord, WaitKind, WaitRecord,
};
use everstep_protocol::{
    AppId, CancellationId, DeferId, EventId, FunctionId, JobId, RequestId, RunId, SpanId, StepId,
};

use super::attributes::Attributes;
use super::flow::Flow;
use super::history::History;
use super::jobs::Jobs;
use super::operations::Operations;
use crate::page::{EventCursor, EventFilter, EventPage, TriggeredRun};
use crate::{ReadError, rules};

/// Rows by key. What belongs to a shard carries it.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) epochs: BTreeMap<ShardId, Epoch>,
    apps: BTreeMap<AppId, (ShardId, AppRecord)>,
    pub(super) functions: BTreeMap<FunctionId, (ShardId, FunctionRecord)>,
    pub(super) events: BTreeMap<EventId, EventRecord>,
    pub(super) runs: BTreeMap<RunId, RunRecord>,
    live_runs: BTreeMap<(ShardId, RunId), FunctionId>,
    pub(super) run_events: BTreeMap<RunId, Vec<EventId>>,
    /// The reverse of `run_events`.
    event_runs: BTreeMap<EventId, BTreeSet<RunId>>,
    steps: BTreeMap<RunId, BTreeMap<StepId, StepRecord>>,
    pub(super) jobs: Jobs,
    attempts: BTreeMap<RunId, BTreeMap<RequestId, AttemptRecord>>,
    skips: BTreeMap<EventId, BTreeMap<FunctionId, SkipRecord>>,
    defers: BTreeMap<RunId, BTreeMap<DeferId, DeferRecord>>,
    metadata: BTreeMap<RunId, BTreeMap<(MetadataTarget, Arc<str>), MetadataRecord>>,
    spans: BTreeMap<RunId, BTreeMap<SpanId, SpanRecord>>,
    /// By run and number. Of an event that resolves one, only the id counts.
    waits: BTreeMap<RunId, BTreeMap<u32, (ShardId, WaitRecord)>>,
    ticks: BTreeMap<(FunctionId, Arc<str>), (ShardId, TickRecord)>,
    idempotency: BTreeMap<IdempotencyKey, (ShardId, IdempotencyRecord)>,
    cancellations: BTreeMap<CancellationId, (ShardId, CancellationRecord)>,
    pub(super) flow: Flow,
    pub(super) operations: Operations,
    pub(super) history: History,
    pub(super) attributes: Attributes,
}

impl Tables {
    pub(super) fn apply(&mut self, shard: ShardId, change: Change) {
        match change {
            Change::PutApp(app) => {
                self.apps.insert(app.id, (shard, app));
            }
            Change::PutFunction(function) => {
                self.functions.insert(function.id, (shard, function));
            }
            Change::PutEvent(event) => {
                self.events.entry(event.id).or_insert(event);
            }
            Change::PutRun(run) => self.put_run(shard, run),
            Change::PutRunEvents { run, events } => self.put_run_events(run, events),
            Change::PutStep(step) => self.put_step(step),
            Change::PutJob(job) => self.jobs.put(shard, job),
            Change::DeleteJob(id) => self.jobs.delete(id),
            Change::DeleteJobs(run) => self.jobs.delete_of_run(run),
            Change::PutAttempt(attempt) => {
                self.attempts
                    .entry(attempt.job.run)
                    .or_default()
                    .insert(attempt.request, attempt);
            }
            Change::PutSkip(skip) => {
                self.skips
                    .entry(skip.event)
                    .or_default()
                    .insert(skip.function, skip);
            }
            Change::PutDefer(defer) => {
                self.defers
                    .entry(defer.run)
                    .or_default()
                    .insert(defer.id.clone(), defer);
            }
            Change::PutMetadata(record) => self.put_metadata(record),
            Change::PutSpan(span) => self.put_span(span),
            Change::PutWait(wait) => {
                self.waits
                    .entry(wait.id.run)
                    .or_default()
                    .insert(wait.id.number, (shard, wait));
            }
            Change::ResolveWait { wait, resolution } => {
                if let Some(stored) = self.wait_mut(wait) {
                    stored.resolution.get_or_insert(resolution);
                }
            }
            Change::LoseSignal(wait) => self.lose_signal(wait),
            Change::DeleteWait(id) => {
                self.waits.entry(id.run).or_default().remove(&id.number);
            }
            Change::DeleteWaits(run) => drop(self.waits.remove(&run)),
            Change::PutTick(tick) => {
                let key = (tick.function, Arc::clone(&tick.cron));
                self.ticks.insert(key, (shard, tick));
            }
            Change::DeleteTick { function, cron } => drop(self.ticks.remove(&(function, cron))),
            Change::PutIdempotency(record) => {
                self.idempotency.insert(record.key, (shard, record));
            }
            Change::ExpireIdempotency(then) => self
                .idempotency
                .retain(|_, (of, record)| *of != shard || record.expires_at > then),
            Change::PutCancellation(record) => {
                self.cancellations.insert(record.id, (shard, record));
            }
            Change::DeleteCancellation(id) => drop(self.cancellations.remove(&id)),
            Change::PutHold(hold) => self.flow.put_hold(shard, hold),
            Change::DeleteHold { limit, run } => self.flow.delete_hold(limit, run),
            Change::DeleteHolds(run) => self.flow.delete_holds(run),
            Change::PutRate(rate) => self.flow.put_rate(shard, rate),
            Change::ExpireRates(then) => self.flow.expire_rates(shard, then),
            Change::PutDebounce(debounce) => self.flow.put_debounce(shard, debounce),
            Change::DeleteDebounce(id) => self.flow.delete_debounce(id),
            Change::PutBatch(batch) => self.flow.put_batch(shard, batch),
            Change::PutBatchEvent(event) => self.flow.put_batch_event(shard, event),
            Change::DeleteBatch(batch) => self.flow.delete_batch(batch),
            Change::PutPause(pause) => self.flow.put_pause(shard, pause),
            Change::DeletePause(function) => self.flow.delete_pause(function),
            Change::PutOverride(record) => self.flow.put_override(shard, record),
            Change::DeleteOverride {
                function,
                limit,
                key,
            } => self.flow.delete_override((function, limit, key)),
            Change::PutAudit(entry) => self.flow.put_audit(entry),
            Change::PutRerun(rerun) => self.operations.put_rerun(rerun),
            Change::PutOperation(operation) => self.operations.put(shard, operation),
            Change::PutFailure(failure) => self.put_failure(&failure),
            Change::PutErrorDecision(record) => self.history.put_decision(record),
            Change::PutAttribute(record) => self.attributes.put(shard, record),
            Change::DeleteAttribute(name) => self.attributes.delete(&name),
            Change::PutRunAttributes { run, attributes } => {
                self.attributes.put_of_run(run, attributes);
            }
        }
    }

    fn put_metadata(&mut self, record: MetadataRecord) {
        let key = (record.target.clone(), Arc::clone(&record.kind));
        let of_run = self.metadata.entry(record.run).or_default();
        of_run.insert(key, record);
    }

    fn put_span(&mut self, span: SpanRecord) {
        let of_run = self.spans.entry(span.run).or_default();
        of_run.entry(span.id).or_insert(span);
    }

    fn lose_signal(&mut self, wait: JobId) {
        if let Some(stored) = self.wait_mut(wait)
            && matches!(stored.kind, WaitKind::Signal(_))
        {
            stored.kind = WaitKind::SignalLost;
        }
    }

    fn wait_mut(&mut self, id: JobId) -> Option<&mut WaitRecord> {
        let waits = self.waits.get_mut(&id.run)?;
        waits.get_mut(&id.number).map(|(_, wait)| wait)
    }

    fn put_run(&mut self, shard: ShardId, mut run: RunRecord) {
        self.history.count(&run);
        if run.status.is_final() {
            self.live_runs.remove(&(shard, run.id));
        } else {
            self.live_runs.insert((shard, run.id), run.function);
        }
        if run.output.is_none() {
            run.output = self
                .runs
                .get(&run.id)
                .and_then(|stored| stored.output.clone());
        }
        self.runs.insert(run.id, run);
    }

    fn put_failure(&mut self, failure: &FailureRecord) {
        if self.runs.contains_key(&failure.run) {
            let step = failure.step.as_ref();
            let step = step.and_then(|step| self.steps.get(&failure.run)?.get(step));
            let step_name = step.map(|step| Arc::clone(&step.name));
            self.history.put_failure(failure, step_name);
        }
    }

    pub(super) fn error_runs(
        &self,
        group: ErrorGroupId,
        before: Option<RunId>,
        limit: usize,
    ) -> Vec<RunRecord> {
        let runs = self.history.error_runs(group);
        let page = runs.filter(|run| before.is_none_or(|before| *run < before));
        let page = page.take(limit);
        page.filter_map(|run| self.runs.get(&run).cloned())
            .collect()
    }

    fn put_run_events(&mut self, run: RunId, events: Vec<EventId>) {
        for event in self.run_events.remove(&run).unwrap_or_default() {
            self.event_runs.entry(event).or_default().remove(&run);
        }
        for event in &events {
            self.event_runs.entry(*event).or_default().insert(run);
        }
        self.run_events.insert(run, events);
    }

    fn put_step(&mut self, mut step: StepRecord) {
        let steps = self.steps.entry(step.run).or_default();
        if let Some(stored) = steps.get(&step.id) {
            if rules::is_memoized(stored.status) {
                return;
            }
            if stored.value.is_some() {
                step.value.clone_from(&stored.value);
            }
        }
        steps.insert(step.id.clone(), step);
    }

    pub(super) fn shard_state(&self, shard: ShardId) -> ShardState {
        ShardState {
            apps: self.app_list(Some(shard)),
            functions: self.function_list(Some(shard)),
            waits: self.live_waits(shard),
            ticks: of_shard(self.ticks.values(), Some(shard)),
            idempotency: of_shard(self.idempotency.values(), Some(shard)),
            cancellations: of_shard(self.open_cancellations(), Some(shard)),
            operations: self.operations.open(shard),
            attributes: self.attributes.declared(Some(shard)),
            ..self.flow.shard_state(shard)
        }
    }

    fn open_cancellations(&self) -> impl Iterator<Item = &(ShardId, CancellationRecord)> {
        let all = self.cancellations.values();
        all.filter(|(_, cancellation)| cancellation.ended_at.is_none())
    }

    pub(super) fn cancellation_list(
        &self,
        before: Option<CancellationId>,
        limit: usize,
    ) -> Vec<CancellationRecord> {
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.cancellations.range((Bound::Unbounded, end)).rev();
        page.take(limit)
            .map(|(_, (_, cancellation))| cancellation.clone())
            .collect()
    }

    pub(super) fn cancellation_view(&self, id: CancellationId) -> Option<CancellationRecord> {
        let (_, cancellation) = self.cancellations.get(&id)?;
        Some(cancellation.clone())
    }

    pub(super) fn runs_live(
        &self,
        shard: ShardId,
        from: RunId,
        before: RunId,
        limit: usize,
    ) -> Vec<(RunId, FunctionId)> {
        if before <= from {
            return Vec::new();
        }
        let runs = self.live_runs.range((shard, from)..(shard, before));
        runs.take(limit)
            .map(|(&(_, run), &function)| (run, function))
            .collect()
    }

    fn live_waits(&self, shard: ShardId) -> Vec<LiveWait> {
        let is_live = |run| self.live_run(run).is_some();
        let of_live = self.waits.iter().filter(|(run, _)| is_live(**run));
        let ours = of_live
            .flat_map(|(_, waits)| waits.values())
            .filter(|(of, _)| *of == shard);
        let live = ours.map(|(_, wait)| {
            let live = LiveWait {
                id: wait.id,
                kind: wait.kind.clone(),
                expires_at: wait.expires_at,
                is_resolved: wait.resolution.is_some(),
            };
            (wait.created_at, live)
        });
        rules::live_waits(live.collect())
    }

    fn live_run(&self, run: RunId) -> Option<&RunRecord> {
        self.runs
            .get(&run)
            .filter(|record| !record.status.is_final())
    }

    /// The apps of a shard, or of all of them.
    pub(super) fn app_list(&self, shard: Option<ShardId>) -> Vec<AppRecord> {
        let mut apps = of_shard(self.apps.values(), shard);
        apps.sort_by(rules::app_order);
        apps
    }

    /// The functions of a shard, or of all of them.
    pub(super) fn function_list(&self, shard: Option<ShardId>) -> Vec<FunctionRecord> {
        let mut functions = of_shard(self.functions.values(), shard);
        functions.sort_by(rules::function_order);
        functions
    }

    pub(super) fn run_snapshot(&self, run: RunId) -> Result<Option<RunSnapshot>, ReadError> {
        let Some(record) = self.live_run(run) else {
            return Ok(None);
        };
        let ids = self
            .run_events
            .get(&run)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let events = self.run_events(run);
        if events.len() != ids.len() {
            return Err(rules::events_missing(run, ids.len() - events.len()));
        }
        Ok(Some(RunSnapshot {
            run: record.clone(),
            events,
            steps: self.run_steps(run),
            jobs: self.jobs.of_run(run),
            waits: self.run_waits(run)?,
            defers: self.run_defers(run),
        }))
    }

    pub(super) fn event_list(&self, filter: &EventFilter) -> EventPage {
        let end = filter.before.map_or(Bound::Unbounded, Bound::Excluded);
        let below = self.events.range((Bound::Unbounded, end)).rev();
        let mut events: Vec<EventRecord> = Vec::new();
        let mut last = None;
        for (reads, (_, event)) in below.enumerate() {
            if last.is_some() && reads >= filter.reads_max {
                return EventPage { events, next: last };
            }
            if filter.allows(&event.name, event.received_at) {
                if events.len() == filter.limit {
                    let next = events.last().map(EventCursor::of);
                    return EventPage { events, next };
                }
                events.push(event.clone());
            }
            last = Some(EventCursor::of(event));
        }
        EventPage { events, next: None }
    }

    pub(super) fn event_runs(&self, event: EventId) -> Vec<RunRecord> {
        let runs = self.event_runs.get(&event).into_iter().flatten();
        runs.rev()
            .filter_map(|run| self.runs.get(run).cloned())
            .collect()
    }

    pub(super) fn event_skips(&self, event: EventId) -> Vec<SkipRecord> {
        self.skips
            .get(&event)
            .into_iter()
            .flat_map(BTreeMap::values)
            .cloned()
            .collect()
    }

    pub(super) fn run_events(&self, run: RunId) -> Vec<EventRecord> {
        let ids = self.run_events.get(&run).into_iter().flatten();
        ids.filter_map(|id| self.events.get(id).cloned()).collect()
    }

    pub(super) fn run_steps(&self, run: RunId) -> Vec<StepRecord> {
        let steps = self.steps.get(&run).into_iter().flat_map(BTreeMap::values);
        let mut steps: Vec<StepRecord> = steps.cloned().collect();
        steps.sort_by(rules::step_order);
        steps
    }

    pub(super) fn run_waits(&self, run: RunId) -> Result<Vec<WaitRecord>, ReadError> {
        let waits = self.waits.get(&run).into_iter().flat_map(BTreeMap::values);
        waits.map(|(_, wait)| self.with_its_event(wait)).collect()
    }

    /// The wait with the event that resolved it as it is stored.
    fn with_its_event(&self, wait: &WaitRecord) -> Result<WaitRecord, ReadError> {
        let mut wait = wait.clone();
        if let Some(Resolution::Event(event)) = &mut wait.resolution {
            let stored = self.events.get(&event.id);
            **event = stored
                .ok_or_else(|| rules::resolution_missing(wait.id, event.id))?
                .clone();
        }
        Ok(wait)
    }

    pub(super) fn run_defers(&self, run: RunId) -> Vec<DeferRecord> {
        let defers = self.defers.get(&run).into_iter().flat_map(BTreeMap::values);
        let mut defers: Vec<DeferRecord> = defers.cloned().collect();
        defers.sort_by_key(|defer| defer.position);
        defers
    }

    pub(super) fn run_metadata(&self, run: RunId) -> Vec<MetadataRecord> {
        let of_run = self.metadata.get(&run).into_iter();
        of_run.flat_map(BTreeMap::values).cloned().collect()
    }

    pub(super) fn run_spans(&self, run: RunId) -> Vec<SpanRecord> {
        let of_run = self.spans.get(&run).into_iter();
        let mut spans: Vec<SpanRecord> = of_run.flat_map(BTreeMap::values).cloned().collect();
        spans.sort_by(rules::span_order);
        spans
    }

    pub(super) fn run_span_ids(&self, run: RunId) -> Vec<SpanId> {
        let of_run = self.spans.get(&run).into_iter();
        of_run.flat_map(BTreeMap::keys).copied().collect()
    }

    pub(super) fn triggered_runs(&self, events: &[EventId], per_event: usize) -> Vec<TriggeredRun> {
        let of_event = |event: &EventId| {
            let runs = self.event_runs.get(event).into_iter().flatten();
            let runs = runs.filter_map(|run| self.runs.get(run)).take(per_event);
            let event = *event;
            runs.map(move |run| TriggeredRun::new(event, run))
        };
        events.iter().flat_map(of_event).collect()
    }

    pub(super) fn steps_known(&self, run: RunId, steps: &[StepId]) -> Vec<StepId> {
        let Some(stored) = self.steps.get(&run) else {
            return Vec::new();
        };
        let known = steps.iter().filter(|step| stored.contains_key(step));
        known.cloned().collect()
    }

    pub(super) fn run_attempts(&self, run: RunId) -> Vec<AttemptRecord> {
        let attempts = self
            .attempts
            .get(&run)
            .into_iter()
            .flat_map(BTreeMap::values);
        let mut attempts: Vec<AttemptRecord> = attempts.cloned().collect();
        attempts.sort_by(rules::attempt_order);
        attempts
    }
}

/// The rows of a shard, or of all of them.
pub(super) fn of_shard<'a, T: Clone + 'a>(
    rows: impl Iterator<Item = &'a (ShardId, T)>,
    shard: Option<ShardId>,
) -> Vec<T> {
    rows.filter(|(of, _)| shard.is_none_or(|shard| *of == shard))
        .map(|(_, row)| row.clone())
        .collect()
}
