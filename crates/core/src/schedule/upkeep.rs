//! Jobs that make no call: ends of sleeps and waits, timeouts, cancellations. They are under no
//! limit; only how many of their runs are loaded at a time is bounded.

use std::collections::BTreeSet;

use everstep_protocol::{JobId, Timestamp};

use crate::record::DueJob;

pub(crate) struct Upkeep {
    capacity: usize,
    timers: BTreeSet<DueJob>,
    /// Due now, in the order in which they are taken.
    ready: BTreeSet<(Timestamp, JobId)>,
    running: BTreeSet<JobId>,
}

impl Upkeep {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            timers: BTreeSet::new(),
            ready: BTreeSet::new(),
            running: BTreeSet::new(),
        }
    }

    pub(crate) fn add_timer(&mut self, job: DueJob) {
        self.timers.insert(job);
    }

    pub(crate) fn enqueue(&mut self, job: DueJob) {
        self.ready.insert((job.due_at, job.id));
    }

    pub(crate) fn take(&mut self, now: Timestamp) -> Option<JobId> {
        while let Some(job) = self.timers.first().copied().filter(|job| job.due_at <= now) {
            self.timers.remove(&job);
            self.enqueue(job);
        }
        while self.running.len() < self.capacity {
            let (_, job) = self.ready.pop_first()?;
            if self.running.insert(job) {
                return Some(job);
            }
        }
        None
    }

    pub(crate) fn free(&mut self, job: JobId) -> bool {
        self.running.remove(&job)
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.timers.first().map(|job| job.due_at)
    }
}
