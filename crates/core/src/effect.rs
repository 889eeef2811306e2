//! Effects: what is to be done once the changes of the same decision are durable.

use std::sync::Arc;

use everstep_protocol::call::CallRequest;
use everstep_protocol::gateway::OutboundRequest;
use everstep_protocol::sync::SdkLanguage;
use everstep_protocol::{
    AppId, EventId, FunctionId, JobId, RequestId, RunId, Timestamp, Url, UserError,
};

use crate::held::Held;
use crate::input::ControlRefusal;
use crate::inspect::Report;
use crate::record::{CancellationRecord, OperationRecord, RunStatus};

/// Something to carry out.
///
/// # Contract
///
/// An effect is never the only copy of anything: a crash may lose it, and what matters of it is
/// derived again from the committed rows when the shard starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call the app; the answer comes back as [`Input::CallEnded`](crate::Input::CallEnded).
    Call(Box<Call>),
    /// Make a request for a step; what came of it comes back as
    /// [`Input::RequestEnded`](crate::Input::RequestEnded).
    Request(Box<Request>),
    /// Load a live run; it comes back as [`Input::RunLoaded`](crate::Input::RunLoaded).
    LoadRun(RunId),
    /// Load the metadata of a run, live or not; it comes back as
    /// [`Input::MetadataLoaded`](crate::Input::MetadataLoaded).
    LoadMetadata(RunId),
    /// Load the jobs that are due after `after` and by `until`; they come back as
    /// [`Input::JobsLoaded`](crate::Input::JobsLoaded).
    LoadJobs {
        after: Option<Timestamp>,
        until: Timestamp,
    },
    /// Load the events of something that was held back; they come back as
    /// [`Input::EventsLoaded`](crate::Input::EventsLoaded).
    LoadEvents { held: Held, events: Vec<EventId> },
    /// Answer the client that waits for this input.
    Reply { to: ReplyTo, answer: Answer },
    /// Tell whoever watches.
    Publish(Update),
}

/// A call to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The URL of the function as it was registered.
    pub endpoint: Url,
    /// The call is the client's request once more, which is its event, to the URL that it was made of
    /// (§7.5).
    pub is_endpoint: bool,
    /// GO apps can't fetch their state: their calls carry all of it (sdk-protocol §4.4).
    pub language: SdkLanguage,
    pub request: CallRequest,
}

/// A request to make for a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub job: JobId,
    pub generation: u32,
    pub id: RequestId,
    pub outbound: OutboundRequest,
}

/// Names a client that waits for the answer to an input. Chosen by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo(pub u64);

/// The answer to an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    EventsAccepted,
    AppSynced {
        app: AppId,
        modified: bool,
    },
    Checkpoint(Result<(), CheckpointRefusal>),
    Metadata(Result<(), MetadataRefusal>),
    SpansPut,
    EndpointStarted(Result<EndpointRun, CheckpointRefusal>),
    /// The run that the signal resumes, if one waited for it.
    Signalled(Option<RunId>),
    /// False: there is no such run, or it has ended.
    Cancelled(bool),
    /// The bulk cancellations that have not ended, by id.
    CancellationsOpen(Vec<CancellationRecord>),
    CancellationAdvanced,
    /// The run that the control started, if it was to start one.
    Controlled(Result<Option<RunId>, ControlRefusal>),
    /// The bulk operations that are open, by id.
    OperationsOpen(Vec<OperationRecord>),
    OperationAdvanced,
    Inspected(Box<Report>),
}

/// What an app is told of the run that it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRun {
    pub app: AppId,
    pub function: FunctionId,
    pub slug: Arc<str>,
}

/// Why a checkpoint was not stored (sdk-protocol §7.3, §7.4).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointRefusal {
    /// No such run, or it has ended.
    #[error("run {0} does not exist or has ended")]
    RunGone(RunId),
    /// The job was dispatched again, or is done: another process has taken over.
    #[error("stale dispatch: job {0} was dispatched again or is done")]
    Stale(JobId),
    /// An app starts a run that there is.
    #[error("run {0} already exists")]
    RunExists(RunId),
    /// The app executes a run that the server has taken over.
    #[error("run {0} has turned async: its app is called for it, and does not execute it itself")]
    NotSync(RunId),
    #[error("there are {limit} apps with endpoints already, as many as there can be")]
    TooManyApps { limit: usize },
    #[error("op {0:?} can't be checkpointed")]
    OpNotAllowed(String),
    #[error("the output of a step is {size} bytes, over the limit of {limit}")]
    StepTooLarge { size: usize, limit: usize },
    #[error("the state of the run would be {size} bytes, over the limit of {limit}")]
    StateTooLarge { size: u64, limit: usize },
    #[error("the run would exceed {limit} steps")]
    TooManySteps { limit: usize },
}

/// Why metadata was not noted (connect-realtime §5.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefusal {
    /// Something is to be added to what is no number, or the sum would be none.
    #[error("nothing can be added to {0:?}: it is no number, or too large a one")]
    NotANumber(String),
    #[error("the metadata of the run would be {size} bytes, over the limit of {limit}")]
    TooLarge { size: usize, limit: usize },
}

/// Something that happened, for consoles and live views. Published after its commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    EventReceived {
        event: EventId,
        name: String,
        runs: u32,
    },
    RunStarted {
        run: RunId,
        function: FunctionId,
    },
    RunEnded {
        run: RunId,
        function: FunctionId,
        status: RunStatus,
        started_at: Option<Timestamp>,
        ended_at: Timestamp,
        steps: u32,
        error: Option<UserError>,
    },
    /// An attempt failed and there will be another.
    AttemptFailed {
        run: RunId,
        function: FunctionId,
        /// Display name of the step, if it is known which one failed.
        step: Option<String>,
        /// One-based.
        attempt: u32,
        max_attempts: u32,
        retry_at: Timestamp,
        error: UserError,
    },
    AppSynced {
        app: AppId,
        modified: bool,
    },
    /// A call did not get to the app: its calls wait until one does.
    AppUnavailable {
        app: AppId,
        error: Option<UserError>,
    },
    /// It answers again.
    AppAvailable {
        app: AppId,
    },
}
