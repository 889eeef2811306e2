//! The tables of attributes: what is declared, and the values of runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_core::record::{AttributeRecord, RunAttributes, ShardId};
use everstep_protocol::RunId;

use super::tables::of_shard;
use crate::run_list::RunFilter;

#[derive(Default)]
pub(super) struct Attributes {
    declared: BTreeMap<Arc<str>, (ShardId, AttributeRecord)>,
    of_runs: BTreeMap<RunId, RunAttributes>,
}

impl Attributes {
    pub(super) fn put(&mut self, shard: ShardId, record: AttributeRecord) {
        self.declared
            .insert(Arc::clone(&record.name), (shard, record));
    }

    pub(super) fn delete(&mut self, name: &str) {
        self.declared.remove(name);
    }

    pub(super) fn put_of_run(&mut self, run: RunId, attributes: RunAttributes) {
        self.of_runs.entry(run).or_default().extend(attributes);
    }

    /// By name: those of a shard, or all.
    pub(super) fn declared(&self, shard: Option<ShardId>) -> Vec<AttributeRecord> {
        of_shard(self.declared.values(), shard)
    }

    pub(super) fn of_run(&self, run: RunId) -> RunAttributes {
        self.of_runs.get(&run).cloned().unwrap_or_default()
    }

    /// Whether the run has the values that the filter asks for.
    pub(super) fn allows(&self, filter: &RunFilter, run: RunId) -> bool {
        let of_run = self.of_runs.get(&run);
        filter.attributes.iter().all(|(name, wanted)| {
            let value = of_run.and_then(|of_run| of_run.get(&**name));
            value.is_some_and(|value| **value == **wanted)
        })
    }

    /// The run is removed.
    pub(super) fn forget(&mut self, run: RunId) {
        self.of_runs.remove(&run);
    }
}
