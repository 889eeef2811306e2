//! What is persisted: one type per kind of row.
//!
//! These types are the contract between `core`, which decides what they hold, and the stores,
//! which keep them. A record is the whole row: putting it twice has the effect of putting it once.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::config::FunctionConfig;
use everstep_protocol::defer::DeferRejection;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{
    AppId, CancellationId, DeferId, EventId, FunctionId, JobId, Json, RequestId, RunId, SpanId,
    StepId, Timestamp, UserError,
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

/// How the functions of an app are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppMethod {
    /// At the URL that the app synced.
    Serve,
    /// Each at its own: they are HTTP endpoints of the app, which was heard of when one of them was
    /// used first, and never syncs.
    Api,
}

/// An app that has synced at least once, or has durable endpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct AppRecord {
    pub id: AppId,
    /// The client id of the SDK, or the origin of the endpoints; unique.
    pub name: String,
    pub method: AppMethod,
    /// The serve URL, normalised, or the origin of the endpoints.
    pub url: String,
    /// As the SDK names itself: `js:v4.24.0`.
    pub sdk: String,
    pub framework: Option<String>,
    pub app_version: Option<String>,
    /// Of the last sync; an equal one changes nothing (server-semantics SY-2). Empty if there was none.
    pub checksum: String,
    /// When a sync last changed something.
    pub synced_at: Timestamp,
}

/// A function of an app.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRecord {
    pub id: FunctionId,
    pub app: AppId,
    /// `<app name>-<function id>`; also the `fnId` of calls.
    pub slug: Arc<str>,
    /// Starts at 1, counts up with each sync that changes the function.
    pub version: u32,
    pub config: Arc<FunctionConfig>,
    pub created_at: Timestamp,
    /// Set when a sync no longer names the function: it is not triggered any more.
    pub archived_at: Option<Timestamp>,
}

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

/// Where a run is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `Queued` | an event triggered the function |
/// | – | `Running` | an app started the run, and executes it itself |
/// | `Queued` | `Running` | its first call was admitted |
/// | `Queued`, `Running` | `Completed` | the function returned |
/// | `Queued`, `Running` | `Failed` | the function failed for good, or hit a limit |
/// | `Queued`, `Running` | `Cancelled` | someone asked for it |
///
/// The last three are final: a run ends once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl RunStatus {
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Completed | Self::Failed | Self::Cancelled => true,
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
    /// The wait of another run that this one answers when it ends: it was invoked (IN-1).
    pub invoked_by: Option<JobId>,
    /// What the run returned, or the error object it failed with. Stored apart.
    pub output: Option<Json>,
}

/// What kind of work a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// User code: `StepRun`, `StepError`, `StepFailed`, `StepPlanned`.
    Run,
    Sleep,
    WaitForEvent,
    WaitForSignal,
    Invoke,
    /// A request that the server makes (`step.fetch`).
    Fetch,
    /// A request to an AI provider that the server makes (`step.ai.infer`).
    Infer,
}

/// Where a step is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `Planned` | a reply planned it; a targeted call is due |
/// | – | `Sleeping` | a reply asked to sleep |
/// | –, `Planned` | `Waiting` | a reply asked to wait for an event, a signal or an invoked run |
/// | –, `Planned` | `Retrying` | an attempt failed and there will be another |
/// | –, `Planned`, `Retrying` | `Completed` | its result was stored |
/// | –, `Planned`, `Retrying` | `Failed` | its last attempt failed; the error was stored |
/// | `Planned` | `Sleeping` | the targeted call found that it is a sleep |
/// | `Sleeping` | `Completed` | its time came |
/// | `Waiting` | `Completed` | what it waited for came, or its time did |
/// | `Waiting` | `Failed` | the invoked run failed, or could not be invoked, or took too long |
///
/// The steps that are `Completed` or `Failed` are memoized: they have a value and a position in
/// the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepStatus {
    Planned,
    Retrying,
    Sleeping,
    Waiting,
    Completed,
    Failed,
}

/// A step of a run, memoized or outstanding.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    pub run: RunId,
    pub id: StepId,
    pub kind: StepKind,
    pub status: StepStatus,
    /// Display name.
    pub name: Arc<str>,
    /// The SDK's sub-kind (`step.sendEvent`, `step.ai.wrap`, …), if it gave one.
    pub step_type: Option<Arc<str>>,
    /// How the parallel group of the step goes on when the step is done (§5.9).
    pub mode: ParallelMode,
    /// Index in the stack, if memoized.
    pub position: Option<u32>,
    /// The memoized value as calls carry it (§4.2), if memoized. Stored apart.
    pub value: Option<Json>,
    /// What is kept of the request that the server made for the step: `{"request": …}` without its
    /// secrets.
    pub trace: Option<Json>,
    /// When the server first heard of it.
    pub created_at: Timestamp,
    /// When user code began it, as the SDK says.
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

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
    /// The target of the call; `None` for a discovery.
    pub step: Option<StepId>,
    pub outcome: AttemptOutcome,
    pub started_at: Timestamp,
    /// From the first byte sent until the last byte received.
    pub duration: Duration,
    pub http_status: Option<u16>,
    pub error: Option<UserError>,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitKind {
    /// An event of that name for which the condition holds: a bound expression (EX-10).
    Event {
        name: Arc<str>,
        condition: Option<Arc<str>>,
    },
    /// A signal of that name. One wait has a name at a time (SG-1).
    Signal(Arc<str>),
    /// A wait whose signal went over to another one: only its time ends it (SG-3).
    SignalLost,
    /// The end of a run that was invoked.
    Invocation,
    /// An event that cancels the run. No step waits for it.
    Cancellation {
        name: Arc<str>,
        condition: Option<Arc<str>>,
    },
}

/// What ended a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// An event came.
    Event(Box<EventRecord>),
    /// The value to memoize.
    Value(Json),
}

/// Something that a run waits for. It is found by name, and its run is not in memory meanwhile.
///
/// What resolves it is stored with it in the commit in which it came, and applied when the run is
/// there: so an event that was acknowledged ends the wait, also if the server dies in between.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitRecord {
    /// The run, and a number that no job of it has but the one that ends the wait.
    pub id: JobId,
    /// None for a cancellation.
    pub step: Option<StepId>,
    pub kind: WaitKind,
    pub created_at: Timestamp,
    /// Not resolved by anything later.
    pub expires_at: Timestamp,
    pub resolution: Option<Resolution>,
}

impl WaitRecord {
    /// As the index knows it.
    pub fn live(&self) -> LiveWait {
        LiveWait {
            id: self.id,
            kind: self.kind.clone(),
            expires_at: self.expires_at,
            is_resolved: self.resolution.is_some(),
        }
    }
}

/// Where a defer is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `AfterRun` | the run asked for it |
/// | – | `Rejected` | the run asked for it, and it is against a limit or makes no sense (DE-5) |
/// | `AfterRun` | `Aborted` | the run took it back |
/// | `AfterRun` | `Scheduled` | the run ended, and the event was sent |
///
/// All but the first are final, and their payload is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum DeferStatus {
    AfterRun {
        /// An object: the data of the event, but for `_inngest`.
        input: Json,
        /// `{"sessions": {…}}`, if the event is to have sessions.
        meta: Option<Json>,
    },
    Scheduled,
    Aborted,
    Rejected(DeferRejection),
}

/// A function that is to be started when a run ends, whatever its end (connect-realtime §4).
#[derive(Clone, Debug, PartialEq)]
pub struct DeferRecord {
    pub run: RunId,
    /// Unique within the run.
    pub id: DeferId,
    /// Index among the defers of the run.
    pub position: u32,
    /// The id that the user wrote.
    pub name: Arc<str>,
    /// Of the function to start; empty if the request named none, and was rejected.
    pub function_slug: Arc<str>,
    pub status: DeferStatus,
    pub created_at: Timestamp,
}

/// What metadata is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataTarget {
    Run,
    Step(StepId),
    /// An attempt of a step, zero-based.
    Attempt {
        step: StepId,
        attempt: u32,
    },
    /// A span that user code opened within a step.
    Span {
        step: StepId,
        span: SpanId,
    },
}

impl MetadataTarget {
    /// The step that it is, or is within.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Run => None,
            Self::Step(step) | Self::Attempt { step, .. } | Self::Span { step, .. } => Some(step),
        }
    }
}

/// What is noted of one kind (connect-realtime §5). The step need not be known: scores name steps
/// that a run may not have, and a step that is being executed is not known yet.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRecord {
    pub run: RunId,
    pub target: MetadataTarget,
    /// Unique within the target, such as `userland.default` or `inngest.score`.
    pub kind: Arc<str>,
    /// An object.
    pub values: Json,
    pub updated_at: Timestamp,
}

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
    pub run: RunId,
    pub expires_at: Timestamp,
}

/// A hash over the function and what the run was started by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdempotencyKey(pub [u8; 16]);

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

/// A request to cancel the runs of a function that started in a range of time (server-semantics
/// §8). The runs are cancelled in the order of their ids, a portion at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct CancellationRecord {
    pub id: CancellationId,
    pub app: AppId,
    pub function: FunctionId,
    /// The first millisecond of the range; from the beginning, if `None`.
    pub started_after: Option<Timestamp>,
    /// The last millisecond of the range.
    pub started_before: Timestamp,
    /// An expression over the event that triggered the run.
    pub condition: Option<Arc<str>>,
    /// Every run before this one was looked at.
    pub next: RunId,
    /// When all of them had been.
    pub ended_at: Option<Timestamp>,
}

impl CancellationRecord {
    /// The lowest id that a run in the range can have.
    pub fn first_run(started_after: Option<Timestamp>) -> RunId {
        RunId::from_parts(started_after.unwrap_or_default(), 0)
    }

    /// The lowest id that is too high for a run in the range.
    pub fn end(&self) -> RunId {
        RunId::from_parts(self.started_before + Duration::from_millis(1), 0)
    }
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

/// A job as the schedule remembers it: the rest is loaded with its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueJob {
    pub due_at: Timestamp,
    pub id: JobId,
}

// There may be a million of them within the horizon.
const _: () = assert!(size_of::<DueJob>() == 32);

/// A wait as a shard starts with it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveWait {
    pub id: JobId,
    pub kind: WaitKind,
    pub expires_at: Timestamp,
    /// What resolved it is loaded with its run.
    pub is_resolved: bool,
}

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
}
