//! What a shard is, and what it starts from.

use super::{
    AppRecord, AttributeRecord, BatchEventRecord, BatchRecord, CancellationRecord, DebounceRecord,
    FunctionRecord, HoldRecord, IdempotencyRecord, LiveWait, OperationRecord, OverrideRecord,
    PauseRecord, RateRecord, TickRecord,
};

/// The unit of ownership: a set of functions with all their runs and jobs, decided on by one owner
/// at a time. An embedded server has the one shard [`ShardId::EMBEDDED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u32);

impl ShardId {
    pub const EMBEDDED: Self = Self(0);
}

/// Counts the owners of a shard. A commit of an earlier owner is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// What a shard starts from. Its jobs follow in portions, by
/// [`Effect::LoadJobs`](crate::Effect::LoadJobs).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShardState {
    pub apps: Vec<AppRecord>,
    pub functions: Vec<FunctionRecord>,
    /// In the order in which they were created.
    pub waits: Vec<LiveWait>,
    pub ticks: Vec<TickRecord>,
    pub idempotency: Vec<IdempotencyRecord>,
    /// Those that have not ended, by id.
    pub cancellations: Vec<CancellationRecord>,
    /// By limit and run.
    pub holds: Vec<HoldRecord>,
    /// By limit. They may have passed.
    pub rates: Vec<RateRecord>,
    /// By id.
    pub debounces: Vec<DebounceRecord>,
    /// By id.
    pub batches: Vec<BatchRecord>,
    /// By batch and position.
    pub batch_events: Vec<BatchEventRecord>,
    /// By function.
    pub pauses: Vec<PauseRecord>,
    /// By function, limit and key, the one for all keys first.
    pub overrides: Vec<OverrideRecord>,
    /// Bulk operations that are open, by id.
    pub operations: Vec<OperationRecord>,
    /// By name.
    pub attributes: Vec<AttributeRecord>,
}
