//! Changes: what is to be durable. A commit applies a list of them in one transaction.

use everstep_protocol::{EventId, JobId, RunId};

use crate::record::{
    AppRecord, AttemptRecord, EventRecord, FunctionRecord, JobRecord, RunRecord, SkipRecord,
    StepRecord,
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
}
