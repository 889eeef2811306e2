//! What one incarnation of the server decided when, as far as its store can tell.
//!
//! A call takes from its limits in the decision that takes it up, and its run starts in a later one
//! if it had to be loaded. Nobody is told when the first of these was; a bound is known.
//!
//! **Invariant:** what is acted on now was decided after the commit before the one that it waited for
//! had begun: the driver decides on one batch while it commits the one before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everstep_core::Change;
use everstep_core::record::RunStatus;
use everstep_engine::rt::Clock;
use everstep_protocol::{RunId, Timestamp};

use crate::audit::{Audit, Service};
use crate::chance::SimClock;

/// How the start of a run came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// As its row says.
    pub at: Timestamp,
    /// Its first call was taken up, and took from its limits, then or later.
    pub taken_after: Timestamp,
    /// When the server began that started it.
    pub incarnation: Timestamp,
}

/// Watches one incarnation. Clones share it.
#[derive(Clone)]
pub struct Watch {
    audit: Audit,
    clock: SimClock,
    began_at: Timestamp,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    /// When the commit under way began, or the last one; and the one before.
    commit: Timestamp,
    commit_before: Timestamp,
    /// The commit under way was tried before.
    is_under_way: bool,
    /// When commits ended last, and since when that was decided which waited for the first of them.
    ended_at: Timestamp,
    decided_after: Timestamp,
    /// The last load of each run.
    loads: BTreeMap<RunId, Load>,
}

struct Load {
    decided_after: Timestamp,
    is_over: bool,
}

impl Watch {
    pub fn begin(audit: Audit, clock: SimClock) -> Self {
        let now = clock.now();
        let seen = Seen {
            commit: now,
            commit_before: now,
            is_under_way: false,
            ended_at: now,
            decided_after: now,
            loads: BTreeMap::new(),
        };
        Self {
            audit,
            clock,
            began_at: now,
            seen: Arc::new(Mutex::new(seen)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit is tried, for the first time or again.
    pub fn commit_begins(&self, changes: &[Change]) {
        let mut seen = self.lock();
        if !seen.is_under_way {
            seen.is_under_way = true;
            seen.commit_before = seen.commit;
            seen.commit = self.clock.now();
        }
        for change in changes {
            if let Change::PutRun(run) = change
                && run.status == RunStatus::Queued
            {
                self.audit.run_waits(run.id);
            }
            if let Change::PutRun(run) = change
                && run.status == RunStatus::Running
                && let Some(at) = run.started_at
            {
                let load = seen.loads.get(&run.id).map(|load| load.decided_after);
                let start = Start {
                    at,
                    taken_after: load.unwrap_or(at).min(at),
                    incarnation: self.began_at,
                };
                self.audit.run_starts(run.id, start);
            }
        }
    }

    /// It succeeded. What waited for it is acted on within this millisecond.
    pub fn commit_ends(&self) {
        let mut seen = self.lock();
        seen.is_under_way = false;
        let now = self.clock.now();
        if seen.ended_at < now {
            seen.ended_at = now;
            seen.decided_after = seen.commit_before;
        }
    }

    /// A run is read, for the first time or again.
    pub fn load_begins(&self, run: RunId) {
        let mut seen = self.lock();
        let under_way = seen.loads.get(&run).filter(|load| !load.is_over);
        if under_way.is_some() {
            return;
        }
        let decided_after = seen.decided_after;
        let load = Load {
            decided_after,
            is_over: false,
        };
        seen.loads.insert(run, load);
        self.audit.loaded(Service {
            run,
            taken_after: decided_after,
            at: self.clock.now(),
        });
    }

    /// It was read.
    pub fn load_ends(&self, run: RunId) {
        if let Some(load) = self.lock().loads.get_mut(&run) {
            load.is_over = true;
        }
    }

    /// A call of this run that is made now was taken up then or later.
    pub fn taken_after(&self, run: RunId) -> Timestamp {
        let seen = self.lock();
        let load = seen.loads.get(&run).map(|load| load.decided_after);
        load.map_or(seen.decided_after, |at| at.min(seen.decided_after))
    }

    /// What is acted on now was decided then or later.
    pub fn decided_after(&self) -> Timestamp {
        self.lock().decided_after
    }
}
