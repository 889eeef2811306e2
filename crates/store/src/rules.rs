//! What changes and reads mean beyond their signatures, for every implementation: the orders of
//! lists, when a step is final, what is damage.

use std::cmp::Ordering;

use everstep_core::record::{
    AppRecord, AttemptRecord, FunctionRecord, LiveWait, MetadataRecord, StepRecord, StepStatus,
};
use everstep_protocol::{EventId, JobId, RunId, Timestamp};

use crate::ReadError;

/// A memoized step is final: no later `PutStep` changes it.
pub(crate) fn is_memoized(status: StepStatus) -> bool {
    match status {
        StepStatus::Planned | StepStatus::Retrying | StepStatus::Sleeping | StepStatus::Waiting => {
            false
        }
        StepStatus::Completed | StepStatus::Failed => true,
    }
}

pub(crate) fn app_order(a: &AppRecord, b: &AppRecord) -> Ordering {
    (&a.name, a.id).cmp(&(&b.name, b.id))
}

pub(crate) fn function_order(a: &FunctionRecord, b: &FunctionRecord) -> Ordering {
    (&a.slug, a.id).cmp(&(&b.slug, b.id))
}

/// Memoized steps in stack order, then outstanding ones by age.
pub(crate) fn step_order(a: &StepRecord, b: &StepRecord) -> Ordering {
    let key = |step: &StepRecord| (step.position.is_none(), step.position, step.created_at);
    key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
}

/// Oldest first.
pub(crate) fn attempt_order(a: &AttemptRecord, b: &AttemptRecord) -> Ordering {
    let key = |attempt: &AttemptRecord| (attempt.started_at, attempt.request);
    key(a).cmp(&key(b))
}

/// By target, then by kind.
pub(crate) fn metadata_order(a: &MetadataRecord, b: &MetadataRecord) -> Ordering {
    (&a.target, &a.kind).cmp(&(&b.target, &b.kind))
}

/// Waits and when they were created: in that order, then by id.
pub(crate) fn live_waits(mut waits: Vec<(Timestamp, LiveWait)>) -> Vec<LiveWait> {
    waits.sort_by_key(|(created_at, wait)| (*created_at, wait.id));
    waits.into_iter().map(|(_, wait)| wait).collect()
}

/// A live run without its events can't go on: its calls would lie to the app.
pub(crate) fn events_missing(run: RunId, missing: usize) -> ReadError {
    ReadError::Corrupt {
        table: "run_events",
        detail: format!("{missing} events of the live run {run} are not stored"),
    }
}

/// A wait that an event ended can't be applied without the event, and must not be taken for one
/// that goes on.
pub(crate) fn resolution_missing(wait: JobId, event: EventId) -> ReadError {
    let JobId { run, number } = wait;
    ReadError::Corrupt {
        table: "waits",
        detail: format!("the event {event}, which ended wait {number} of run {run}, is not stored"),
    }
}
