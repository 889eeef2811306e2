//! The types of a trace.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::record::{RunStatus, SkipReason};
use everstep_protocol::reply::CallTiming;
use everstep_protocol::{EventId, Json, RunId, SpanId, StepId, Timestamp};
use everstep_store::TriggeredRun;

/// What is going on in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanStatus {
    Queued,
    Running,
    /// It sleeps, or waits for something.
    Waiting,
    Completed,
    Failed,
    Cancelled,
    Skipped,
}

impl SpanStatus {
    pub(super) fn of_run(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Running => Self::Running,
            RunStatus::Completed => Self::Completed,
            RunStatus::Failed => Self::Failed,
            RunStatus::Cancelled => Self::Cancelled,
            RunStatus::Skipped => Self::Skipped,
        }
    }
}

/// What a step is for the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOp {
    Run,
    Sleep,
    WaitForEvent,
    WaitForSignal,
    Invoke,
    /// A request that the server makes, to an AI provider or anyone else.
    AiGateway,
}

impl StepOp {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "RUN",
            Self::Sleep => "SLEEP",
            Self::WaitForEvent => "WAIT_FOR_EVENT",
            Self::WaitForSignal => "WAIT_FOR_SIGNAL",
            Self::Invoke => "INVOKE",
            Self::AiGateway => "AI_GATEWAY",
        }
    }
}

/// What a span is.
#[derive(Clone, Debug, PartialEq)]
pub enum SpanKind {
    Run,
    Step(Box<StepPart>),
    /// What the function does outside of its steps (TT-6).
    Finalization,
    /// Calls that were to find out what comes next, and failed before one of them did.
    Discovery,
    /// One attempt of the span that it is in, zero-based.
    Attempt(u32),
    /// User code opened it.
    Userland(Box<UserlandPart>),
}

/// What the span of a step has beside others.
#[derive(Clone, Debug, PartialEq)]
pub struct StepPart {
    pub id: StepId,
    pub op: StepOp,
    /// The SDK's sub-kind, such as `step.sendEvent`, if it gave one.
    pub step_type: Option<Arc<str>>,
    pub info: Option<StepInfo>,
    /// The request that the server made, without secrets.
    pub request: Option<Json>,
    /// Bytes of arguments that were too large to be kept.
    pub input_size: Option<i64>,
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq)]
pub enum StepInfo {
    Sleep {
        until: Timestamp,
    },
    WaitForEvent {
        event: String,
        condition: Option<String>,
        until: Timestamp,
        found_event: Option<EventId>,
        timed_out: Option<bool>,
    },
    WaitForSignal {
        signal: String,
        until: Timestamp,
        timed_out: Option<bool>,
    },
    Invoke {
        /// The event that the invoked run was started with.
        triggering_event: EventId,
        /// As the app names it.
        function: String,
        until: Timestamp,
        run: Option<RunId>,
        timed_out: Option<bool>,
    },
}

/// What the span of user code has beside others.
#[derive(Clone, Debug, PartialEq)]
pub struct UserlandPart {
    pub parent: Option<SpanId>,
    pub detail: super::userland::Detail,
}

/// Where the time of an attempt went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Until the retry was due.
    pub backoff: Duration,
    /// Due, and waiting for its turn.
    pub queued: Duration,
    /// From the first byte sent until the last byte received.
    pub call: Duration,
    /// Of that, until the answer began; `None` if none came.
    pub until_answer: Option<CallTiming>,
    /// In the code of the step, as the SDK measured it: the rest of the call is the network and what
    /// surrounds the step. `None` if the SDK did not measure.
    pub user_code: Option<Duration>,
}

/// The call behind an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The status of its answer, if there was one.
    pub http_status: Option<u16>,
    pub timing: Timing,
}

/// An event that a step sent, and what it started.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub event: EventId,
    pub runs: Vec<TriggeredRun>,
}

/// What is noted of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    pub scope: &'static str,
    pub kind: Arc<str>,
    pub values: Json,
    pub updated_at: Timestamp,
    /// The step that it is about, where it is not shown with that.
    pub step: Option<StepId>,
    pub attempt: Option<u32>,
    pub span: Option<SpanId>,
}

/// Why a run was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    pub reason: SkipReason,
    /// The run that was there instead.
    pub existing_run: Option<RunId>,
}

/// One span with all that is within it.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub id: SpanId,
    pub name: String,
    pub kind: SpanKind,
    pub status: SpanStatus,
    /// The number of the latest attempt, zero-based, if there was one.
    pub attempts: Option<u32>,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    /// Set once it is over (TT-10).
    pub ended_at: Option<Timestamp>,
    /// More exact than the times, where it was measured.
    pub measured: Option<Duration>,
    pub input: Option<Json>,
    pub output: Option<Json>,
    pub error: Option<Json>,
    pub attempt: Option<Attempt>,
    pub metadata: Vec<Metadata>,
    pub links: Vec<Link>,
    pub skip: Option<Skip>,
    pub children: Vec<Span>,
}

impl Span {
    pub(super) fn new(
        id: SpanId,
        name: &str,
        kind: SpanKind,
        status: SpanStatus,
        queued_at: Timestamp,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            status,
            attempts: None,
            queued_at,
            started_at: None,
            ended_at: None,
            measured: None,
            input: None,
            output: None,
            error: None,
            attempt: None,
            metadata: Vec::new(),
            links: Vec::new(),
            skip: None,
            children: Vec::new(),
        }
    }

    /// How long it took; `None` until it is over.
    pub fn duration(&self) -> Option<Duration> {
        let ended_at = self.ended_at?;
        let from = self.started_at.unwrap_or(self.queued_at);
        Some(self.measured.unwrap_or_else(|| ended_at.since(from)))
    }

    /// When it started, or was queued, if it has not.
    pub(super) fn begun_at(&self) -> Timestamp {
        self.started_at.unwrap_or(self.queued_at)
    }
}
