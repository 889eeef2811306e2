//! Rows of flow control: what a limit remembers, and what is held back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::{AuditId, BatchId, EventId, FunctionId, JobId, Json, RunId, Timestamp};

/// Names one count or rate: a hash over whose limit it is, and the value of its key. Functions that
/// share a limit (server-semantics CC-2) have the same id for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LimitId(pub [u8; 16]);

impl fmt::Debug for LimitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LimitId({:032x})", u128::from_be_bytes(self.0))
    }
}

/// What a run has from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldKind {
    /// A place among the runs that a function may have at a time (server-semantics CC-8).
    Place,
    /// The right to be the only one (§4.6).
    Singleton,
}

/// A run that has something from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRecord {
    pub limit: LimitId,
    pub run: RunId,
    pub function: FunctionId,
    pub kind: HoldKind,
    /// The value of the key; `None` if there is no key.
    pub key: Option<Arc<str>>,
    pub since: Timestamp,
}

/// How far a rate is used up: the theoretical arrival time of GCRA (server-semantics §4.2), in Unix
/// nanoseconds. A time that has passed says nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateRecord {
    pub limit: LimitId,
    pub tat: u64,
}

/// An event that waits for a later one to take its place (server-semantics §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebounceRecord {
    /// Names function and key.
    pub id: LimitId,
    pub function: FunctionId,
    /// The value of the key; `None` if the function has no key.
    pub key: Option<Arc<str>>,
    /// The one that the run will get.
    pub event: EventId,
    /// Of that event; one that is older has no effect (DB-1).
    pub event_ts: Timestamp,
    /// The wait that the run will answer.
    pub invoked_by: Option<JobId>,
    /// How many events there were.
    pub events: u32,
    /// When the first of them came.
    pub opened_at: Timestamp,
    pub fire_at: Timestamp,
}

/// Events that will start one run together (server-semantics §4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRecord {
    pub id: BatchId,
    pub function: FunctionId,
    /// The value of the key; `None` if the function has no key.
    pub key: Option<Arc<str>>,
    pub opened_at: Timestamp,
    /// When it fires, if it is not full before.
    pub fire_at: Timestamp,
    /// Nothing more is added: it fires as soon as its events are there.
    pub is_full: bool,
}

/// An event of a batch that has not fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchEventRecord {
    pub batch: BatchId,
    /// Its place in the order of arrival.
    pub position: u32,
    pub event: EventId,
    /// Of its payload, in bytes.
    pub size: u32,
    /// The wait that the run will answer.
    pub invoked_by: Option<JobId>,
}

/// What becomes of runs that a paused function would have started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PausedStarts {
    /// They are recorded as skipped, and not made up for.
    Skip,
    /// They are scheduled, and start when the function is resumed.
    Queue,
}

/// What becomes of runs of a paused function that have started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PausedRuns {
    /// They go on to their end: the function drains.
    Finish,
    /// The calls in flight end, and no more are made until the function is resumed.
    Hold,
}

/// A function that someone has paused (server-semantics §3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRecord {
    pub function: FunctionId,
    pub starts: PausedStarts,
    pub runs: PausedRuns,
    /// Why, as whoever paused it says.
    pub reason: Option<Arc<str>>,
    pub paused_at: Timestamp,
}

/// One of the limits of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitName {
    /// The first of `concurrency`.
    Concurrency,
    /// The second of `concurrency`.
    SecondConcurrency,
    /// On runs that have started and not ended.
    RunConcurrency,
    Throttle,
    RateLimit,
}

impl LimitName {
    /// As it is written in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::SecondConcurrency => "second_concurrency",
            Self::RunConcurrency => "run_concurrency",
            Self::Throttle => "throttle",
            Self::RateLimit => "rate_limit",
        }
    }
}

/// A limit that someone has set beside the code, for a while or until it is taken back. It lasts
/// over restarts and syncs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideRecord {
    pub function: FunctionId,
    pub limit: LimitName,
    /// For one value of the key; for all of them, if `None`.
    pub key: Option<Arc<str>>,
    pub value: u32,
    /// Of a rate; as in the code, if `None`.
    pub period: Option<Duration>,
    /// Of a throttle; as in the code, if `None`.
    pub burst: Option<u32>,
    pub reason: Option<Arc<str>>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// What someone did to what runs here.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Its time is when it was done.
    pub id: AuditId,
    /// Who did it, as they say themselves.
    pub actor: Option<Arc<str>>,
    /// What was done: `function.pause`, `limit.override`, …
    pub action: Arc<str>,
    pub function: Option<FunctionId>,
    pub run: Option<RunId>,
    /// How.
    pub detail: Json,
}
