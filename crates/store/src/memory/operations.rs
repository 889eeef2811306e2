//! Bulk operations and reruns in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use everstep_core::record::{OperationRecord, RerunRecord, ShardId};
use everstep_protocol::{OperationId, RunId};

use super::tables::of_shard;
use crate::run_list::RunFilter;

#[derive(Default)]
pub(super) struct Operations {
    operations: BTreeMap<OperationId, (ShardId, OperationRecord)>,
    reruns: BTreeMap<RunId, RerunRecord>,
}

impl Operations {
    pub(super) fn put(&mut self, shard: ShardId, operation: OperationRecord) {
        self.operations.insert(operation.id, (shard, operation));
    }

    pub(super) fn put_rerun(&mut self, rerun: RerunRecord) {
        self.reruns.insert(rerun.run, rerun);
    }

    /// The run is gone.
    pub(super) fn forget(&mut self, run: RunId) {
        self.reruns.remove(&run);
    }

    /// Those of a shard that have not ended, by id.
    pub(super) fn open(&self, shard: ShardId) -> Vec<OperationRecord> {
        let all = self.operations.values();
        let open = all.filter(|(_, operation)| operation.ended_at.is_none());
        of_shard(open, Some(shard))
    }

    pub(super) fn list(&self, before: Option<OperationId>, limit: usize) -> Vec<OperationRecord> {
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.operations.range((Bound::Unbounded, end)).rev();
        let page = page.take(limit).map(|(_, (_, operation))| operation);
        page.cloned().collect()
    }

    pub(super) fn view(&self, id: OperationId) -> Option<OperationRecord> {
        let (_, operation) = self.operations.get(&id)?;
        Some(operation.clone())
    }

    /// Whether a run is meant that an operation made.
    pub(super) fn allows(&self, filter: &RunFilter, run: RunId) -> bool {
        filter.operation.is_none()
            || self.rerun(run).and_then(|it| it.operation) == filter.operation
    }

    pub(super) fn rerun(&self, run: RunId) -> Option<RerunRecord> {
        self.reruns.get(&run).copied()
    }

    pub(super) fn rerun_list(
        &self,
        source: RunId,
        before: Option<RunId>,
        limit: usize,
    ) -> Vec<RerunRecord> {
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let below = self.reruns.range((Bound::Unbounded, end)).rev();
        let of_source = below.map(|(_, rerun)| *rerun);
        of_source
            .filter(|rerun| rerun.source == source)
            .take(limit)
            .collect()
    }
}
