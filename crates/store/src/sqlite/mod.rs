//! The embedded store: one SQLite file in WAL mode, owned by one process.
//!
//! | file | owns |
//! |---|---|
//! | `open.rs` | the lock, the settings of connections |
//! | `schema.rs`, `migrations/` | the schema |
//! | `writer.rs` | the thread that commits, in groups |
//! | `checkpoint.rs` | copying the write-ahead log into the database |
//! | `readers.rs` | the threads that read |
//! | `changes.rs` | which statements a change is |
//! | `table/` | the statements, by topic |
//! | `query.rs`, `packed.rs` | decoding rows |
//! | `error.rs` | what failures mean |
//!
//! An idle store does nothing: its threads sleep until they are asked.

mod changes;
mod checkpoint;
mod error;
mod open;
mod packed;
mod query;
mod readers;
mod schema;
mod table;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, AttributeRecord, CancellationRecord, DeferRecord, ErrorGroupId,
    EventRecord, FunctionRecord, JobRecord, LoadedJob, MetadataRecord, OperationRecord,
    RerunRecord, RunAttributes, RunRecord, RunSnapshot, ShardId, ShardState, SkipRecord,
    SpanRecord, StepRecord, WaitRecord,
};
use everstep_protocol::{
    CancellationId, EventId, FunctionId, OperationId, RunId, SpanId, StepId, Timestamp,
};
use rusqlite::Connection;

use self::checkpoint::Log;
use self::error::ReadFault;
use self::readers::Readers;
use self::table::{
    attempts, attributes, audit, cancellations, defers, errors, event_lists, events, jobs,
    metadata, operations, registry, reruns, retention, rollups, run_lists, runs, shards, skips,
    spans, steps, waits,
};
use self::writer::Writer;
use crate::run_list::{RunCount, RunFilter, RunPage, RunQuery, RunTrigger};
use crate::{
    AuditFilter, AuditPage, CommitError, ErrorBuckets, ErrorFilter, ErrorGroup, EventCounts,
    EventFilter, EventPage, OpenError, Prune, Pruned, ReadError, Rollup, RollupFilter, ShardLease,
    Storage, Store, TableUse, TriggeredRun, rules,
};

/// Threads that read for the engine, which can't go on without the answer.
const ENGINE_READERS: usize = 2;

/// Threads that read for the API. However slow its reads, the engine's do not wait for them.
const API_READERS: usize = 2;

/// A [`Store`] in a SQLite file.
///
/// Dropping it finishes the commits that were handed over, copies the log into the database and
/// closes the file. It blocks meanwhile.
pub struct SqliteStore {
    // Dropped in this order: the last connection to close, the writer's, tidies up, and nobody
    // else can open the file before.
    engine_readers: Readers,
    api_readers: Readers,
    writer: Writer,
    _lock: File,
}

impl SqliteStore {
    /// Open the database at `path`; it and the folders around it are made if they don't exist.
    /// The process owns it until the store is dropped: beside it lies `<path>.lock`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        open::create_parent(path)?;
        let lock = open::lock(path)?;
        let mut db = open::writer(path)?;
        let copier = open::copier(path)?;
        let log = Log::watch(&mut db, copier).map_err(|error| open::failed(path, error))?;
        let readers = |name, count| {
            let connections: Result<_, _> = (0..count).map(|_| open::reader(path)).collect();
            Readers::start(name, connections?).map_err(|error| open::failed(path, error))
        };
        Ok(Self {
            engine_readers: readers("store-reader", ENGINE_READERS)?,
            api_readers: readers("store-api-reader", API_READERS)?,
            writer: Writer::start(db, log).map_err(|error| open::failed(path, error))?,
            _lock: lock,
        })
    }
}

/// Run several queries on one state of the database.
fn consistent<T>(
    db: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, ReadFault>,
) -> Result<T, ReadFault> {
    let transaction = db.unchecked_transaction()?;
    read(&transaction)
}

#[async_trait]
impl Store for SqliteStore {
    async fn shard_acquire(&self, shard: ShardId) -> Result<ShardLease, CommitError> {
        self.writer.acquire(shard).await
    }

    async fn shard_load(&self, lease: &ShardLease) -> Result<ShardState, ReadError> {
        let shard = lease.shard;
        let read = move |db: &Connection| consistent(db, |db| shards::state(db, shard));
        self.engine_readers.read(read).await
    }

    async fn commit(&self, lease: &ShardLease, changes: Arc<[Change]>) -> Result<(), CommitError> {
        self.writer.commit(*lease, changes).await
    }

    async fn jobs_due(
        &self,
        shard: ShardId,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<LoadedJob>, ReadError> {
        self.engine_readers
            .read(move |db| jobs::due(db, shard, after, until, limit))
            .await
    }

    async fn run_snapshot(&self, run: RunId) -> Result<Option<RunSnapshot>, ReadError> {
        self.engine_readers
            .read(move |db| consistent(db, |db| runs::snapshot(db, run)))
            .await
    }

    async fn events_known(&self, events: &[EventId]) -> Result<Vec<EventId>, ReadError> {
        let events = events.to_vec();
        let read = move |db: &Connection| consistent(db, |db| events::known(db, &events));
        self.engine_readers.read(read).await
    }

    async fn events_by_id(&self, events: &[EventId]) -> Result<Vec<EventRecord>, ReadError> {
        let events = rules::events_read(events).to_vec();
        let read = move |db: &Connection| consistent(db, |db| events::by_id(db, &events));
        self.engine_readers.read(read).await
    }

    async fn runs_live(
        &self,
        shard: ShardId,
        from: RunId,
        before: RunId,
        limit: usize,
    ) -> Result<Vec<(RunId, FunctionId)>, ReadError> {
        self.engine_readers
            .read(move |db| runs::live(db, shard, from, before, limit))
            .await
    }

    async fn app_list(&self) -> Result<Vec<AppRecord>, ReadError> {
        self.api_readers.read(|db| registry::apps(db, None)).await
    }

    async fn function_list(&self) -> Result<Vec<FunctionRecord>, ReadError> {
        self.api_readers
            .read(|db| registry::functions(db, None))
            .await
    }

    async fn event_list(&self, filter: &EventFilter) -> Result<EventPage, ReadError> {
        let filter = filter.clone();
        let read = move |db: &Connection| consistent(db, |db| event_lists::page(db, &filter));
        self.api_readers.read(read).await
    }

    async fn event_view(&self, event: EventId) -> Result<Option<EventRecord>, ReadError> {
        self.api_readers
            .read(move |db| events::view(db, event))
            .await
    }

    async fn event_runs(&self, event: EventId) -> Result<Vec<RunRecord>, ReadError> {
        self.api_readers
            .read(move |db| runs::of_event(db, event))
            .await
    }

    async fn event_skips(&self, event: EventId) -> Result<Vec<SkipRecord>, ReadError> {
        self.api_readers
            .read(move |db| skips::of_event(db, event))
            .await
    }

    async fn run_view(&self, run: RunId) -> Result<Option<RunRecord>, ReadError> {
        self.api_readers.read(move |db| runs::view(db, run)).await
    }

    async fn run_events(&self, run: RunId) -> Result<Vec<EventRecord>, ReadError> {
        self.api_readers
            .read(move |db| events::of_run(db, run))
            .await
    }

    async fn run_steps(&self, run: RunId) -> Result<Vec<StepRecord>, ReadError> {
        self.api_readers
            .read(move |db| steps::of_run(db, run))
            .await
    }

    async fn run_jobs(&self, run: RunId) -> Result<Vec<JobRecord>, ReadError> {
        self.api_readers.read(move |db| jobs::of_run(db, run)).await
    }

    async fn run_waits(&self, run: RunId) -> Result<Vec<WaitRecord>, ReadError> {
        self.api_readers
            .read(move |db| consistent(db, |db| waits::of_run(db, run)))
            .await
    }

    async fn run_defers(&self, run: RunId) -> Result<Vec<DeferRecord>, ReadError> {
        self.api_readers
            .read(move |db| defers::of_run(db, run))
            .await
    }

    async fn run_metadata(&self, run: RunId) -> Result<Vec<MetadataRecord>, ReadError> {
        self.engine_readers
            .read(move |db| metadata::of_run(db, run))
            .await
    }

    async fn run_spans(&self, run: RunId) -> Result<Vec<SpanRecord>, ReadError> {
        self.api_readers
            .read(move |db| spans::of_run(db, run))
            .await
    }

    async fn run_span_ids(&self, run: RunId) -> Result<Vec<SpanId>, ReadError> {
        self.api_readers
            .read(move |db| spans::ids_of_run(db, run))
            .await
    }

    async fn triggered_runs(
        &self,
        events: &[EventId],
        per_event: usize,
    ) -> Result<Vec<TriggeredRun>, ReadError> {
        let events = rules::events_read(events).to_vec();
        let read =
            move |db: &Connection| consistent(db, |db| runs::triggered_by(db, &events, per_event));
        self.api_readers.read(read).await
    }

    async fn steps_known(&self, run: RunId, steps: &[StepId]) -> Result<Vec<StepId>, ReadError> {
        let asked = steps.to_vec();
        let read = move |db: &Connection| consistent(db, |db| steps::known(db, run, &asked));
        self.api_readers.read(read).await
    }

    async fn run_attempts(&self, run: RunId) -> Result<Vec<AttemptRecord>, ReadError> {
        self.api_readers
            .read(move |db| attempts::of_run(db, run))
            .await
    }

    async fn cancellation_list(
        &self,
        before: Option<CancellationId>,
        limit: usize,
    ) -> Result<Vec<CancellationRecord>, ReadError> {
        self.api_readers
            .read(move |db| cancellations::page(db, before, limit))
            .await
    }

    async fn cancellation_view(
        &self,
        cancellation: CancellationId,
    ) -> Result<Option<CancellationRecord>, ReadError> {
        self.api_readers
            .read(move |db| cancellations::view(db, cancellation))
            .await
    }

    async fn audit_list(&self, filter: &AuditFilter) -> Result<AuditPage, ReadError> {
        let filter = filter.clone();
        self.api_readers
            .read(move |db| audit::page(db, &filter))
            .await
    }

    async fn run_list(&self, query: &RunQuery) -> Result<RunPage, ReadError> {
        let query = query.clone();
        self.api_readers
            .read(move |db| consistent(db, |db| run_lists::page(db, &query)))
            .await
    }

    async fn run_count(&self, filter: &RunFilter, max: usize) -> Result<RunCount, ReadError> {
        let filter = filter.clone();
        self.api_readers
            .read(move |db| consistent(db, |db| run_lists::count(db, &filter, max)))
            .await
    }

    async fn run_triggers(
        &self,
        runs: &[RunId],
        events_max: usize,
    ) -> Result<Vec<RunTrigger>, ReadError> {
        let runs = runs.to_vec();
        let read =
            move |db: &Connection| consistent(db, |db| run_lists::triggers(db, &runs, events_max));
        self.api_readers.read(read).await
    }

    async fn run_rerun(&self, run: RunId) -> Result<Option<RerunRecord>, ReadError> {
        self.api_readers.read(move |db| reruns::view(db, run)).await
    }

    async fn rerun_list(
        &self,
        source: RunId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RerunRecord>, ReadError> {
        self.api_readers
            .read(move |db| reruns::page(db, source, before, limit))
            .await
    }

    async fn operation_list(
        &self,
        before: Option<OperationId>,
        limit: usize,
    ) -> Result<Vec<OperationRecord>, ReadError> {
        self.api_readers
            .read(move |db| operations::page(db, before, limit))
            .await
    }

    async fn operation_view(
        &self,
        operation: OperationId,
    ) -> Result<Option<OperationRecord>, ReadError> {
        self.api_readers
            .read(move |db| operations::view(db, operation))
            .await
    }

    async fn event_counts(&self, events: &[EventId]) -> Result<Vec<EventCounts>, ReadError> {
        let events = events.to_vec();
        let read = move |db: &Connection| consistent(db, |db| events::counts(db, &events));
        self.api_readers.read(read).await
    }
    async fn rollup_sums(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(Timestamp, Rollup)>, ReadError> {
        let filter = filter.clone();
        let read = move |db: &Connection| consistent(db, |db| rollups::sums(db, &filter));
        self.api_readers.read(read).await
    }

    async fn rollup_sums_by_function(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(FunctionId, Timestamp, Rollup)>, ReadError> {
        let filter = filter.clone();
        let read =
            move |db: &Connection| consistent(db, |db| rollups::sums_by_function(db, &filter));
        self.api_readers.read(read).await
    }

    async fn error_list(&self, filter: &ErrorFilter) -> Result<Vec<ErrorGroup>, ReadError> {
        let filter = filter.clone();
        let read = move |db: &Connection| errors::page(db, &filter);
        self.api_readers.read(read).await
    }

    async fn error_view(&self, group: ErrorGroupId) -> Result<Option<ErrorGroup>, ReadError> {
        let read = move |db: &Connection| errors::view(db, group);
        self.api_readers.read(read).await
    }

    async fn error_counts(
        &self,
        groups: &[ErrorGroupId],
        buckets: &ErrorBuckets,
    ) -> Result<Vec<Vec<u64>>, ReadError> {
        let (groups, buckets) = (groups.to_vec(), *buckets);
        let read =
            move |db: &Connection| consistent(db, |db| errors::counts(db, &groups, &buckets));
        self.api_readers.read(read).await
    }

    async fn error_runs(
        &self,
        group: ErrorGroupId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, ReadError> {
        let read =
            move |db: &Connection| consistent(db, |db| errors::runs(db, group, before, limit));
        self.api_readers.read(read).await
    }

    async fn attribute_list(&self) -> Result<Vec<AttributeRecord>, ReadError> {
        let read = |db: &Connection| attributes::declared(db, None);
        self.api_readers.read(read).await
    }

    async fn run_attributes(&self, runs: &[RunId]) -> Result<Vec<RunAttributes>, ReadError> {
        let runs = runs.to_vec();
        let read = move |db: &Connection| consistent(db, |db| attributes::of_runs(db, &runs));
        self.api_readers.read(read).await
    }

    async fn prune(&self, prune: &Prune) -> Result<Pruned, CommitError> {
        self.writer.prune(*prune).await
    }

    async fn storage(&self) -> Result<Storage, ReadError> {
        let read = |db: &Connection| consistent(db, retention::storage);
        self.api_readers.read(read).await
    }

    async fn storage_tables(&self) -> Result<Vec<TableUse>, ReadError> {
        let mut uses = Vec::new();
        for (table, tree) in self.api_readers.read(retention::trees).await? {
            let name = tree.clone();
            // Each in a read of its own: the log can't be cut while one goes on.
            let read = move |db: &Connection| retention::measure(db, &name);
            let measured = self.api_readers.read(read).await?;
            retention::add_tree(&mut uses, (table, tree), measured);
        }
        Ok(uses)
    }
}
