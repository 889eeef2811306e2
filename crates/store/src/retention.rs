//! Retention: history that is old is removed, a small portion in one transaction.
//!
//! # Contract
//!
//! What is live stays: runs that have not ended with all that belongs to them, and every event that
//! one of them, a wait, a debounce or a batch needs. A run goes as a whole for whoever reads it: its
//! row and its output go first, and what belonged to it in the portions that follow, also after a
//! restart.

use std::time::Duration;

use everstep_protocol::Timestamp;

/// What is removed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum History {
    /// Runs that ended, with everything that belongs to them.
    Runs,
    /// The attempts of runs that ended, and what is noted of them and of their spans.
    Traces,
    /// Events that nothing live needs, with what is noted of those that started no run.
    Events,
    /// Not removed, but put together: rollups of minutes become ones of hours.
    Minutes,
    Rollups,
    /// Error groups, by when they were seen last.
    Errors,
}

/// A portion to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    pub history: History,
    /// What ended, was received or was seen before.
    pub before: Timestamp,
    /// Where the portion before stopped; from the beginning, if `None`.
    pub after: Option<Place>,
    /// Rows that are looked at or removed at most, more or less: what is one row in a table may have
    /// a few others beside it.
    pub rows: usize,
}

/// Where a portion stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(crate) at: Timestamp,
    pub(crate) id: [u8; 16],
}

/// What became of a portion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Rows that are gone.
    pub removed: usize,
    /// Where to go on; `None` if nothing more is that old.
    pub next: Option<Place>,
    /// How long it held up commits.
    pub took: Duration,
}

/// What is kept, and how much room it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Of the database, its log apart; zero if the store is in memory.
    pub file_bytes: u64,
    /// What of it holds data; the rest is used again before the file grows.
    pub used_bytes: u64,
    /// When the oldest run was scheduled.
    pub oldest_run: Option<Timestamp>,
    /// When the oldest event was received.
    pub oldest_event: Option<Timestamp>,
}

/// How much room a table takes, its indexes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableUse {
    pub table: String,
    pub rows: u64,
    pub bytes: u64,
}

impl Prune {
    /// How many rows are left of the portion.
    pub(crate) fn left(&self, used: usize) -> usize {
        self.rows.max(1).saturating_sub(used)
    }
}
