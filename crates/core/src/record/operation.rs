//! Rows of bulk operations: what is done to every run that a filter matches.

use std::sync::Arc;

use everstep_protocol::{Json, OperationId, RunId, Timestamp};

/// What is done to each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationKind {
    /// It is cancelled.
    Cancel,
    /// A new run for its events starts.
    Replay,
    /// A new run starts with the steps of it that succeeded.
    Resume,
}

/// Where a bulk operation is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `Running` | someone asked for it |
/// | `Running` | `Aborting` | someone asked for its end; the portion under way is finished |
/// | `Aborting` | `Aborted` | it was |
/// | `Running` | `Stopped` | too many runs failed to be acted on |
/// | `Aborted`, `Stopped` | `Running` | someone wants it to go on |
/// | `Running`, `Aborting` | `Completed` | every run was acted on |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationState {
    Running,
    Aborting,
    Aborted,
    Stopped,
    Completed,
    /// The runs that it is about can't be told.
    Failed,
}

impl OperationState {
    /// Whether there is something to do for it.
    pub fn is_open(self) -> bool {
        match self {
            Self::Running | Self::Aborting => true,
            Self::Aborted | Self::Stopped | Self::Completed | Self::Failed => false,
        }
    }
}

/// Something that is done to every run that a filter matches, a portion at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRecord {
    pub id: OperationId,
    pub kind: OperationKind,
    /// Which runs, as the engine reads it.
    pub filter: Json,
    pub state: OperationState,
    /// Runs that are acted on in a second, at most.
    pub rate_per_second: Option<u32>,
    /// It stops when more of the runs than that could not be acted on.
    pub stop_on_error_percent: Option<u32>,
    /// Who asked for it, and why.
    pub actor: Option<Arc<str>>,
    pub reason: Option<Arc<str>>,
    /// Every run up to this place was acted on.
    pub cursor: Option<RunPlace>,
    pub counts: OperationCounts,
    /// The first of what went wrong.
    pub errors: Vec<OperationError>,
    /// Why it failed.
    pub failure: Option<Arc<str>>,
    pub ended_at: Option<Timestamp>,
}

/// Where a run is among others: by one of its times, then by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunPlace {
    pub at: Timestamp,
    pub run: RunId,
}

/// What came of the runs so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    pub done: u64,
    /// There was nothing to do any more.
    pub skipped: u64,
    pub failed: u64,
}

/// A run that could not be acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationError {
    pub run: RunId,
    pub message: Arc<str>,
}
