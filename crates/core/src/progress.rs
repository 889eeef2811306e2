//! What the answer to a call means for its job and its run.

use everstep_protocol::{JobId, StepId, UserError};

use crate::finish::RunEnd;
use crate::invoke::Invocation;
use crate::record::{AttemptOutcome, JobRecord};
use crate::run::Run;

/// What the answer to a call means for its job and its run.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The run ends.
    pub(crate) end: Option<RunEnd>,
    /// The attempt failed: the job is tried again, or was tried for the last time.
    pub(crate) failure: Option<Failure>,
    /// Something new is memoized that calls for a discovery.
    pub(crate) discover: bool,
    /// A step failed for good; the run goes on.
    pub(crate) step_error: Option<UserError>,
    /// The first step that the answer has a result or an error of.
    pub(crate) executed: Option<StepId>,
    /// Functions that steps invoked.
    pub(crate) invocations: Vec<Invocation>,
    /// Waits whose signal goes to a wait of this run.
    pub(crate) lost_signals: Vec<JobId>,
}

impl Progress {
    pub(crate) fn end(end: RunEnd) -> Self {
        Self {
            end: Some(end),
            ..Self::default()
        }
    }

    /// The function itself failed.
    pub(crate) fn failed(error: UserError) -> Self {
        let failure = Failure {
            error,
            step: None,
            again: Again::AfterDelay,
        };
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }

    /// How the attempt ended, when neither the run nor the job goes down with it.
    pub(crate) fn outcome(&self) -> AttemptOutcome {
        if self.step_error.is_some() {
            AttemptOutcome::Failed
        } else {
            AttemptOutcome::Succeeded
        }
    }
}

/// When a failed job is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// As the answer asks, else after the back-off.
    AfterDelay,
    AtOnce,
    /// Like `AfterDelay`, but without its target, which the app does not have any more.
    AsDiscovery,
}

/// An attempt that failed: there will be another, unless it was the last one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: UserError,
    /// Display name of the step that failed.
    pub(crate) step: Option<String>,
    pub(crate) again: Again,
}

/// Whether a failure of this attempt is final (sdk-protocol §5.3).
pub(crate) fn is_last(job: &JobRecord, run: &Run, no_retry: Option<bool>) -> bool {
    no_retry == Some(true) || job.attempt + 1 >= run.record.max_attempts
}
