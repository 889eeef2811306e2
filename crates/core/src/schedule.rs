//! The schedule: which job runs next.
//!
//! Owns the timers of jobs that are due within the horizon, the queue of those that are due, and
//! the slots of those that are running. Knows nothing of runs or steps; an entry that outlived its
//! job is harmless, because whoever takes it looks whether there still is something to do.
//!
//! **Invariant:** at most `capacity` jobs hold a slot. A slot is held from the moment its job is
//! taken until its call has ended, even if the run ended before.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use everstep_protocol::{JobId, Timestamp};

use crate::limits::HORIZON;
use crate::record::{DueJob, LoadedJob};

pub(crate) struct Schedule {
    capacity: usize,
    /// Due in the future.
    timers: BTreeSet<DueJob>,
    /// Due now, in the order in which they are taken.
    ready: BTreeSet<(Timestamp, JobId)>,
    /// Jobs that hold a slot, with the generation of their call; 0 while their run is loaded.
    running: BTreeMap<JobId, u32>,
    /// Jobs due by then are in memory; later ones are in the store only.
    horizon: Option<Timestamp>,
    /// A load up to then is under way.
    loading_until: Option<Timestamp>,
}

impl Schedule {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            timers: BTreeSet::new(),
            ready: BTreeSet::new(),
            running: BTreeMap::new(),
            horizon: None,
            loading_until: None,
        }
    }

    /// Remember a job. One that is due beyond the horizon stays in the store until it is near.
    pub(crate) fn add(&mut self, job: DueJob, now: Timestamp) {
        if job.due_at <= now {
            // By the age of the run: steps of older runs precede the starts of newer ones
            // (server-semantics PR-2, PR-3).
            self.ready.insert((job.id.run.timestamp(), job.id));
        } else if Some(job.due_at) <= self.horizon.max(self.loading_until) {
            self.timers.insert(job);
        }
    }

    /// A job whose row names a later time is due already.
    pub(crate) fn hasten(&mut self, job: JobId) {
        self.ready.insert((job.run.timestamp(), job));
    }

    /// Take the next job that is due, if a slot is free for it.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<JobId> {
        self.ripen(now);
        while self.running.len() < self.capacity {
            let (_, job) = self.ready.pop_first()?;
            if let Entry::Vacant(slot) = self.running.entry(job) {
                slot.insert(0);
                return Some(job);
            }
        }
        None
    }

    /// The job in this slot is being called.
    pub(crate) fn calling(&mut self, job: JobId, generation: u32) {
        self.running.insert(job, generation);
    }

    /// Free the slot of a call, or of a job whose run was loaded (generation 0). False if the slot
    /// is not held for that generation: the end of the call was heard of before.
    pub(crate) fn free(&mut self, job: JobId, generation: u32) -> bool {
        if self.running.get(&job) == Some(&generation) {
            self.running.remove(&job);
            return true;
        }
        false
    }

    /// When there will be something to do without further input.
    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        let timer = self.timers.first().map(|job| job.due_at);
        let load = match (self.loading_until, self.horizon) {
            (Some(_), _) => None,
            (None, Some(horizon)) => Some(horizon - HORIZON / 2),
            (None, None) => Some(Timestamp::default()),
        };
        [timer, load].into_iter().flatten().min()
    }

    /// The portion of jobs that should be loaded now, if any: due after the first time, by the
    /// second one.
    pub(crate) fn begin_load(&mut self, now: Timestamp) -> Option<(Option<Timestamp>, Timestamp)> {
        if self.loading_until.is_some()
            || self
                .horizon
                .is_some_and(|horizon| now < horizon - HORIZON / 2)
        {
            return None;
        }
        let until = now + HORIZON;
        self.loading_until = Some(until);
        Some((self.horizon, until))
    }

    pub(crate) fn end_load(&mut self, jobs: Vec<LoadedJob>, until: Timestamp, now: Timestamp) {
        self.loading_until = None;
        self.horizon = self.horizon.max(Some(until));
        for job in jobs {
            let job = match job {
                LoadedJob::Upkeep(job) => job,
                LoadedJob::Call(call) => DueJob {
                    due_at: call.due_at,
                    id: call.id,
                },
            };
            self.add(job, now);
        }
    }

    /// Move the timers that have come due into the queue.
    fn ripen(&mut self, now: Timestamp) {
        while let Some(job) = self.timers.first().copied() {
            if job.due_at > now {
                break;
            }
            self.timers.remove(&job);
            // What had to wait takes its place by the time at which it came due.
            self.ready.insert((job.due_at, job.id));
        }
    }
}
