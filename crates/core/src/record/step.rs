//! Rows of steps.

use std::sync::Arc;

use everstep_protocol::op::ParallelMode;
use everstep_protocol::{Json, RunId, StepId, Timestamp};

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
    /// What else is kept of it: a [`StepTrace`](super::StepTrace) in JSON.
    pub trace: Option<Json>,
    /// When the server first heard of it.
    pub created_at: Timestamp,
    /// When user code began it, as the SDK says.
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}
