//! Inputs: everything that a shard can be told. One file per input says what it decides.

mod attributes;
mod audit;
mod call_ended;
mod cancel;
mod cancellations;
mod checkpoint;
mod control;
mod endpoint;
mod events;
pub(crate) mod metadata;
mod operations;
mod rerun;
mod run_control;
mod run_loaded;
mod signal;
mod spans;
mod sync;

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::metadata::MetadataUpdate;
use everstep_protocol::op::Op;
use everstep_protocol::reply::Reply;
use everstep_protocol::sync::AppSync;
use everstep_protocol::{
    AuditId, CancellationId, JobId, Json, OperationId, RequestId, RunId, Ticket, Timestamp, Url,
};

pub(crate) use self::control::Asked;
pub use self::control::{Control, ControlRefusal};
pub use self::operations::Portion;
pub use self::rerun::Rerun;
pub use self::run_control::RunControl;
use crate::effect::ReplyTo;
use crate::held::Held;
use crate::inspect::Inspection;
use crate::record::{
    EventRecord, LoadedJob, MetadataRecord, MetadataTarget, RunSnapshot, SpanRecord,
};
pub use crate::request::RequestEnded;
pub use crate::start::NotStarted;

/// Something that a shard is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The time of [`Shard::next_wakeup`](crate::Shard::next_wakeup) has come.
    Wake,
    /// An app registered its functions.
    Sync {
        app: Box<AppSync>,
        reply_to: ReplyTo,
    },
    /// Events were received. None of them is stored yet, or still on its way in
    /// ([`Shard::is_receiving`](crate::Shard::is_receiving)), and no id occurs twice.
    Events {
        events: Vec<EventRecord>,
        reply_to: ReplyTo,
    },
    /// A client starts a function. The event is not stored yet.
    Invoke {
        /// Slug or id.
        function: String,
        event: Box<EventRecord>,
        reply_to: ReplyTo,
    },
    /// A client sends a signal.
    Signal {
        name: String,
        data: Json,
        reply_to: ReplyTo,
    },
    /// A client cancels a run.
    Cancel { run: RunId, reply_to: ReplyTo },
    /// A client notes something of a run. That there is such a run was looked up before.
    UpdateMetadata {
        run: RunId,
        updates: Vec<(MetadataTarget, MetadataUpdate)>,
        reply_to: ReplyTo,
    },
    /// An app brings spans of runs. That there are such runs, and room for the spans, was looked up
    /// before.
    PutSpans {
        spans: Vec<SpanRecord>,
        reply_to: ReplyTo,
    },
    /// Which bulk cancellations are there to carry out? The answer comes after the commit of every
    /// run that was scheduled before.
    CancellationsOpen { reply_to: ReplyTo },
    /// Every run before `next` was looked at. Nothing, if the cancellation was deleted.
    AdvanceCancellation {
        id: CancellationId,
        next: RunId,
        reply_to: ReplyTo,
    },
    /// Someone steers what runs.
    Control {
        control: Box<Control>,
        /// Of its entry in the audit log: above every one given before.
        id: AuditId,
        /// Who, as they say themselves.
        actor: Option<Arc<str>>,
        reply_to: ReplyTo,
    },
    /// Which bulk operations are there to carry out? The answer comes after the commit of whatever
    /// was decided before.
    OperationsOpen { reply_to: ReplyTo },
    /// What came of a portion of a bulk operation. Nothing, if it is not open.
    AdvanceOperation {
        id: OperationId,
        portion: Portion,
        reply_to: ReplyTo,
    },
    /// Someone asks why something does not run.
    Inspect {
        inspection: Inspection,
        reply_to: ReplyTo,
    },
    /// A call was answered, or failed.
    CallEnded(Box<CallEnded>),
    /// A request that was made for a step was answered, or failed.
    RequestEnded(Box<RequestEnded>),
    /// An app reports finished steps while its call is in flight.
    Checkpoint(Box<Checkpoint>),
    /// An app starts a run that it executes itself.
    StartEndpoint(Box<StartEndpoint>),
    /// An app reports how a run goes on that it executes itself.
    EndpointSteps(Box<EndpointSteps>),
    /// Answers [`Effect::LoadRun`](crate::Effect::LoadRun).
    RunLoaded { run: RunId, found: FoundRun },
    /// Answers [`Effect::LoadMetadata`](crate::Effect::LoadMetadata): as it was after every commit
    /// that came before the effect.
    MetadataLoaded {
        run: RunId,
        records: Vec<MetadataRecord>,
    },
    /// Answers [`Effect::LoadEvents`](crate::Effect::LoadEvents), in the order asked for. Those that
    /// are not stored any more are missing.
    EventsLoaded {
        held: Held,
        events: Vec<EventRecord>,
    },
    /// Answers [`Effect::LoadJobs`](crate::Effect::LoadJobs). Every job that is due by `until` is
    /// in memory now; `until` may be earlier than was asked for, when there were too many.
    JobsLoaded {
        jobs: Vec<LoadedJob>,
        until: Timestamp,
    },
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEnded {
    pub job: JobId,
    pub generation: u32,
    pub request: RequestId,
    pub reply: Reply,
    pub started_at: Timestamp,
    pub duration: Duration,
}

/// Steps that an app reports while its call is in flight (sdk-protocol §7.3).
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub run: RunId,
    /// Which dispatch reports, from `qi_id`. An app that names none speaks for the discovery of the
    /// run.
    pub ticket: Option<Ticket>,
    /// The generation as the app itself names it, which TypeScript SDK 3 and GO do not.
    pub generation: Option<u32>,
    pub ops: Vec<Op>,
    pub reply_to: ReplyTo,
}

/// A client's request that uses steps: its run is new, and executed by the app (sdk-protocol §7.4).
#[derive(Clone, Debug, PartialEq)]
pub struct StartEndpoint {
    /// Made by the app.
    pub run: RunId,
    /// Name of the app: the origin that it serves.
    pub app: String,
    /// The same as a URL.
    pub url: Url,
    /// Of the endpoint, within the app.
    pub function: String,
    /// As the SDK names itself.
    pub sdk: String,
    /// The request. Not stored yet.
    pub event: EventRecord,
    /// What happened so far.
    pub ops: Vec<Op>,
    /// −1 if the app named none.
    pub request_version: i8,
    /// Attempts that each job of the run has.
    pub max_attempts: u32,
    /// A text that starts one run of the endpoint a day.
    pub idempotency: Option<String>,
    pub reply_to: ReplyTo,
}

/// What happened since in a run that its app executes itself.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSteps {
    pub run: RunId,
    pub ops: Vec<Op>,
    pub reply_to: ReplyTo,
}

/// What is stored of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundRun {
    Live(Box<RunSnapshot>),
    /// It has ended, or can't be read.
    Ended,
    Missing,
}
