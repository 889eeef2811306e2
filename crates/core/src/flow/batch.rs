//! Events that start one run together (server-semantics §4.5).
//!
//! Only the ids of the events are in memory: they are loaded when the batch fires. The rows of a
//! batch that fires go with the commit that schedules its run, so it has one run at most.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_protocol::{BatchId, EventId, FunctionId, JobId, Timestamp};

use crate::record::{BatchEventRecord, BatchRecord};

#[derive(Default)]
pub(crate) struct Batches {
    batches: BTreeMap<BatchId, Batch>,
    /// The one that the next event goes to.
    open: BTreeMap<(FunctionId, Option<Arc<str>>), BatchId>,
    by_fire_at: BTreeSet<(Timestamp, BatchId)>,
    /// Those that became full, or whose time was set to now.
    full: Vec<BatchId>,
}

pub(crate) struct Batch {
    pub(crate) record: BatchRecord,
    pub(crate) events: Vec<EventId>,
    pub(crate) invoked_by: Vec<JobId>,
    /// Of the payloads of its events, in bytes.
    pub(crate) size: u64,
}

impl Batches {
    pub(crate) fn new(records: Vec<BatchRecord>, events: Vec<BatchEventRecord>) -> Self {
        let mut batches = Self::default();
        for record in records {
            batches.open(record);
        }
        for event in events {
            batches.append(&event);
        }
        batches
    }

    /// The batch that takes further events, if there is one.
    pub(crate) fn current(
        &self,
        function: FunctionId,
        key: Option<&Arc<str>>,
        now: Timestamp,
    ) -> Option<&Batch> {
        let id = self.open.get(&(function, key.cloned()))?;
        let batch = self.batches.get(id)?;
        // One whose time came while the server was down is over.
        (now < batch.record.fire_at).then_some(batch)
    }

    pub(crate) fn open(&mut self, record: BatchRecord) {
        let key = (record.function, record.key.clone());
        if record.is_full {
            self.full.push(record.id);
        } else {
            self.open.insert(key, record.id);
            self.by_fire_at.insert((record.fire_at, record.id));
        }
        let batch = Batch {
            record,
            events: Vec::new(),
            invoked_by: Vec::new(),
            size: 0,
        };
        self.batches.insert(batch.record.id, batch);
    }

    pub(crate) fn append(&mut self, event: &BatchEventRecord) {
        if let Some(batch) = self.batches.get_mut(&event.batch) {
            batch.events.push(event.event);
            batch.invoked_by.extend(event.invoked_by);
            batch.size += u64::from(event.size);
        }
    }

    /// Add nothing more to a batch. Its record, to be stored; `None` if there is none.
    pub(crate) fn fill(&mut self, id: BatchId) -> Option<BatchRecord> {
        let batch = self.batches.get_mut(&id)?;
        if batch.record.is_full {
            return None;
        }
        batch.record.is_full = true;
        self.full.push(id);
        let record = batch.record.clone();
        self.close(&record);
        Some(record)
    }

    fn close(&mut self, record: &BatchRecord) {
        self.by_fire_at.remove(&(record.fire_at, record.id));
        let key = (record.function, record.key.clone());
        if self.open.get(&key) == Some(&record.id) {
            self.open.remove(&key);
        }
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        if self.full.is_empty() {
            self.by_fire_at.first().map(|(fire_at, _)| *fire_at)
        } else {
            Some(Timestamp::default())
        }
    }

    /// A batch that is to fire now; it takes no further events.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<&Batch> {
        let id = match self.full.pop() {
            Some(id) => id,
            None => {
                let (_, id) = self.by_fire_at.first().filter(|(at, _)| *at <= now)?;
                *id
            }
        };
        let record = self.batches.get(&id)?.record.clone();
        self.close(&record);
        self.batches.get(&id)
    }

    /// The events of a batch are there.
    pub(crate) fn end_firing(&mut self, id: BatchId) -> Option<Batch> {
        self.batches.remove(&id)
    }

    pub(crate) fn get(&self, id: BatchId) -> Option<&Batch> {
        self.batches.get(&id)
    }

    /// Whose each of them is.
    pub(crate) fn functions(&self) -> impl Iterator<Item = FunctionId> {
        self.batches.values().map(|batch| batch.record.function)
    }

    pub(crate) fn of(&self, function: FunctionId) -> impl Iterator<Item = &Batch> {
        let batches = self.batches.values();
        batches.filter(move |batch| batch.record.function == function)
    }
}
