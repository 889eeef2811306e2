//! Events that wait for a later one to take their place (server-semantics §4.3).
//!
//! Only the id of the event is in memory: it is loaded when the debounce fires. From then on it can't
//! be replaced any more, and an event that comes opens a new debounce (DB-5). The row of one that
//! fires goes with the commit that schedules its run.

use std::collections::{BTreeMap, BTreeSet};

use everstep_protocol::{FunctionId, Timestamp};

use crate::record::{DebounceRecord, LimitId};

#[derive(Default)]
pub(crate) struct Debounces {
    held: BTreeMap<LimitId, DebounceRecord>,
    by_fire_at: BTreeSet<(Timestamp, LimitId)>,
    /// Those whose event is being loaded.
    firing: BTreeMap<LimitId, DebounceRecord>,
}

impl Debounces {
    pub(crate) fn new(records: Vec<DebounceRecord>) -> Self {
        let mut debounces = Self::default();
        for record in records {
            debounces.put(record);
        }
        debounces
    }

    pub(crate) fn get(&self, id: LimitId) -> Option<&DebounceRecord> {
        self.held.get(&id)
    }

    pub(crate) fn put(&mut self, record: DebounceRecord) {
        self.remove(record.id);
        self.by_fire_at.insert((record.fire_at, record.id));
        self.held.insert(record.id, record);
    }

    fn remove(&mut self, id: LimitId) -> Option<DebounceRecord> {
        let record = self.held.remove(&id)?;
        self.by_fire_at.remove(&(record.fire_at, id));
        Some(record)
    }

    /// Let the time of one come now. False if there is none.
    pub(crate) fn hasten(&mut self, id: LimitId, now: Timestamp) -> bool {
        let Some(record) = self.remove(id) else {
            return false;
        };
        self.put(DebounceRecord {
            fire_at: now,
            ..record
        });
        true
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.by_fire_at.first().map(|(fire_at, _)| *fire_at)
    }

    /// One whose time has come; it is not held any more.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<DebounceRecord> {
        let (fire_at, id) = self.by_fire_at.first().copied()?;
        if fire_at > now {
            return None;
        }
        self.remove(id)
    }

    pub(crate) fn begin_firing(&mut self, record: DebounceRecord) {
        self.firing.insert(record.id, record);
    }

    pub(crate) fn end_firing(&mut self, id: LimitId) -> Option<DebounceRecord> {
        self.firing.remove(&id)
    }

    /// Whose each of them is.
    pub(crate) fn functions(&self) -> impl Iterator<Item = FunctionId> {
        let records = self.held.values().chain(self.firing.values());
        records.map(|record| record.function)
    }

    pub(crate) fn of(&self, function: FunctionId) -> impl Iterator<Item = &DebounceRecord> {
        let records = self.held.values().chain(self.firing.values());
        records.filter(move |record| record.function == function)
    }
}
