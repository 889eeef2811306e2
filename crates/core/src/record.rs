//! What is persisted: one type per kind of row.
//!
//! These types are the contract between `core`, which decides what they hold, and the stores,
//! which keep them. A record is the whole row: putting it twice has the effect of putting it once.

mod app;
mod attribute;
mod cancellation;
mod defer;
mod event;
mod failure;
mod flow;
mod job;
mod metadata;
mod operation;
mod rerun;
mod run;
mod shard;
mod span;
mod start;
mod step;
mod step_trace;
mod wait;

pub use app::{AppMethod, AppRecord, FunctionRecord};
pub use attribute::{AttributeRecord, RunAttributes};
pub use cancellation::CancellationRecord;
pub use defer::{DeferRecord, DeferStatus};
pub use event::{EventRecord, SkipReason, SkipRecord};
pub use failure::{ErrorDecision, ErrorDecisionRecord, ErrorGroupId, FailureRecord};
pub use flow::{
    AuditRecord, BatchEventRecord, BatchRecord, DebounceRecord, HoldKind, HoldRecord, LimitId,
    LimitName, OverrideRecord, PauseRecord, PausedRuns, PausedStarts, RateRecord,
};
pub use job::{
    AttemptOutcome, AttemptRecord, CallStage, DueCall, DueJob, JobKind, JobRecord, LoadedJob,
    WaitReason,
};
pub use metadata::{MetadataRecord, MetadataTarget};
pub use operation::{
    OperationCounts, OperationError, OperationKind, OperationRecord, OperationState, RunPlace,
};
pub use rerun::RerunRecord;
pub use run::{RunRecord, RunSnapshot, RunStatus};
pub use shard::{Epoch, ShardId, ShardState};
pub use span::SpanRecord;
pub use start::{IdempotencyKey, IdempotencyRecord, TickRecord};
pub use step::{StepKind, StepRecord, StepStatus};
pub use step_trace::StepTrace;
pub use wait::{LiveWait, Resolution, WaitKind, WaitRecord};
