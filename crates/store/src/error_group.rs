//! Errors of runs that are the same to a person.
//!
//! A group follows from the failures that were put, each of which counts once, and from what someone
//! decided. Whether a decision still holds is not stored: it follows from the times. So nothing has
//! to happen for a group to be open again.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::record::{ErrorDecision, ErrorGroupId, FailureRecord};
use everstep_protocol::{FunctionId, RunId, StepId, Timestamp};

/// Failures that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorGroup {
    pub id: ErrorGroupId,
    pub function: FunctionId,
    /// The step that threw, if it is known.
    pub step: Option<StepId>,
    /// Its display name.
    pub step_name: Option<Arc<str>>,
    /// The error of the last run, as [`FailureRecord`] has it.
    pub name: Arc<str>,
    pub message: Arc<str>,
    /// Runs that failed with it, also those that retention has removed since.
    pub runs: u64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub last_run: RunId,
    /// What was decided, and when.
    pub decision: Option<(ErrorDecision, Timestamp)>,
}

/// Whether anybody has to look after a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStatus {
    Open,
    Resolved,
    Ignored,
}

/// Which groups to list: those seen last first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFilter {
    pub function: Option<FunctionId>,
    /// That they have at this time.
    pub status: Option<(ErrorStatus, Timestamp)>,
    /// Only groups after this one: the last one of the page before.
    pub after: Option<(Timestamp, ErrorGroupId)>,
    pub limit: usize,
}

/// Stretches of time of the same length, one after the other, in which failures are counted. They
/// are told apart by the hour: a failure is in the bucket that the beginning of its hour is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorBuckets {
    pub from: Timestamp,
    pub width: Duration,
    pub count: usize,
}

impl ErrorBuckets {
    /// When the last one ends.
    pub(crate) fn until(&self) -> Timestamp {
        self.from + self.width * u32::try_from(self.count).unwrap_or(u32::MAX)
    }
}

impl ErrorGroup {
    /// Of the first failure.
    pub(crate) fn new(failure: &FailureRecord, step_name: Option<Arc<str>>) -> Self {
        Self {
            id: failure.group,
            function: failure.function,
            step: failure.step.clone(),
            step_name,
            name: Arc::clone(&failure.name),
            message: Arc::clone(&failure.message),
            runs: 1,
            first_seen: failure.at,
            last_seen: failure.at,
            last_run: failure.run,
            decision: None,
        }
    }

    /// A further failure; the one that is put last is the last one.
    pub(crate) fn add(&mut self, failure: &FailureRecord) {
        self.name = Arc::clone(&failure.name);
        self.message = Arc::clone(&failure.message);
        self.runs += 1;
        self.first_seen = self.first_seen.min(failure.at);
        self.last_seen = self.last_seen.max(failure.at);
        self.last_run = failure.run;
    }

    pub fn status(&self, now: Timestamp) -> ErrorStatus {
        match self.decision {
            Some((ErrorDecision::Resolved, at)) if at >= self.last_seen => ErrorStatus::Resolved,
            Some((ErrorDecision::Ignored { until }, _)) if until.is_none_or(|then| now < then) => {
                ErrorStatus::Ignored
            }
            Some(_) | None => ErrorStatus::Open,
        }
    }

    /// It was resolved, and is seen again.
    pub fn is_back(&self) -> bool {
        matches!(self.decision, Some((ErrorDecision::Resolved, at)) if at < self.last_seen)
    }
}

impl ErrorFilter {
    /// Whether the group belongs to the list, on whatever page.
    pub(crate) fn matches(&self, group: &ErrorGroup) -> bool {
        self.function.is_none_or(|of| of == group.function)
            && self
                .status
                .is_none_or(|(status, now)| group.status(now) == status)
    }
}
