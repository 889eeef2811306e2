//! What runs have from their start to their end: places among the runs of a function, and the right
//! to be the only one.

use std::collections::BTreeMap;

use everstep_protocol::{FunctionId, RunId};

use crate::record::{HoldRecord, LimitId};

#[derive(Default)]
pub(crate) struct Holds {
    holders: BTreeMap<LimitId, BTreeMap<RunId, HoldRecord>>,
    by_run: BTreeMap<RunId, Vec<LimitId>>,
}

impl Holds {
    pub(crate) fn new(records: Vec<HoldRecord>) -> Self {
        let mut holds = Self::default();
        for record in records {
            holds.put(record);
        }
        holds
    }

    pub(crate) fn put(&mut self, record: HoldRecord) {
        let (limit, run) = (record.limit, record.run);
        let runs = self.holders.entry(limit).or_default();
        if runs.insert(run, record).is_none() {
            self.by_run.entry(run).or_default().push(limit);
        }
    }

    pub(crate) fn remove(&mut self, limit: LimitId, run: RunId) -> bool {
        let Some(runs) = self.holders.get_mut(&limit) else {
            return false;
        };
        let removed = runs.remove(&run).is_some();
        if runs.is_empty() {
            self.holders.remove(&limit);
        }
        if let Some(limits) = self.by_run.get_mut(&run) {
            limits.retain(|held| *held != limit);
            if limits.is_empty() {
                self.by_run.remove(&run);
            }
        }
        removed
    }

    /// Take everything from a run. What it had.
    pub(crate) fn remove_run(&mut self, run: RunId) -> Vec<LimitId> {
        let limits = self.by_run.remove(&run).unwrap_or_default();
        for limit in &limits {
            if let Some(runs) = self.holders.get_mut(limit) {
                runs.remove(&run);
                if runs.is_empty() {
                    self.holders.remove(limit);
                }
            }
        }
        limits
    }

    pub(crate) fn has(&self, limit: LimitId, run: RunId) -> bool {
        let runs = self.holders.get(&limit);
        runs.is_some_and(|runs| runs.contains_key(&run))
    }

    pub(crate) fn count(&self, limit: LimitId) -> u32 {
        let count = self.holders.get(&limit).map_or(0, BTreeMap::len);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Who holds it, by run.
    pub(crate) fn of(&self, limit: LimitId) -> impl Iterator<Item = &HoldRecord> {
        let runs = self.holders.get(&limit).into_iter();
        runs.flat_map(BTreeMap::values)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &HoldRecord> {
        self.holders.values().flat_map(BTreeMap::values)
    }

    pub(crate) fn of_function(&self, function: FunctionId) -> impl Iterator<Item = &HoldRecord> {
        self.all().filter(move |record| record.function == function)
    }
}
