//! One file per topic: the statements that write its tables and those that read them.

pub(super) mod attempts;
pub(super) mod attributes;
pub(super) mod audit;
pub(super) mod batches;
pub(super) mod cancellations;
pub(super) mod debounces;
pub(super) mod defers;
pub(super) mod errors;
pub(super) mod event_lists;
pub(super) mod events;
pub(super) mod holds;
pub(super) mod idempotency;
pub(super) mod jobs;
pub(super) mod metadata;
pub(super) mod operations;
pub(super) mod overrides;
pub(super) mod pauses;
pub(super) mod rates;
pub(super) mod registry;
pub(super) mod reruns;
pub(super) mod retention;
pub(super) mod rollups;
pub(super) mod run_lists;
pub(super) mod runs;
pub(super) mod shards;
pub(super) mod skips;
pub(super) mod spans;
pub(super) mod steps;
pub(super) mod ticks;
pub(super) mod waits;

/// A count as SQLite keeps integers. Counts that don't fit don't occur.
fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
