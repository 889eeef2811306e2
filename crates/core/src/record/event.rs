//! Rows of events, and what is noted of those that started no run.

use std::sync::Arc;

use everstep_protocol::{EventId, FunctionId, Json, Timestamp};

/// An event that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    pub id: EventId,
    pub name: Arc<str>,
    /// The `id` that the sender chose, if any.
    pub user_id: Option<Arc<str>>,
    /// When it happened, as the sender says; else when it was received.
    pub ts: Timestamp,
    pub received_at: Timestamp,
    /// The event object as SDKs read it.
    pub payload: Json,
}

/// Why an evaluated trigger started no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// The expression of no trigger holds.
    ExpressionFalse,
    /// The expression of a trigger can't be evaluated for this event, and no other one holds.
    ExpressionError,
    /// An event with this id started a run of the function before.
    EventDuplicate,
    /// The function's `idempotency` has this value already.
    IdempotencyDuplicate,
    /// Ticks of a schedule before the one that fired: too many had passed (CR-6).
    TicksGivenUp,
    /// The function's `rateLimit` is used up for now.
    RateLimited,
    /// Held back by the function's `debounce`: a run starts later, for this event or a later one.
    Debounced,
    /// Older than the event that the function's `debounce` holds back (DB-1).
    DebounceOutdated,
    /// Added to a batch: a run starts when that is full or its time has come.
    Batched,
    /// Another run is the only one that may run now.
    Singleton,
    /// The function is paused.
    Paused,
}

/// An evaluation of a function's triggers that started no run.
#[derive(Clone, Debug, PartialEq)]
pub struct SkipRecord {
    pub event: EventId,
    pub function: FunctionId,
    pub reason: SkipReason,
    /// The evidence: an expression and what is wrong with it, or the run that was there first.
    pub detail: Option<Arc<str>>,
}
