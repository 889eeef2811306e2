//! Rows of jobs and of the calls that were made for them, and jobs as the schedule remembers them.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::reply::CallTiming;
use everstep_protocol::{FunctionId, JobId, RequestId, StepId, Timestamp, UserError};

use super::Epoch;

/// What a job does when it is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobKind {
    /// Call the app without a target: find out what comes next. A run has at most one:
    /// [`JobId::DISCOVERY`].
    Discovery,
    /// Call the app to execute one planned step.
    Step(StepId),
    /// Make a request for a step. Without the request, after a failure or a restart, call the app
    /// without a target to be told of it again: SDKs don't take such steps as targets.
    Request(StepId),
    /// End a sleep; no call.
    SleepEnd(StepId),
    /// End a wait: with what resolved it, or because its time has come. No call.
    WaitEnd(StepId),
    /// Cancel the run: an event that it was to be cancelled on has come.
    Cancel,
    /// Cancel the run if its first call was not made yet (server-semantics §3.5).
    StartTimeout,
    /// Cancel the run, which takes too long.
    FinishTimeout,
    /// Fail the run, which its app executes itself, and of which nothing was heard for too long. It
    /// is there as long as the run is sync.
    SyncTimeout,
}

/// Why a job is not running yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitReason {
    /// Due; waits for its turn or is in flight.
    Queued,
    /// The event's `ts` lies in the future.
    Delayed,
    /// The attempt before failed.
    Backoff,
    /// The step sleeps.
    Sleeping,
    /// Something is waited for, until then at most.
    Waiting,
    /// Ends the run then, if it has not ended before.
    Timeout,
    /// Due; the app could not be reached, and the attempt does not count.
    Unreachable,
    /// Due; the app turned the call away (429, 503), and the attempt does not count.
    Overloaded,
}

/// Something that is due at a time: a call, or the end of a sleep. The row exists until the call's
/// answer was applied, so a call that was in flight at a crash is found again.
///
/// The row of a discovery that succeeded and leads to the next one says what there is to say of
/// that one, but for its generation and for when it became due. It is not written again: processes
/// of this owner are fenced by the generation in memory, those of earlier ones by the epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    pub id: JobId,
    pub kind: JobKind,
    pub due_at: Timestamp,
    pub reason: WaitReason,
    /// Failures so far, of this job only (§5.8).
    pub attempt: u32,
    /// Counts dispatches, from 1: fences processes of earlier ones (§7.3).
    pub generation: u32,
    /// The owner of the shard that wrote the row. Under a later owner the job may be in flight
    /// from the time before, so the next dispatch is a new generation, in a row of its own epoch.
    pub epoch: Epoch,
    pub created_at: Timestamp,
}

/// How one call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptOutcome {
    /// The answer brought the run forward.
    Succeeded,
    /// It failed, and there will be another attempt.
    Retried,
    /// It failed for good.
    Failed,
}

/// One call to an app that was answered, or that got no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRecord {
    pub job: JobId,
    /// Names the call, also to the app (`x-request-id`).
    pub request: RequestId,
    pub generation: u32,
    pub attempt: u32,
    /// The step that the call was to execute, else the first that it brought a result or an error
    /// of.
    pub step: Option<StepId>,
    pub outcome: AttemptOutcome,
    /// When the job became due: it waited for its turn from then on.
    pub due_at: Timestamp,
    pub started_at: Timestamp,
    /// From the first byte sent until the last byte received.
    pub duration: Duration,
    /// Of that, until the answer began; `None` if none came, or nobody measured.
    pub timing: Option<CallTiming>,
    pub http_status: Option<u16>,
    pub error: Option<UserError>,
}

/// A job as the schedule remembers it: the rest is loaded with its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueJob {
    pub due_at: Timestamp,
    pub id: JobId,
}

// There may be a million of them within the horizon.
const _: () = assert!(size_of::<DueJob>() == 32);

/// A job as the store gives it to the schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadedJob {
    /// It makes no call.
    Upkeep(DueJob),
    Call(DueCall),
}

impl LoadedJob {
    pub fn due_at(&self) -> Timestamp {
        match self {
            Self::Upkeep(job) => job.due_at,
            Self::Call(call) => call.due_at,
        }
    }
}

/// A call as the schedule remembers it: enough to know which limits it is under, and its place among
/// others.
#[derive(Clone, Debug, PartialEq)]
pub struct DueCall {
    pub due_at: Timestamp,
    pub id: JobId,
    pub reason: WaitReason,
    pub stage: CallStage,
    pub function: FunctionId,
    /// Of its run, as is `priority`.
    pub keys: Option<Arc<str>>,
    pub priority: i32,
}

/// Which limits a call is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallStage {
    /// The first call of a run: all of them.
    Start,
    /// A later one: none on starts.
    Step,
    /// A request that the server makes itself: not those of the app.
    Request,
}
