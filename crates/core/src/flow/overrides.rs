//! Limits that someone has set beside the code.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::{FunctionId, Timestamp};

use crate::record::{LimitName, OverrideRecord};

type OverrideKey = (FunctionId, LimitName, Option<Arc<str>>);

#[derive(Default)]
pub(crate) struct Overrides {
    records: BTreeMap<OverrideKey, OverrideRecord>,
}

impl Overrides {
    pub(crate) fn new(records: Vec<OverrideRecord>) -> Self {
        let mut overrides = Self::default();
        for record in records {
            overrides.put(record);
        }
        overrides
    }

    pub(crate) fn put(&mut self, record: OverrideRecord) {
        let key = (record.function, record.limit, record.key.clone());
        self.records.insert(key, record);
    }

    pub(crate) fn remove(
        &mut self,
        function: FunctionId,
        limit: LimitName,
        key: Option<Arc<str>>,
    ) -> Option<OverrideRecord> {
        self.records.remove(&(function, limit, key))
    }

    /// What is set for this value of the key, or for all of them.
    pub(crate) fn find(
        &self,
        function: FunctionId,
        limit: LimitName,
        key: Option<&Arc<str>>,
    ) -> Option<&OverrideRecord> {
        if self.records.is_empty() {
            return None;
        }
        let own = key.and_then(|key| self.records.get(&(function, limit, Some(key.clone()))));
        own.or_else(|| self.records.get(&(function, limit, None)))
    }

    pub(crate) fn of(&self, function: FunctionId) -> impl Iterator<Item = &OverrideRecord> {
        let records = self.records.values();
        records.filter(move |record| record.function == function)
    }

    /// Whether one for the same limit and key is there.
    pub(crate) fn has(&self, record: &OverrideRecord) -> bool {
        let key = (record.function, record.limit, record.key.clone());
        self.records.contains_key(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        let records = self.records.values();
        records.filter_map(|record| record.expires_at).min()
    }

    /// Take out what has expired by now.
    pub(crate) fn take_expired(&mut self, now: Timestamp) -> Vec<OverrideRecord> {
        let is_over = |record: &OverrideRecord| record.expires_at.is_some_and(|at| at <= now);
        let keys: Vec<OverrideKey> = self
            .records
            .iter()
            .filter(|(_, record)| is_over(record))
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter()
            .filter_map(|key| self.records.remove(key))
            .collect()
    }
}
