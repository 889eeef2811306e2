//! Changes: what is to be durable. A commit applies a list of them in one transaction.

use std::sync::Arc;

use everstep_protocol::{BatchId, CancellationId, EventId, FunctionId, JobId, RunId, Timestamp};

use crate::record::{
    AppRecord, AttemptRecord, AttributeRecord, AuditRecord, BatchEventRecord, BatchRecord,
    CancellationRecord, DebounceRecord, DeferRecord, ErrorDecisionRecord, EventRecord,
    FailureRecord, FunctionRecord, HoldRecord, IdempotencyRecord, JobRecord, LimitId, LimitName,
    MetadataRecord, OperationRecord, OverrideRecord, PauseRecord, RateRecord, RerunRecord,
    Resolution, RunAttributes, RunRecord, SkipRecord, SpanRecord, StepRecord, TickRecord,
    WaitRecord,
};

/// A mutation of one row.
///
/// # Contract
///
/// Every change is idempotent, and applying a list of them twice in a row equals applying it once.
/// So a commit whose outcome is unknown is simply made again.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Insert or replace.
    PutApp(AppRecord),
    /// Insert or replace.
    PutFunction(FunctionRecord),
    /// Insert; an event that exists stays as it is.
    PutEvent(EventRecord),
    /// Insert or replace the row of a run. `output`, if set, is stored with it.
    PutRun(RunRecord),
    /// What triggered a run, in order.
    PutRunEvents {
        run: RunId,
        events: Vec<EventId>,
    },
    /// Insert or replace. A value that is stored already stays: the first one wins.
    PutStep(StepRecord),
    /// Insert or replace.
    PutJob(JobRecord),
    DeleteJob(JobId),
    /// Delete every job of a run.
    DeleteJobs(RunId),
    /// Insert or replace.
    PutAttempt(AttemptRecord),
    /// Insert or replace.
    PutSkip(SkipRecord),
    /// Insert or replace.
    PutDefer(DeferRecord),
    /// Insert or replace, by run, target and kind.
    PutMetadata(MetadataRecord),
    /// Insert; a span that exists stays as it is.
    PutSpan(SpanRecord),
    /// Insert or replace. The event of a resolution is stored by a change before.
    PutWait(WaitRecord),
    /// Store what ended a wait. One that is resolved already, or is gone, stays as it is.
    ResolveWait {
        wait: JobId,
        resolution: Resolution,
    },
    /// The signal of a wait goes to another one (SG-3); nothing, if it is gone.
    LoseSignal(JobId),
    /// Delete the wait of this id.
    DeleteWait(JobId),
    /// Delete every wait of a run.
    DeleteWaits(RunId),
    /// Insert or replace, by function and expression.
    PutTick(TickRecord),
    /// Delete the tick of a function and expression.
    DeleteTick {
        function: FunctionId,
        cron: Arc<str>,
    },
    /// Insert or replace.
    PutIdempotency(IdempotencyRecord),
    /// Delete what had expired by then.
    ExpireIdempotency(Timestamp),
    /// Insert or replace.
    PutCancellation(CancellationRecord),
    DeleteCancellation(CancellationId),
    /// Insert or replace.
    PutHold(HoldRecord),
    /// Delete one hold of a run.
    DeleteHold {
        limit: LimitId,
        run: RunId,
    },
    /// Delete every hold of a run.
    DeleteHolds(RunId),
    /// Insert or replace.
    PutRate(RateRecord),
    /// Delete the rates whose time, in Unix nanoseconds, is that one or before.
    ExpireRates(u64),
    /// Insert or replace.
    PutDebounce(DebounceRecord),
    DeleteDebounce(LimitId),
    /// Insert or replace.
    PutBatch(BatchRecord),
    /// Insert or replace.
    PutBatchEvent(BatchEventRecord),
    /// Delete a batch and its list of events. The events themselves stay.
    DeleteBatch(BatchId),
    /// Insert or replace.
    PutPause(PauseRecord),
    DeletePause(FunctionId),
    /// Insert or replace, by function, limit and key.
    PutOverride(OverrideRecord),
    /// Delete the override of a function, limit and key.
    DeleteOverride {
        function: FunctionId,
        limit: LimitName,
        key: Option<Arc<str>>,
    },
    /// Insert; an entry that exists stays as it is.
    PutAudit(AuditRecord),
    /// Insert or replace.
    PutRerun(RerunRecord),
    /// Insert or replace.
    PutOperation(OperationRecord),
    /// Note that a run failed, whose row is put before. A run that is noted already stays in its
    /// group.
    PutFailure(FailureRecord),
    /// Insert or replace, by group.
    PutErrorDecision(ErrorDecisionRecord),
    /// Insert or replace, by name.
    PutAttribute(AttributeRecord),
    /// Delete the attribute of this name. Runs keep their values.
    DeleteAttribute(Arc<str>),
    /// Insert or replace values of a run, by name.
    PutRunAttributes {
        run: RunId,
        attributes: RunAttributes,
    },
}
