//! A store in memory, for the simulator and tests.
//!
//! It means the same as the durable ones: the same suite passes. Clones share their state, so a
//! test can drop everything that used a store ("crash") and open it again with a clone. Same
//! commits, same answers: nothing here depends on time, hashing or addresses.

mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, CancellationRecord, DeferRecord, DueJob, Epoch, EventRecord,
    FunctionRecord, JobRecord, MetadataRecord, RunRecord, RunSnapshot, ShardId, ShardState,
    SkipRecord, StepRecord, WaitRecord,
};
use everstep_protocol::{CancellationId, EventId, FunctionId, RunId, StepId, Timestamp};

use self::tables::Tables;
use crate::{CommitError, EventFilter, ReadError, ShardLease, Store};

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
    ) -> Result<Vec<DueJob>, ReadError> {
        Ok(self.tables().jobs_due(shard, after, until, limit))
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

    async fn event_list(&self, filter: &EventFilter) -> Result<Vec<EventRecord>, ReadError> {
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
        Ok(self.tables().run_jobs(run))
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
}
