//! Limits that someone has set beside the code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_protocol::{FunctionId, Timestamp};

use crate::record::{LimitName, OverrideRecord};

type OverrideKey = (FunctionId, LimitName, Option<Arc<str>>);

#[derive(Default)]
pub(crate) struct Overrides {
    records: BTreeMap<OverrideKey, OverrideRecord>,
    /// Those of them that expire.
    by_expiry: BTreeSet<(Timestamp, OverrideKey)>,
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
        self.take(&key);
        if let Some(at) = record.expires_at {
            self.by_expiry.insert((at, key.clone()));
        }
        self.records.insert(key, record);
    }

    pub(crate) fn remove(
        &mut self,
        function: FunctionId,
        limit: LimitName,
        key: Option<Arc<str>>,
    ) -> Option<OverrideRecord> {
        self.take(&(function, limit, key))
    }

    fn take(&mut self, key: &OverrideKey) -> Option<OverrideRecord> {
        let record = self.records.remove(key)?;
        if let Some(at) = record.expires_at {
            self.by_expiry.remove(&(at, key.clone()));
        }
        Some(record)
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

    /// Whose limit each of them is.
    pub(crate) fn functions(&self) -> impl Iterator<Item = FunctionId> {
        self.records.values().map(|record| record.function)
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
        self.by_expiry.first().map(|(at, _)| *at)
    }

    /// Take out one that has expired by now.
    pub(crate) fn take_expired(&mut self, now: Timestamp) -> Option<OverrideRecord> {
        let first = self.by_expiry.first();
        let (_, key) = first.filter(|(at, _)| *at <= now)?.clone();
        self.take(&key)
    }
}

#[cfg(test)]
mod tests {
    use everstep_protocol::AppId;

    use super::*;

    fn record(name: &str, value: u32, expires_at: Option<i64>) -> OverrideRecord {
        OverrideRecord {
            function: FunctionId::derive(AppId::derive("t"), name),
            limit: LimitName::Concurrency,
            key: None,
            value,
            period: None,
            burst: None,
            reason: None,
            created_at: Timestamp::default(),
            expires_at: expires_at.map(Timestamp::from_millis),
        }
    }

    fn expired(overrides: &mut Overrides, at: i64) -> Vec<u32> {
        let expired = std::iter::from_fn(|| overrides.take_expired(Timestamp::from_millis(at)));
        expired.map(|record| record.value).collect()
    }

    #[test]
    fn the_first_to_expire_is_the_first_to_go() {
        let records = [("a", 30), ("b", 10), ("c", 20)];
        let records = records.map(|(name, at)| record(name, 1, Some(at)));
        let mut overrides = Overrides::new(records.to_vec());
        overrides.put(record("lasts", 2, None));
        for at in [10, 20, 30] {
            assert_eq!(overrides.next_expiry(), Some(Timestamp::from_millis(at)));
            assert!(expired(&mut overrides, at - 1).is_empty());
            assert_eq!(expired(&mut overrides, at), [1]);
        }
        assert_eq!((overrides.next_expiry(), overrides.len()), (None, 1));
    }

    #[test]
    fn what_was_replaced_or_taken_back_does_not_expire() {
        let mut overrides = Overrides::new(vec![record("a", 1, Some(10))]);
        overrides.put(record("a", 2, Some(20)));
        assert!(expired(&mut overrides, 19).is_empty());
        overrides.put(record("a", 3, None));
        assert!(expired(&mut overrides, 20).is_empty());
        overrides.put(record("a", 4, Some(30)));
        let taken = overrides.remove(record("a", 0, None).function, LimitName::Concurrency, None);
        assert_eq!(taken.map(|record| record.value), Some(4));
        assert_eq!(overrides.next_expiry(), None);
    }
}
