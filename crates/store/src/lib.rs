//! Durable state: the [`Store`] trait and its implementations.
//!
//! | module | owns |
//! |---|---|
//! | [`sqlite`] | the embedded default: one file, WAL, one writer, a pool of readers |
//! | [`memory`] | for the simulator and tests; passes the same suite |
//! | `conformance` (feature `test-util`) | the suite that every implementation passes |
//! | [`page`] | what lists are asked for and answer with |
//! | [`run_list`] | the same of lists of runs |
//! | [`rollup`] | what is counted of runs |
//! | [`retention`] | removing what is old |
//! | [`error_group`] | errors of runs that are alike |
//!
//! SQL exists nowhere else. Time is a parameter: no statement asks the database for it.

#![warn(clippy::cast_possible_truncation, clippy::wildcard_enum_match_arm)]

pub mod error_group;
pub mod memory;
pub mod page;
pub mod retention;
pub mod rollup;
mod rules;
pub mod run_list;
pub mod sqlite;
mod words;

#[cfg(feature = "test-util")]
pub mod conformance;

use std::sync::Arc;

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

pub use error_group::{ErrorBuckets, ErrorFilter, ErrorGroup, ErrorStatus};
pub use memory::MemoryStore;
pub use page::{
    AUDIT_READS_MAX, AuditFilter, AuditPage, EVENT_READS_MAX, EventCounts, EventCursor,
    EventFilter, EventPage, TriggeredRun,
};
pub use retention::{History, Place, Prune, Pruned, Storage, TableUse};
pub use rollup::{Rollup, RollupFilter, Spread};
pub use rules::{EVENTS_BY_ID_MAX, TAT_MAX};
pub use run_list::{Order, RunCount, RunCursor, RunFilter, RunPage, RunQuery, RunTime, RunTrigger};
pub use sqlite::SqliteStore;

/// The right to write a shard: lost as soon as someone else acquires it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardLease {
    pub shard: ShardId,
    pub epoch: Epoch,
}

/// Why a commit did not return success.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The shard has a new owner. Nothing was written, and nothing ever will be under this lease.
    #[error("shard {} has a new owner", .0.0)]
    Refused(ShardId),
    /// Nothing was written; it may work later (disk full, database away).
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// It may have been written. Making the same commit again settles it: changes are idempotent.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown(#[source] Cause),
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// A row does not decode: the file was written by something else, or is damaged.
    #[error("a row of {table} does not decode: {detail}")]
    Corrupt { table: &'static str, detail: String },
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds it.
    #[error("{path} is in use by another process")]
    InUse { path: String },
    #[error(
        "{path} was written by a newer version: its schema is {found}, this binary knows {known}"
    )]
    Newer {
        path: String,
        found: u32,
        known: u32,
    },
    #[error("{path} can't be opened")]
    Failed {
        path: String,
        #[source]
        cause: Cause,
    },
}

/// The error of the driver below, for logs.
pub type Cause = std::sync::Arc<dyn std::error::Error + Send + Sync>;

/// Durable state of shards, and the history that the API reads.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Become the owner of a shard: its epoch counts up, and earlier leases are void.
    async fn shard_acquire(&self, shard: ShardId) -> Result<ShardLease, CommitError>;

    /// What the owner of a shard starts from: its registry, the waits of its live runs in the order
    /// in which they were created (then by id), its ticks by function and expression, its
    /// idempotency records by key, which may have expired, its bulk cancellations that have not
    /// ended by id, its open bulk operations by id, the attributes that are declared by name, and
    /// what flow control remembers, in the orders that [`ShardState`] names. It is one pass over
    /// each of them.
    async fn shard_load(&self, lease: &ShardLease) -> Result<ShardState, ReadError>;

    /// Apply `changes` in order, in one transaction, durably. Once it has returned, every read sees
    /// them.
    ///
    /// Rows are replaced as a whole, except:
    ///
    /// - An event that is stored stays as it is.
    /// - A step that is memoized stays as it is; a value that is stored stays.
    /// - A run without `output` leaves the output that is stored.
    /// - `PutRunEvents` replaces the list of the run.
    /// - A wait keeps the id of the event that resolved it, and is read with the event that is
    ///   stored.
    /// - An entry of the audit log that is stored stays as it is.
    /// - A run that failed stays in its error group. A failure of a run that is not stored is not
    ///   noted.
    /// - The time of a rate beyond [`TAT_MAX`] is kept as that.
    ///
    /// `ExpireIdempotency` deletes what expires at that time or before, in the shard of the lease;
    /// `ExpireRates` deletes rates likewise. That looks at every rate of the shard.
    async fn commit(&self, lease: &ShardLease, changes: Arc<[Change]>) -> Result<(), CommitError>;

    /// Up to `limit` jobs of a shard that are due after `after` (from the beginning, if `None`) and
    /// by `until`, earliest first, then by id.
    ///
    /// A job that makes a call comes with what its run says of it: it is the first one as long as the
    /// run is queued. If the run is not stored or has ended, there is nothing to call, and the job is
    /// given as upkeep. Equal `keys` share one text.
    async fn jobs_due(
        &self,
        shard: ShardId,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<LoadedJob>, ReadError>;

    /// A live run with everything needed to go on; `None` if there is none or it has ended. That an
    /// event of it, or of one of its waits, is not stored is damage.
    async fn run_snapshot(&self, run: RunId) -> Result<Option<RunSnapshot>, ReadError>;

    /// Which of these events are stored, in the order asked for.
    async fn events_known(&self, events: &[EventId]) -> Result<Vec<EventId>, ReadError>;

    /// Those of these events that are stored, in the order asked for. Of more than
    /// [`EVENTS_BY_ID_MAX`], only the first so many are looked up: ask for the rest in turn.
    async fn events_by_id(&self, events: &[EventId]) -> Result<Vec<EventRecord>, ReadError>;

    /// Up to `limit` live runs of a shard with an id from `from` to before `before`, lowest first,
    /// each with its function.
    async fn runs_live(
        &self,
        shard: ShardId,
        from: RunId,
        before: RunId,
        limit: usize,
    ) -> Result<Vec<(RunId, FunctionId)>, ReadError>;

    // Reads for the API. Lists are newest first and paginated by key.

    /// By name.
    async fn app_list(&self) -> Result<Vec<AppRecord>, ReadError>;
    /// By slug; archived ones included.
    async fn function_list(&self) -> Result<Vec<FunctionRecord>, ReadError>;
    async fn event_list(&self, filter: &EventFilter) -> Result<EventPage, ReadError>;
    async fn event_view(&self, event: EventId) -> Result<Option<EventRecord>, ReadError>;
    /// Runs that the event triggered, batch runs included.
    async fn event_runs(&self, event: EventId) -> Result<Vec<RunRecord>, ReadError>;
    /// Evaluations of triggers that started no run, by function.
    async fn event_skips(&self, event: EventId) -> Result<Vec<SkipRecord>, ReadError>;
    async fn run_view(&self, run: RunId) -> Result<Option<RunRecord>, ReadError>;
    /// What triggered the run, in order.
    async fn run_events(&self, run: RunId) -> Result<Vec<EventRecord>, ReadError>;
    /// Memoized steps in stack order, then outstanding ones by `created_at`.
    async fn run_steps(&self, run: RunId) -> Result<Vec<StepRecord>, ReadError>;
    /// By number.
    async fn run_jobs(&self, run: RunId) -> Result<Vec<JobRecord>, ReadError>;
    /// By number. That the event which resolved one is not stored is damage.
    async fn run_waits(&self, run: RunId) -> Result<Vec<WaitRecord>, ReadError>;
    /// In the order in which they were added.
    async fn run_defers(&self, run: RunId) -> Result<Vec<DeferRecord>, ReadError>;
    /// By target, then by kind; of a run that has ended, too.
    async fn run_metadata(&self, run: RunId) -> Result<Vec<MetadataRecord>, ReadError>;
    /// What user code traced within the run, by start, then by id.
    async fn run_spans(&self, run: RunId) -> Result<Vec<SpanRecord>, ReadError>;
    /// Of these spans, in order.
    async fn run_span_ids(&self, run: RunId) -> Result<Vec<SpanId>, ReadError>;
    /// The runs that each of these events triggered, batch runs included: oldest first, up to
    /// `per_event` for each, in the order of the events. Of more than [`EVENTS_BY_ID_MAX`] events
    /// only the first so many are looked up.
    async fn triggered_runs(
        &self,
        events: &[EventId],
        per_event: usize,
    ) -> Result<Vec<TriggeredRun>, ReadError>;
    /// Which of these steps of the run are stored, in the order asked for.
    async fn steps_known(&self, run: RunId, steps: &[StepId]) -> Result<Vec<StepId>, ReadError>;
    /// Oldest first.
    async fn run_attempts(&self, run: RunId) -> Result<Vec<AttemptRecord>, ReadError>;
    /// Up to `limit` bulk cancellations with an id below `before`: the last one of the page before.
    async fn cancellation_list(
        &self,
        before: Option<CancellationId>,
        limit: usize,
    ) -> Result<Vec<CancellationRecord>, ReadError>;
    async fn cancellation_view(
        &self,
        cancellation: CancellationId,
    ) -> Result<Option<CancellationRecord>, ReadError>;
    async fn audit_list(&self, filter: &AuditFilter) -> Result<AuditPage, ReadError>;

    /// Runs in the order of one of their times.
    async fn run_list(&self, query: &RunQuery) -> Result<RunPage, ReadError>;
    /// How many runs there are, up to `max`, and as far as one page may look.
    async fn run_count(&self, filter: &RunFilter, max: usize) -> Result<RunCount, ReadError>;
    /// What triggered each of these runs, in the order asked for, with up to `events_max` events each.
    async fn run_triggers(
        &self,
        runs: &[RunId],
        events_max: usize,
    ) -> Result<Vec<RunTrigger>, ReadError>;
    /// What the run repeats, if someone asked for it.
    async fn run_rerun(&self, run: RunId) -> Result<Option<RerunRecord>, ReadError>;
    /// Up to `limit` reruns of a run with an id below `before`.
    async fn rerun_list(
        &self,
        source: RunId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RerunRecord>, ReadError>;
    /// Up to `limit` bulk operations with an id below `before`: the last one of the page before.
    async fn operation_list(
        &self,
        before: Option<OperationId>,
        limit: usize,
    ) -> Result<Vec<OperationRecord>, ReadError>;
    async fn operation_view(
        &self,
        operation: OperationId,
    ) -> Result<Option<OperationRecord>, ReadError>;
    /// What each of these events led to, in the order asked for.
    async fn event_counts(&self, events: &[EventId]) -> Result<Vec<EventCounts>, ReadError>;
    // History, which the store keeps itself: it follows from the rows of runs.

    /// What happened to runs, summed up by time and over functions: by the beginning of each bucket;
    /// those in which nothing happened are left out.
    async fn rollup_sums(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(Timestamp, Rollup)>, ReadError>;
    /// The same of each function on its own: by function, then by the beginning of each bucket.
    async fn rollup_sums_by_function(
        &self,
        filter: &RollupFilter,
    ) -> Result<Vec<(FunctionId, Timestamp, Rollup)>, ReadError>;
    async fn error_list(&self, filter: &ErrorFilter) -> Result<Vec<ErrorGroup>, ReadError>;
    async fn error_view(&self, group: ErrorGroupId) -> Result<Option<ErrorGroup>, ReadError>;
    /// How many runs failed with each of these errors, in each of the buckets, in the order asked for.
    async fn error_counts(
        &self,
        groups: &[ErrorGroupId],
        buckets: &ErrorBuckets,
    ) -> Result<Vec<Vec<u64>>, ReadError>;
    /// Up to `limit` runs that failed with an error of the group, newest first, with an id below
    /// `before`: the last one of the page before.
    async fn error_runs(
        &self,
        group: ErrorGroupId,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, ReadError>;

    /// The attributes that are declared, by name.
    async fn attribute_list(&self) -> Result<Vec<AttributeRecord>, ReadError>;
    /// The attributes of each of these runs, in the order asked for.
    async fn run_attributes(&self, runs: &[RunId]) -> Result<Vec<RunAttributes>, ReadError>;

    // Retention.

    /// Remove a portion of what is old, in one transaction. Commits that wait already go first.
    async fn prune(&self, prune: &Prune) -> Result<Pruned, CommitError>;
    /// At a glance.
    async fn storage(&self) -> Result<Storage, ReadError>;
    /// By table. It reads everything that is stored, a table at a time.
    async fn storage_tables(&self) -> Result<Vec<TableUse>, ReadError>;
}
