//! One file per topic: the statements that write its tables and those that read them.

pub(super) mod attempts;
pub(super) mod cancellations;
pub(super) mod defers;
pub(super) mod events;
pub(super) mod idempotency;
pub(super) mod jobs;
pub(super) mod metadata;
pub(super) mod registry;
pub(super) mod runs;
pub(super) mod shards;
pub(super) mod skips;
pub(super) mod steps;
pub(super) mod ticks;
pub(super) mod waits;

/// A count as SQLite keeps integers. Counts that don't fit don't occur.
fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
