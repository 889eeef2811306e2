//! Rows of runs, and what is loaded with one.

use std::sync::Arc;

use everstep_protocol::{BatchId, FunctionId, JobId, Json, RunId, Timestamp};

use super::{DeferRecord, EventRecord, JobRecord, StepRecord, WaitRecord};

/// Where a run is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `Queued` | an event triggered the function |
/// | – | `Running` | an app started the run, and executes it itself |
/// | `Queued` | `Running` | its first call was admitted |
/// | `Running` | `Queued` | that call was turned away, so nothing was executed |
/// | `Queued`, `Running` | `Completed` | the function returned |
/// | `Queued`, `Running` | `Failed` | the function failed for good, or hit a limit |
/// | `Queued`, `Running` | `Cancelled` | someone asked for it |
/// | – | `Skipped` | it was not to start: a singleton runs, or the function is paused |
///
/// The last four are final: a run ends once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
    Skipped,
}

impl RunStatus {
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Skipped => true,
        }
    }
}

/// The narrow row of a run. What is large (events, step values, output) has rows of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    pub id: RunId,
    pub function: FunctionId,
    /// The version of the function when the run was scheduled.
    pub function_version: u32,
    pub status: RunStatus,
    /// When the first call was admitted.
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Attempts that each job of the run has; fixed at scheduling (server-semantics SY-9).
    pub max_attempts: u32,
    /// −1 until an app reported one (sdk-protocol §4.3).
    pub request_version: i8,
    /// A reply planned a parallel group. From then on, version 1 forces step plans (§5.9).
    pub parallel: bool,
    /// Number of the next job that is not the discovery.
    pub next_job: u32,
    /// Of the last discovery that is done; the next one counts on from it.
    pub generation: u32,
    /// Bytes of events and memoized values, against the limit of the state. Counted from its rows
    /// while the run goes on: a step alone does not write the row of its run.
    pub state_bytes: u64,
    /// Memoized steps: the length of the stack. Counted from its rows while the run goes on.
    pub steps_done: u32,
    /// The waits of other runs that this one answers when it ends: it was invoked (IN-1), by several
    /// if it is the run of a batch.
    pub invoked_by: Vec<JobId>,
    /// The batch of events that the run was started for.
    pub batch: Option<BatchId>,
    /// Values of the keys of its function's limits, as a JSON object by expression; fixed at
    /// scheduling (CC-3). `None` if there are none.
    pub keys: Option<Arc<str>>,
    /// Seconds by which its calls go before those of other runs; fixed at scheduling (PR-1).
    pub priority: i32,
    /// What the run returned, or the error object it failed with. Stored apart.
    pub output: Option<Json>,
}

/// A live run with all that is needed to go on with it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSnapshot {
    pub run: RunRecord,
    /// The triggering events, first first.
    pub events: Vec<EventRecord>,
    /// Memoized steps in stack order, then outstanding ones.
    pub steps: Vec<StepRecord>,
    pub jobs: Vec<JobRecord>,
    /// By number.
    pub waits: Vec<WaitRecord>,
    /// By position.
    pub defers: Vec<DeferRecord>,
}
