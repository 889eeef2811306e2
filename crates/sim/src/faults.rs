//! Which faults a seed has, and the store that shows them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
use everstep_store::memory::MemoryStore;
use everstep_store::{
    AuditFilter, AuditPage, CommitError, ErrorBuckets, ErrorFilter, ErrorGroup, EventCounts,
    EventFilter, EventPage, Prune, Pruned, ReadError, Rollup, RollupFilter, RunCount, RunFilter,
    RunPage, RunQuery, RunTrigger, ShardLease, Storage, Store, TableUse, TriggeredRun,
};
use tokio::sync::Notify;

use crate::chance::Chance;
use crate::watch::Watch;

/// How likely each fault is, in percent. Drawn per seed: in some histories a fault never occurs,
/// in some it is frequent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub commit_unavailable: u64,
    pub commit_unknown: u64,
    pub commit_slow: u64,
    pub crash_before_commit: u64,
    pub crash_after_commit: u64,
    pub read_unavailable: u64,
    pub read_slow: u64,
    /// The app does the work, and its answer is lost.
    pub reply_lost: u64,
    pub reply_late: u64,
    /// The call never arrives.
    pub call_lost: u64,
    pub checkpoint_lost: u64,
    pub checkpoint_twice: u64,
    /// A request that the server makes for a step fails on its way, or is long on it.
    pub request_failed: u64,
    pub request_late: u64,
    /// Something before the app turns calls away for a while, from this one on.
    pub turned_away: u64,
    /// The server is down for minutes.
    pub long_downtime: u64,
}

impl Faults {
    pub fn random(chance: &Chance) -> Self {
        let draw = |most: u64| {
            if chance.percent(50) {
                chance.below(most + 1)
            } else {
                0
            }
        };
        Self {
            commit_unavailable: draw(15),
            commit_unknown: draw(15),
            commit_slow: draw(20),
            crash_before_commit: draw(4),
            crash_after_commit: draw(4),
            read_unavailable: draw(20),
            read_slow: draw(20),
            reply_lost: draw(25),
            reply_late: draw(25),
            call_lost: draw(25),
            checkpoint_lost: draw(20),
            checkpoint_twice: draw(20),
            request_failed: draw(25),
            request_late: draw(25),
            turned_away: draw(4),
            long_downtime: draw(15),
        }
    }
}

/// Switches all faults off.
#[derive(Clone, Debug, Default)]
pub struct Healing(Arc<AtomicBool>);

impl Healing {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The end of one incarnation of the server.
#[derive(Clone, Debug, Default)]
pub struct Crash {
    dead: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Crash {
    pub fn now(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.notify.notify_waiters();
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Returns when the crash happens.
    pub async fn wait(&self) {
        let notified = self.notify.notified();
        if !self.is_dead() {
            notified.await;
        }
    }

    /// Returns if the server is alive; a dead one goes no further.
    pub async fn if_alive(&self) {
        if self.is_dead() {
            self.nothing().await;
        }
    }

    /// What a dead process does.
    async fn nothing(&self) -> ! {
        std::future::pending().await
    }
}

/// The memory store as one incarnation of the server sees it.
pub struct FaultyStore {
    pub store: MemoryStore,
    pub faults: Faults,
    pub healing: Healing,
    pub crash: Crash,
    pub chance: Chance,
    pub watch: Watch,
}

impl FaultyStore {
    fn strikes(&self, percent: u64) -> bool {
        !self.healing.has_begun() && self.chance.percent(percent)
    }

    async fn crash(&self) -> ! {
        self.crash.now();
        self.crash.nothing().await
    }

    /// A read is slow before it sees what is stored, or after that: then it has become old.
    async fn slow_down_read(&self) {
        if self.strikes(self.faults.read_slow) {
            tokio::time::sleep(Duration::from_millis(self.chance.below(2000))).await;
        }
        self.crash.if_alive().await;
    }

    async fn before_read(&self) -> Result<(), ReadError> {
        self.crash.if_alive().await;
        self.slow_down_read().await;
        if self.strikes(self.faults.read_unavailable) {
            return Err(ReadError::Unavailable(cause()));
        }
        Ok(())
    }
}

fn cause() -> everstep_store::Cause {
    Arc::new(std::io::Error::other("simulated"))
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        #[async_trait]
        impl Store for FaultyStore {
            async fn shard_acquire(&self, shard: ShardId) -> Result<ShardLease, CommitError> {
                self.store.shard_acquire(shard).await
            }

            async fn commit(&self, lease: &ShardLease, changes: Arc<[Change]>) -> Result<(), CommitError> {
                self.crash.if_alive().await;
                self.watch.commit_begins(&changes);
                if self.strikes(self.faults.commit_slow) {
                    tokio::time::sleep(Duration::from_millis(self.chance.below(500))).await;
                    self.crash.if_alive().await;
                }
                if self.strikes(self.faults.crash_before_commit) {
                    self.crash().await;
                }
                if self.strikes(self.faults.commit_unavailable) {
                    return Err(CommitError::Unavailable(cause()));
                }
                if self.strikes(self.faults.commit_unknown) {
                    if self.chance.percent(50) {
                        self.store.commit(lease, changes).await?;
                    }
                    return Err(CommitError::OutcomeUnknown(cause()));
                }
                self.store.commit(lease, changes).await?;
                if self.strikes(self.faults.crash_after_commit) {
                    self.crash().await;
                }
                self.watch.commit_ends();
                Ok(())
            }

            async fn prune(&self, prune: &Prune) -> Result<Pruned, CommitError> {
                self.crash.if_alive().await;
                self.store.prune(prune).await
            }

            async fn run_snapshot(&self, run: RunId) -> Result<Option<RunSnapshot>, ReadError> {
                self.watch.load_begins(run);
                self.before_read().await?;
                let result = self.store.run_snapshot(run).await;
                self.slow_down_read().await;
                self.watch.load_ends(run);
                result
            }

            $(async fn $name(&self, $($arg: $type),*) -> Result<$result, ReadError> {
                self.before_read().await?;
                let result = self.store.$name($($arg),*).await;
                self.slow_down_read().await;
                result
            })*
        }
    };
}

reads! {
    shard_load(lease: &ShardLease) -> ShardState;
    jobs_due(shard: ShardId, after: Option<Timestamp>, until: Timestamp, limit: usize) -> Vec<LoadedJob>;
    events_known(events: &[EventId]) -> Vec<EventId>;
    events_by_id(events: &[EventId]) -> Vec<EventRecord>;
    app_list() -> Vec<AppRecord>;
    function_list() -> Vec<FunctionRecord>;
    event_list(filter: &EventFilter) -> EventPage;
    event_view(event: EventId) -> Option<EventRecord>;
    event_runs(event: EventId) -> Vec<RunRecord>;
    event_skips(event: EventId) -> Vec<SkipRecord>;
    run_view(run: RunId) -> Option<RunRecord>;
    run_events(run: RunId) -> Vec<EventRecord>;
    run_steps(run: RunId) -> Vec<StepRecord>;
    run_jobs(run: RunId) -> Vec<JobRecord>;
    run_attempts(run: RunId) -> Vec<AttemptRecord>;
    run_waits(run: RunId) -> Vec<WaitRecord>;
    run_defers(run: RunId) -> Vec<DeferRecord>;
    run_metadata(run: RunId) -> Vec<MetadataRecord>;
    run_spans(run: RunId) -> Vec<SpanRecord>;
    run_span_ids(run: RunId) -> Vec<SpanId>;
    triggered_runs(events: &[EventId], per_event: usize) -> Vec<TriggeredRun>;
    steps_known(run: RunId, steps: &[StepId]) -> Vec<StepId>;
    runs_live(shard: ShardId, from: RunId, before: RunId, limit: usize) -> Vec<(RunId, FunctionId)>;
    cancellation_list(before: Option<CancellationId>, limit: usize) -> Vec<CancellationRecord>;
    cancellation_view(cancellation: CancellationId) -> Option<CancellationRecord>;
    audit_list(filter: &AuditFilter) -> AuditPage;
    run_list(query: &RunQuery) -> RunPage;
    run_count(filter: &RunFilter, max: usize) -> RunCount;
    event_counts(events: &[EventId]) -> Vec<EventCounts>;
    run_triggers(runs: &[RunId], events_max: usize) -> Vec<RunTrigger>;
    run_rerun(run: RunId) -> Option<RerunRecord>;
    rerun_list(source: RunId, before: Option<RunId>, limit: usize) -> Vec<RerunRecord>;
    operation_list(before: Option<OperationId>, limit: usize) -> Vec<OperationRecord>;
    operation_view(operation: OperationId) -> Option<OperationRecord>;
    rollup_sums(filter: &RollupFilter) -> Vec<(Timestamp, Rollup)>;
    rollup_sums_by_function(filter: &RollupFilter) -> Vec<(FunctionId, Timestamp, Rollup)>;
    storage() -> Storage;
    storage_tables() -> Vec<TableUse>;
    error_list(filter: &ErrorFilter) -> Vec<ErrorGroup>;
    error_view(group: ErrorGroupId) -> Option<ErrorGroup>;
    error_counts(groups: &[ErrorGroupId], buckets: &ErrorBuckets) -> Vec<Vec<u64>>;
    error_runs(group: ErrorGroupId, before: Option<RunId>, limit: usize) -> Vec<RunRecord>;
    attribute_list() -> Vec<AttributeRecord>;
    run_attributes(runs: &[RunId]) -> Vec<RunAttributes>;
}
