//! What changes and reads mean beyond their signatures, for every implementation: the orders of
//! lists, when a step is final, what is damage.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use everstep_core::record::{
    AppRecord, AttemptRecord, CallStage, FunctionRecord, LiveWait, MetadataRecord, OverrideRecord,
    RunStatus, SpanRecord, StepRecord, StepStatus,
};
use everstep_protocol::{EventId, JobId, RunId, Timestamp};

use crate::ReadError;

/// Events that are looked up by one read.
pub const EVENTS_BY_ID_MAX: usize = 10_000;

/// The latest time of a rate that is kept, in Unix nanoseconds: in the year 2262.
pub const TAT_MAX: u64 = i64::MAX.unsigned_abs();

/// A memoized step is final: no later `PutStep` changes it.
pub(crate) fn is_memoized(status: StepStatus) -> bool {
    match status {
        StepStatus::Planned | StepStatus::Retrying | StepStatus::Sleeping | StepStatus::Waiting => {
            false
        }
        StepStatus::Completed | StepStatus::Failed => true,
    }
}

/// The stage of the calls of a run in this state; `None` if it makes none any more. Requests that
/// the server makes itself are not stored, so none of them is among due jobs.
pub(crate) fn call_stage(status: RunStatus) -> Option<CallStage> {
    match status {
        RunStatus::Queued => Some(CallStage::Start),
        RunStatus::Running => Some(CallStage::Step),
        RunStatus::Completed | RunStatus::Failed | RunStatus::Cancelled | RunStatus::Skipped => {
            None
        }
    }
}

/// Those of the events asked for that one read looks up.
pub(crate) fn events_read(asked: &[EventId]) -> &[EventId] {
    &asked[..asked.len().min(EVENTS_BY_ID_MAX)]
}

/// The time of a rate as it is kept.
pub(crate) fn tat_stored(tat: u64) -> u64 {
    tat.min(TAT_MAX)
}

/// Texts of which most are equal to an earlier one: each is kept once.
#[derive(Default)]
pub(crate) struct SharedTexts(HashSet<Arc<str>>);

impl SharedTexts {
    pub(crate) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.0.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&shared));
        shared
    }
}

pub(crate) fn app_order(a: &AppRecord, b: &AppRecord) -> Ordering {
    (&a.name, a.id).cmp(&(&b.name, b.id))
}

pub(crate) fn function_order(a: &FunctionRecord, b: &FunctionRecord) -> Ordering {
    (&a.slug, a.id).cmp(&(&b.slug, b.id))
}

/// The one for all keys before those for one.
pub(crate) fn override_order(a: &OverrideRecord, b: &OverrideRecord) -> Ordering {
    (a.function, a.limit, &a.key).cmp(&(b.function, b.limit, &b.key))
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

/// By start, then by id.
pub(crate) fn span_order(a: &SpanRecord, b: &SpanRecord) -> Ordering {
    (a.started_ns, a.id).cmp(&(b.started_ns, b.id))
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
