//! The store under test, and all that can be seen of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, AttributeRecord, AuditRecord, CancellationRecord, DeferRecord,
    EventRecord, FunctionRecord, JobRecord, LoadedJob, MetadataRecord, OperationRecord,
    RerunRecord, RunAttributes, RunRecord, RunSnapshot, ShardId, ShardState, SkipRecord,
    SpanRecord, StepRecord, WaitRecord,
};
use everstep_protocol::{EventId, FunctionId, RunId, Timestamp};

use super::Factory;
use super::sample::START;
use crate::rollup::{HOUR, MINUTE};
use crate::{
    AuditFilter, ErrorBuckets, ErrorFilter, ErrorGroup, EventFilter, History, Prune, Rollup,
    RollupFilter, ShardLease, Store,
};

/// Rows that a portion removes beyond those asked for: what it can't leave half done.
const ROWS_BESIDE: usize = 1_000;

/// A store with a lease of the embedded shard.
pub(super) struct Subject {
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: ShardLease,
}

impl Subject {
    pub(super) async fn open(factory: &dyn Factory) -> Self {
        let store = factory.open().await;
        let lease = store
            .shard_acquire(ShardId::EMBEDDED)
            .await
            .expect("the shard is acquired");
        Self { store, lease }
    }

    /// The same store with a lease of another shard.
    pub(super) async fn other(&self, shard: ShardId) -> Self {
        let lease = self.store.shard_acquire(shard).await;
        Self {
            store: Arc::clone(&self.store),
            lease: lease.expect("the shard is acquired"),
        }
    }

    pub(super) async fn commit(&self, changes: impl Into<Arc<[Change]>>) {
        self.store
            .commit(&self.lease, changes.into())
            .await
            .expect("the commit is accepted");
    }

    pub(super) async fn snapshot(&self, run: RunId) -> Option<RunSnapshot> {
        self.store.run_snapshot(run).await.expect("the run is read")
    }

    pub(super) async fn run(&self, run: RunId) -> Option<RunRecord> {
        self.store.run_view(run).await.expect("the run is read")
    }

    pub(super) async fn steps(&self, run: RunId) -> Vec<StepRecord> {
        self.store.run_steps(run).await.expect("the steps are read")
    }

    pub(super) async fn jobs(&self, run: RunId) -> Vec<JobRecord> {
        self.store.run_jobs(run).await.expect("the jobs are read")
    }

    pub(super) async fn waits(&self, run: RunId) -> Vec<WaitRecord> {
        self.store.run_waits(run).await.expect("the waits are read")
    }

    pub(super) async fn defers(&self, run: RunId) -> Vec<DeferRecord> {
        let defers = self.store.run_defers(run).await;
        defers.expect("the defers are read")
    }

    pub(super) async fn metadata(&self, run: RunId) -> Vec<MetadataRecord> {
        let metadata = self.store.run_metadata(run).await;
        metadata.expect("the metadata is read")
    }

    pub(super) async fn spans(&self, run: RunId) -> Vec<SpanRecord> {
        let spans = self.store.run_spans(run).await;
        spans.expect("the spans are read")
    }

    /// What the shard starts from.
    pub(super) async fn shard(&self) -> ShardState {
        let state = self.store.shard_load(&self.lease).await;
        state.expect("the shard is read")
    }

    /// The jobs of the shard that are due after `after` and by `until`.
    pub(super) async fn due(
        &self,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Vec<LoadedJob> {
        let due = self
            .store
            .jobs_due(self.lease.shard, after, until, limit)
            .await;
        due.expect("the jobs are read")
    }

    /// Remove all that is that old, in portions of so many rows. How many there were.
    pub(super) async fn prune(&self, history: History, before: Timestamp, rows: usize) -> usize {
        let mut portions = 1;
        let mut after = None;
        loop {
            let prune = Prune {
                history,
                before,
                after,
                rows,
            };
            let pruned = self.store.prune(&prune).await.expect("it is removed");
            assert!(
                pruned.removed <= rows + ROWS_BESIDE,
                "{prune:?}: {pruned:?}"
            );
            after = pruned.next;
            if after.is_none() {
                return portions;
            }
            portions += 1;
        }
    }

    pub(super) async fn events(&self, filter: EventFilter) -> Vec<EventRecord> {
        let page = self.store.event_list(&filter).await;
        page.expect("the events are read").events
    }
}

/// Every event.
pub(super) fn all_events() -> EventFilter {
    EventFilter {
        internal: true,
        reads_max: usize::MAX,
        ..EventFilter::newest(usize::MAX)
    }
}

/// The hours of all samples.
const ALL_HOURS: ErrorBuckets = ErrorBuckets {
    from: Timestamp::from_millis(START - START % 3_600_000),
    width: HOUR,
    count: 48,
};

/// Every rollup, by the minute.
pub(super) fn all_rollups() -> RollupFilter {
    RollupFilter {
        functions: None,
        from: Timestamp::from_millis(0),
        until: Timestamp::MAX,
        bucket: MINUTE,
    }
}

/// Every error group.
pub(super) fn all_errors() -> ErrorFilter {
    ErrorFilter {
        function: None,
        status: None,
        after: None,
        limit: usize::MAX,
    }
}

/// All that a store says about what some changes are about, and about the lists.
#[derive(Debug, PartialEq)]
pub(super) struct View {
    shard: ShardState,
    apps: Vec<AppRecord>,
    functions: Vec<FunctionRecord>,
    due: Vec<LoadedJob>,
    events: Vec<EventRecord>,
    known: Vec<EventId>,
    by_id: Vec<EventRecord>,
    live: Vec<(RunId, FunctionId)>,
    cancellations: Vec<CancellationRecord>,
    audit: Vec<AuditRecord>,
    operations: Vec<OperationRecord>,
    rollups: Vec<(Timestamp, Rollup)>,
    errors: Vec<(ErrorGroup, Vec<RunRecord>, Vec<Vec<u64>>)>,
    attributes: Vec<AttributeRecord>,
    of_events: Vec<OfEvent>,
    of_runs: Vec<OfRun>,
}

#[derive(Debug, PartialEq)]
struct OfEvent {
    event: Option<EventRecord>,
    runs: Vec<RunRecord>,
    skips: Vec<SkipRecord>,
}

#[derive(Debug, PartialEq)]
struct OfRun {
    run: Option<RunRecord>,
    events: Vec<EventRecord>,
    steps: Vec<StepRecord>,
    jobs: Vec<JobRecord>,
    attempts: Vec<AttemptRecord>,
    defers: Vec<DeferRecord>,
    metadata: Vec<MetadataRecord>,
    rerun: Option<RerunRecord>,
    attributes: Vec<RunAttributes>,
    spans: Vec<SpanRecord>,
    /// Or how reading them failed.
    waits: Result<Vec<WaitRecord>, String>,
    /// Or how reading it failed.
    snapshot: Result<Option<RunSnapshot>, String>,
}

impl View {
    pub(super) async fn of(store: &dyn Store, lease: &ShardLease, changes: &[Change]) -> Self {
        let (events, runs) = subjects_of(changes);
        let mut of_events = Vec::new();
        for event in &events {
            of_events.push(OfEvent {
                event: store.event_view(*event).await.expect("the event is read"),
                runs: store.event_runs(*event).await.expect("the runs are read"),
                skips: store.event_skips(*event).await.expect("the skips are read"),
            });
        }
        let mut of_runs = Vec::new();
        for run in runs {
            of_runs.push(OfRun {
                run: store.run_view(run).await.expect("the run is read"),
                events: store.run_events(run).await.expect("the events are read"),
                steps: store.run_steps(run).await.expect("the steps are read"),
                jobs: store.run_jobs(run).await.expect("the jobs are read"),
                attempts: store
                    .run_attempts(run)
                    .await
                    .expect("the attempts are read"),
                defers: store.run_defers(run).await.expect("the defers are read"),
                metadata: store.run_metadata(run).await.expect("it is read"),
                rerun: store.run_rerun(run).await.expect("it is read"),
                attributes: store.run_attributes(&[run]).await.expect("they are read"),
                spans: store.run_spans(run).await.expect("they are read"),
                waits: store
                    .run_waits(run)
                    .await
                    .map_err(|error| error.to_string()),
                snapshot: store
                    .run_snapshot(run)
                    .await
                    .map_err(|error| error.to_string()),
            });
        }
        let due = store
            .jobs_due(lease.shard, None, Timestamp::MAX, usize::MAX)
            .await;
        let (lowest, highest) = (RunId::from_bytes([0; 16]), RunId::from_bytes([255; 16]));
        let live = store
            .runs_live(lease.shard, lowest, highest, usize::MAX)
            .await;
        let cancellations = store.cancellation_list(None, usize::MAX).await;
        let audit = store.audit_list(&AuditFilter::newest(usize::MAX)).await;
        let operations = store.operation_list(None, usize::MAX).await;
        let rollups = store.rollup_sums(&all_rollups()).await;
        let mut errors = Vec::new();
        for group in store.error_list(&all_errors()).await.expect("it is read") {
            let runs = store.error_runs(group.id, None, usize::MAX).await;
            let counts = store.error_counts(&[group.id], &ALL_HOURS).await;
            let runs = runs.expect("the runs are read");
            errors.push((group, runs, counts.expect("the counts are read")));
        }
        Self {
            shard: store.shard_load(lease).await.expect("the shard is read"),
            apps: store.app_list().await.expect("the apps are read"),
            functions: store.function_list().await.expect("the functions are read"),
            due: due.expect("the jobs are read"),
            events: store
                .event_list(&all_events())
                .await
                .expect("the events are read")
                .events,
            known: store
                .events_known(&events)
                .await
                .expect("the events are read"),
            by_id: store
                .events_by_id(&events)
                .await
                .expect("the events are read"),
            live: live.expect("the runs are read"),
            cancellations: cancellations.expect("the cancellations are read"),
            audit: audit.expect("the audit log is read").entries,
            operations: operations.expect("the operations are read"),
            rollups: rollups.expect("the rollups are read"),
            errors,
            attributes: store.attribute_list().await.expect("they are read"),
            of_events,
            of_runs,
        }
    }
}

/// The events and runs that changes are about.
fn subjects_of(changes: &[Change]) -> (Vec<EventId>, Vec<RunId>) {
    let mut events = BTreeSet::new();
    let mut runs = BTreeSet::new();
    for change in changes {
        match change {
            Change::PutApp(_)
            | Change::PutFunction(_)
            | Change::PutTick(_)
            | Change::DeleteTick { .. }
            | Change::PutIdempotency(_)
            | Change::ExpireIdempotency(_)
            | Change::PutCancellation(_)
            | Change::DeleteCancellation(_)
            | Change::PutHold(_)
            | Change::DeleteHold { .. }
            | Change::DeleteHolds(_)
            | Change::PutRate(_)
            | Change::ExpireRates(_)
            | Change::PutDebounce(_)
            | Change::DeleteDebounce(_)
            | Change::PutBatch(_)
            | Change::PutBatchEvent(_)
            | Change::DeleteBatch(_)
            | Change::PutPause(_)
            | Change::DeletePause(_)
            | Change::PutOverride(_)
            | Change::DeleteOverride { .. }
            | Change::PutAudit(_)
            | Change::PutOperation(_)
            | Change::PutErrorDecision(_)
            | Change::PutAttribute(_)
            | Change::DeleteAttribute(_) => {}
            Change::PutRunAttributes { run, .. } => drop(runs.insert(*run)),
            Change::PutRerun(rerun) => drop(runs.insert(rerun.run)),
            Change::PutFailure(failure) => drop(runs.insert(failure.run)),
            Change::PutEvent(event) => drop(events.insert(event.id)),
            Change::PutRun(run) => drop(runs.insert(run.id)),
            Change::PutRunEvents {
                run,
                events: triggers,
            } => {
                runs.insert(*run);
                events.extend(triggers);
            }
            Change::PutStep(step) => drop(runs.insert(step.run)),
            Change::PutJob(job) => drop(runs.insert(job.id.run)),
            Change::DeleteJob(job) => drop(runs.insert(job.run)),
            Change::DeleteJobs(run) => drop(runs.insert(*run)),
            Change::PutAttempt(attempt) => drop(runs.insert(attempt.job.run)),
            Change::PutSkip(skip) => drop(events.insert(skip.event)),
            Change::PutDefer(defer) => drop(runs.insert(defer.run)),
            Change::PutMetadata(record) => drop(runs.insert(record.run)),
            Change::PutSpan(span) => drop(runs.insert(span.run)),
            Change::PutWait(wait) => drop(runs.insert(wait.id.run)),
            Change::ResolveWait { wait, .. } | Change::LoseSignal(wait) => {
                runs.insert(wait.run);
            }
            Change::DeleteWait(wait) => drop(runs.insert(wait.run)),
            Change::DeleteWaits(run) => drop(runs.insert(*run)),
        }
    }
    (events.into_iter().collect(), runs.into_iter().collect())
}
