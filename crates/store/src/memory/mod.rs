//! A store in memory, for the simulator and tests.
//!
//! It means the same as the durable ones: the same suite passes. Clones share their state, so a
//! test can drop everything that used a store ("crash") and open it again with a clone. Same
//! commits, same answers: nothing here depends on time, hashing or addresses.

mod attributes;
mod flow;
mod history;
mod jobs;
mod operations;
mod run_lists;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::tables::Tables;
use crate::run_list::{RunCount, RunFilter, RunPage, RunQuery, RunTrigger};
use crate::{
    AuditFilter, AuditPage, CommitError, ErrorBuckets, ErrorFilter, ErrorGroup, EventCounts,
    EventFilter, EventPage, Prune, Pruned, ReadError, Rollup, RollupFilter, ShardLease, Storage,
    Store, TableUse, TriggeredRun, rules,
};
use async_trait::async_trait;
use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, AttributeRecord, CancellationRecord, DeferRecord, Epoch,
    ErrorGroupId, EventRecord, FunctionRecord, JobRecord, LoadedJob, MetadataRecord,
    OperationRecord, RerunRecord, RunAttributes, RunRecord, RunSnapshot, ShardId, ShardState,
    SkipRecord, SpanRecord, StepRecord, WaitRecord,
};
use everstep_protocol::{
    CancellationId, EventId, FunctionId, OperationId, RunId, SpanId, StepId, Timestamp,
};
/// A [`Store`] that forgets everything when its last clone is dropped.
#[derive(Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
}

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Applying a change can't fail half-way, so a panic elsewhere leaves the tables whole.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn shard_acquire(&self, shard: ShardId) -> Result<ShardLease, CommitError> {
        let mut tables = self.tables();
        let epoch = tables.epochs.entry(shard).or_insert(Epoch(0));
        epoch.0 += 1;
        Ok(ShardLease {
            shard,
            epoch: *epoch,
        })
    }

    async fn shard_load(&self, lease: &ShardLease) -> Result<ShardState, ReadError> {
        Ok(self.tables().shard_state(lease.shard))
    }

    async fn commit(&self, lease: &ShardLease, changes: Arc<[Change]>) -> Result<(), CommitError> {
        let mut tables = self.tables();
        if tables.epochs.get(&lease.shard) != Some(&lease.epoch) {
            return Err(CommitError::Refused(lease.shard));
        }
        for change in &*changes {
            tables.apply(lease.shard, change.clone());
        }
        Ok(())
    }

    async fn jobs_due(
        &self,
        shard: ShardId,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<LoadedJob>, ReadError> {
        let tables = self.tables();
        let runs = &tables.runs;
        Ok(tables.jobs.due(shard, after, until, limit, runs))
    }

    async fn run_snapshot(&self, run: RunId) -> Result<Option<RunSnapshot>, ReadError> {
        self.tables().run_snapshot(run)
    }

    async fn events_known(&self, events: &[EventId]) -> Result<Vec<EventId>, ReadError> {
        let tables = self.tables();
        Ok(events
            .iter()
            .copied()
            .filter(|id| tables.events.contains_key(id))
            .collect())
    }

    async fn events_by_id(&self, events: &[EventId]) -> Result<Vec<EventRecord>, ReadError> {
        let tables = self.tables();
        let events = rules::events_read(events).iter();
        Ok(events
            .filter_map(|id| tables.events.get(id).cloned())
            .collect())
    }

    async fn runs_live(
        &self,
        shard: ShardId,
        from: RunId,
        before: RunId,
        limit: usize,
    ) -> Result<Vec<(RunId, FunctionId)>, ReadError> {
        Ok(self.tables().runs_live(shard, from, before, limit))
    }

    async fn app_list(&self) -> Result<Vec<AppRecord>, ReadError> {
        Ok(self.tables().app_list(None))
    }

    async fn function_list(&self) -> Result<Vec<FunctionRecord>, ReadError> {
        Ok(self.tables().function_list(None))
    }

    async fn event_list(&self, filter: &EventFilter) -> Result<EventPage, ReadError> {
        Ok(self.tables().event_list(filter))
    }

    async fn event_view(&self, event: EventId) -> Result<Option<EventRecord>, ReadError> {
        Ok(self.tables().events.get(&event).cloned())
    }

    async fn event_runs(&self, event: EventId) -> Result<Vec<RunRecord>, ReadError> {
        Ok(self.tables().event_runs(event))
    }

    async fn event_skips(&self, event: EventId) -> Result<Vec<SkipRecord>, ReadError> {
        Ok(self.tables().event_skips(event))
    }

    async fn run_view(&self, run: RunId) -> Result<Option<RunRecord>, ReadError> {
        Ok(self.tables().runs.get(&run).cloned())
    }

    async fn run_events(&self, run: RunId) -> Result<Vec<EventRecord>, ReadError> {
        Ok(self.tables().run_events(run))
    }

    async fn run_steps(&self, run: RunId) -> Result<Vec<StepRecord>, ReadError> {
        Ok(self.tables().run_steps(run))
    }

    async fn run_jobs(&self, run: RunId) -> Result<Vec<JobRecord>, ReadError> {
        Ok(self.tables().jobs.of_run(run))
    }

    async fn run_waits(&self, run: RunId) -> Result<Vec<WaitRecord>, ReadError> {
        self.tables().run_waits(run)
    }

    async fn run_defers(&self, run: RunId) -> Result<Vec<DeferRecord>, ReadError> {
        Ok(self.tables().run_defers(run))
    }

    async fn run_metadata(&self, run: RunId) -> Result<Vec<MetadataRecord>, ReadError> {
        Ok(self.tables().run_metadata(run))
    }

    async fn run_spans(&self, run: RunId) -> Result<Vec<SpanRecord>, ReadError> {
        Ok(self.tables().run_spans(run))
    }

    async fn run_span_ids(&self, run: RunId) -> Result<Vec<SpanId>, ReadError> {
        Ok(self.tables().run_span_ids(run))
    }

    async fn triggered_runs(
        &self,
        events: &[EventId],
        per_event: usize,
    ) -> Result<Vec<TriggeredRun>, ReadError> {
        let events = rules::events_read(events);
        Ok(self.tables().triggered_runs(events, per_event))
    }

    async fn steps_known(&self, run: RunId, steps: &[StepId]) -> Result<Vec<StepId>, ReadError> {
        Ok(self.tables().steps_known(run, steps))
    }

    async fn run_attempts(&self, run: RunId) -> Result<Vec<AttemptRecord>, ReadError> {
        Ok(self.tables().run_attempts(run))
    }

    async fn cancellation_list(
        &self,
        before: Option<CancellationId>,
        limit: usize,
    ) -> Result<Vec<CancellationRecord>, ReadError> {
        Ok(self.tables().cancellation_list(before, limit))
    }

    async fn cancellation_view(
        &self,
        cancellation: CancellationId,
    ) -> Result<Option<CancellationRecord>, ReadError> {
        Ok(self.tables().cancellation_view(cancellation))
    }

    async fn audit_list(&self, filter: &AuditFilter) -> Result<AuditPage, ReadError> {
        Ok(self.tables().flow.audit_list(filter))
    }

    async fn run_list(&self, query: &RunQuery) -> Result<RunPage, ReadError> {
        Ok(self.tables().run_list(query))
    }

    async fn run_count(&self, filter: &RunFilter, max: usize) -> Result<RunCount, ReadError> {
        Ok(self.tables().run_count(filter, max))
    }

    async fn run_triggers(
        &self,
        runs: &[RunId],
        events_max: usize,
    ) -> Result<Vec<RunTrigger>, ReadError> {
        let tables = self.tables();
        let triggers = runs.iter().map(|run| tables.run_trigger(*run, events_max));
        Ok(triggers.collect())
    }

    async fn run_rerun(&self, run: RunId) -> Result<Option<RerunRecord>, ReadError> {
        Ok(self.tables().operations.rerun(run))
    }

    async fn rerun_list(
        &self,
        source: RunId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RerunRecord>, ReadError> {
        Ok(self.tables().operations.rerun_list(source, before, limit))
    }

    async fn operation_list(
        &self,
        before: Option<OperationId>,
        limit: usize,
    ) -> Result<Vec<OperationRecord>, ReadError> {
        Ok(self.tables().operations.list(before, limit))
    }

    async fn operation_view(
        &self,
        operation: OperationId,
    ) -> Result<Option<OperationRecord>, ReadError> {
        Ok(self.tables().operations.view(operation))
    }

    async fn event_counts(&self, events: &[EventId]) -> Result<Vec<EventCounts>, ReadError> {
        let tables = self.tables();
        let counts = events.iter().map(|event| EventCounts {
            runs: tables.event_runs(*event).len(),
            skips: tables.event_skips(*event).len(),
        });
        Ok(counts.collect())
    }

    async fn rollup_sums(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(Timestamp, Rollup)>, ReadError> {
        Ok(self.tables().history.rollup_sums(filter))
    }

    async fn rollup_sums_by_function(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(FunctionId, Timestamp, Rollup)>, ReadError> {
        Ok(self.tables().history.rollup_sums_by_function(filter))
    }

    async fn error_list(&self, filter: &ErrorFilter) -> Result<Vec<ErrorGroup>, ReadError> {
        Ok(self.tables().history.error_list(filter))
    }

    async fn error_view(&self, group: ErrorGroupId) -> Result<Option<ErrorGroup>, ReadError> {
        Ok(self.tables().history.error_view(group))
    }

    async fn error_counts(
        &self,
        groups: &[ErrorGroupId],
        buckets: &ErrorBuckets,
    ) -> Result<Vec<Vec<u64>>, ReadError> {
        Ok(self.tables().history.error_counts(groups, buckets))
    }

    async fn error_runs(
        &self,
        group: ErrorGroupId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, ReadError> {
        Ok(self.tables().error_runs(group, before, limit))
    }

    async fn attribute_list(&self) -> Result<Vec<AttributeRecord>, ReadError> {
        Ok(self.tables().attributes.declared(None))
    }

    async fn run_attributes(&self, runs: &[RunId]) -> Result<Vec<RunAttributes>, ReadError> {
        let tables = self.tables();
        let of_runs = runs.iter().map(|run| tables.attributes.of_run(*run));
        Ok(of_runs.collect())
    }

    async fn prune(&self, prune: &Prune) -> Result<Pruned, CommitError> {
        Ok(self.tables().prune(prune))
    }

    async fn storage(&self) -> Result<Storage, ReadError> {
        Ok(self.tables().storage())
    }

    async fn storage_tables(&self) -> Result<Vec<TableUse>, ReadError> {
        let rows = self.tables().rows().into_iter();
        let uses = rows.map(|(table, rows)| TableUse {
            table: table.to_owned(),
            rows: rows as u64,
            bytes: 0,
        });
        Ok(uses.collect())
    }
}
