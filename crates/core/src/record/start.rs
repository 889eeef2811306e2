//! Rows by which something starts a run only once: the ticks of schedules, and idempotency.

use std::sync::Arc;

use everstep_protocol::{FunctionId, RunId, Timestamp};

/// The next tick of a schedule: one for each function and cron expression (CR-5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TickRecord {
    pub function: FunctionId,
    /// The expression, as the function has it.
    pub cron: Arc<str>,
    /// The time that the schedule names.
    pub tick: Timestamp,
    /// The tick and its jitter (CR-4).
    pub fire_at: Timestamp,
}

/// Something that starts one run only, for a time (server-semantics §3.3, stages 3 and 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdempotencyRecord {
    pub key: IdempotencyKey,
    /// The run that it started; `None` while that is held back (a debounce).
    pub run: Option<RunId>,
    pub expires_at: Timestamp,
}

/// A hash over the function and what the run was started by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdempotencyKey(pub [u8; 16]);
