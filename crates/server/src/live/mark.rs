//! What commits touch: which rows, not what is in them.
//!
//! **Invariant:** marks are bounded. Of a kind that is touched too often, it is only known that
//! something was missed.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{ErrorGroupId, StepRecord, StepStatus};
use everstep_protocol::{
    AppId, AuditId, EventId, FunctionId, JobId, OperationId, RunId, StepId, Timestamp,
};

/// Marks of one kind that are kept at a time.
const MARKS_MAX: usize = 10_000;

/// What commits have touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Marks {
    /// Runs whose row was.
    pub(super) runs: Kind<RunId>,
    /// Runs of which anything was.
    pub(super) details: Kind<RunId>,
    pub(super) steps: Kind<(RunId, StepId), StepMark>,
    pub(super) events: Kind<EventId>,
    pub(super) apps: Kind<AppId>,
    pub(super) functions: Kind<FunctionId>,
    pub(super) operations: Kind<OperationId>,
    pub(super) errors: Kind<ErrorGroupId>,
    pub(super) audit: Kind<AuditId>,
    pub(super) flow: bool,
}

/// Marks of one kind. If there were too many, none is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kind<K, V = ()> {
    marks: BTreeMap<K, V>,
    is_missed: bool,
}

/// What the feed says of a step. It is taken off the change: the store would read the step's value
/// with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StepMark {
    pub(crate) name: Arc<str>,
    pub(crate) status: StepStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
}

impl Marks {
    /// Everything is written out: a change that is new has to be thought of here.
    pub(super) fn note(&mut self, change: &Change) {
        match change {
            Change::PutApp(app) => self.apps.put(app.id, ()),
            Change::PutFunction(function) => self.functions.put(function.id, ()),
            Change::PutEvent(event) => self.events.put(event.id, ()),
            Change::PutRun(run) => {
                self.runs.put(run.id, ());
                self.details.put(run.id, ());
                self.flow = true;
            }
            Change::PutRunEvents { run, events } => {
                self.runs.put(*run, ());
                self.details.put(*run, ());
                events.iter().for_each(|event| self.events.put(*event, ()));
            }
            Change::PutStep(step) => {
                self.details.put(step.run, ());
                let key = (step.run, step.id.clone());
                self.steps.put(key, StepMark::of(step));
            }
            Change::PutJob(job) => self.job(job.id.run),
            Change::DeleteJob(JobId { run, .. }) | Change::DeleteJobs(run) => self.job(*run),
            Change::PutAttempt(attempt) => self.details.put(attempt.job.run, ()),
            Change::PutSkip(skip) => self.events.put(skip.event, ()),
            Change::PutSpan(span) => self.details.put(span.run, ()),
            Change::PutRerun(rerun) => self.details.put(rerun.run, ()),
            Change::PutDefer(defer) => self.details.put(defer.run, ()),
            Change::PutMetadata(metadata) => self.details.put(metadata.run, ()),
            Change::PutWait(wait) => self.details.put(wait.id.run, ()),
            Change::ResolveWait {
                wait: JobId { run, .. },
                ..
            }
            | Change::LoseSignal(JobId { run, .. })
            | Change::DeleteWait(JobId { run, .. })
            | Change::DeleteWaits(run) => self.details.put(*run, ()),
            Change::PutOperation(operation) => self.operations.put(operation.id, ()),
            Change::PutPause(pause) => self.paused(pause.function),
            Change::DeletePause(function) => self.paused(*function),
            Change::PutHold(_)
            | Change::DeleteHold { .. }
            | Change::DeleteHolds(_)
            | Change::PutRate(_)
            | Change::PutDebounce(_)
            | Change::DeleteDebounce(_)
            | Change::PutBatch(_)
            | Change::PutBatchEvent(_)
            | Change::DeleteBatch(_)
            | Change::PutOverride(_)
            | Change::DeleteOverride { .. } => self.flow = true,
            Change::PutFailure(failure) => {
                self.details.put(failure.run, ());
                self.errors.put(failure.group, ());
            }
            Change::PutErrorDecision(decision) => self.errors.put(decision.group, ()),
            Change::PutAudit(entry) => self.audit.put(entry.id, ()),
            Change::PutRunAttributes { run, .. } => self.details.put(*run, ()),
            // Nobody looks at them as they change.
            Change::PutTick(_)
            | Change::DeleteTick { .. }
            | Change::PutIdempotency(_)
            | Change::ExpireIdempotency(_)
            | Change::ExpireRates(_)
            | Change::PutCancellation(_)
            | Change::DeleteCancellation(_)
            | Change::PutAttribute(_)
            | Change::DeleteAttribute(_) => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn len(&self) -> usize {
        self.runs.marks.len()
            + self.details.marks.len()
            + self.steps.marks.len()
            + self.events.marks.len()
            + self.apps.marks.len()
            + self.functions.marks.len()
            + self.operations.marks.len()
            + self.errors.marks.len()
            + self.audit.marks.len()
    }

    fn job(&mut self, run: RunId) {
        self.details.put(run, ());
        self.flow = true;
    }

    fn paused(&mut self, function: FunctionId) {
        self.functions.put(function, ());
        self.flow = true;
    }
}

impl<K: Ord, V> Kind<K, V> {
    fn put(&mut self, key: K, value: V) {
        if self.is_missed {
            return;
        }
        self.marks.insert(key, value);
        if self.marks.len() > MARKS_MAX {
            self.is_missed = true;
            self.marks.clear();
        }
    }

    /// The marks, in order; `None` if there were too many.
    pub(super) fn all(&self) -> Option<&BTreeMap<K, V>> {
        (!self.is_missed).then_some(&self.marks)
    }
}

impl<K, V> Default for Kind<K, V> {
    fn default() -> Self {
        Self {
            marks: BTreeMap::new(),
            is_missed: false,
        }
    }
}

impl StepMark {
    fn of(step: &StepRecord) -> Self {
        Self {
            name: Arc::clone(&step.name),
            status: step.status,
            created_at: step.created_at,
            started_at: step.started_at,
            ended_at: step.ended_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_marks_of_a_kind_are_one_that_says_so() {
        let mut marks = Marks::default();
        let run = |number| RunId::from_parts(Timestamp::from_millis(1), number);
        for number in 0..MARKS_MAX as u128 {
            marks.note(&Change::DeleteWaits(run(number)));
        }
        assert_eq!(marks.details.all().unwrap().len(), MARKS_MAX);
        // One that is known already is not one more.
        marks.note(&Change::DeleteWaits(run(0)));
        assert!(marks.details.all().is_some());
        marks.note(&Change::DeleteWaits(run(u128::from(u32::MAX))));
        marks.note(&Change::DeleteWaits(run(0)));
        assert_eq!(marks.details.all(), None);
        assert_eq!(marks.len(), 0);
        assert!(!marks.is_empty());
        assert!(marks.runs.all().unwrap().is_empty());
    }
}
