//! Ops: what an SDK reports in a reply or a checkpoint (sdk-protocol §5.5–5.7).

use crate::{Json, StepId};

/// What an op asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpCode {
    StepRun,
    /// `StepRun` of SDKs before 3.x. A `data` object whose only member is `data` was unwrapped
    /// when the op was parsed.
    Step,
    StepError,
    StepFailed,
    StepPlanned,
    StepNotFound,
    Sleep,
    WaitForEvent,
    WaitForSignal,
    InvokeFunction,
    AiGateway,
    Gateway,
    RunComplete,
    SyncRunComplete,
    DiscoveryRequest,
    DeferAdd,
    DeferAbort,
    /// `None`, or an empty `op`.
    None,
    Unknown(String),
}

/// One op, with what the server needs of it. Other members were dropped when it was parsed:
/// `rawArgs` above all, which can hold user secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    pub code: OpCode,
    pub id: StepId,
    /// Varies by op: user id, event name, duration.
    pub name: String,
    pub display_name: Option<String>,
    /// Canonical `opts`, if it is an object.
    pub opts: Option<Json>,
    pub data: Option<Json>,
    /// Canonical error in the normal form of §5.4, if the op carries one.
    pub error: Option<crate::UserError>,
    pub userland_id: Option<String>,
    /// When the step started, Unix ms, and how long it took, as the SDK measured it.
    pub timing: Option<Timing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub started_at: crate::Timestamp,
    pub duration: std::time::Duration,
}

/// `opts.parallelMode` (sdk-protocol §5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParallelMode {
    /// The group is joined: one discovery when all its members are done.
    Join,
    /// Each member that is done causes a discovery.
    Race,
}
