//! What a run is scheduled by, and what comes of it.

use everstep_protocol::{BatchId, JobId, RunId, UserError};

use crate::record::SkipReason;
use crate::rerun::RerunPlan;

/// What a run is scheduled by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// A trigger that an event fulfils.
    Event,
    /// A tick of a schedule.
    Tick,
    /// A client that invokes the function.
    Client,
    /// A run that invokes the function, and its wait for the answer.
    Invocation(JobId),
    /// An event that was held back long enough.
    Debounce { invoked_by: Option<JobId> },
    /// Events that were collected.
    Batch { id: BatchId, invoked_by: Vec<JobId> },
    /// Someone wants a run once more, for the same events (RR-1).
    Rerun {
        /// Of the new run, if that was chosen.
        id: Option<RunId>,
        /// That the run was started for.
        batch: Option<BatchId>,
        plan: Box<RerunPlan>,
    },
}

impl Cause {
    /// The wait that the event of this cause is to answer.
    pub(crate) fn invoked_by(&self) -> Option<JobId> {
        match self {
            Self::Invocation(wait) => Some(*wait),
            Self::Debounce { invoked_by } => *invoked_by,
            Self::Event | Self::Tick | Self::Client | Self::Batch { .. } | Self::Rerun { .. } => {
                None
            }
        }
    }

    pub(crate) fn all_invoked_by(&self) -> Vec<JobId> {
        match self {
            Self::Batch { invoked_by, .. } => invoked_by.clone(),
            _ => self.invoked_by().into_iter().collect(),
        }
    }

    pub(super) fn batch(&self) -> Option<BatchId> {
        match self {
            Self::Batch { id, .. } => Some(*id),
            Self::Rerun { batch, .. } => *batch,
            Self::Event
            | Self::Tick
            | Self::Client
            | Self::Invocation(_)
            | Self::Debounce { .. } => None,
        }
    }
}

/// What came of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    Run(RunId),
    /// The event is held back, and a run starts later.
    Held,
}

/// No run starts, and none will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStarted(pub(crate) SkipReason);

impl NotStarted {
    /// What someone is told who wants a run once more.
    pub(crate) fn why_not_rerun(self) -> &'static str {
        match self.0 {
            SkipReason::Paused => "the function is paused, and skips new runs: resume it first",
            SkipReason::Singleton => {
                "another run of the function is active, and it runs one at a time: wait for its end, or cancel it"
            }
            _ => "the function does not start a run now",
        }
    }

    /// What a run that invoked the function is told (§3.3, stage 3).
    pub(crate) fn to_error(self) -> UserError {
        let message = match self.0 {
            // Idempotency is a rate of one a day (§10, 3).
            SkipReason::RateLimited | SkipReason::IdempotencyDuplicate => {
                "invoked function is rate limited"
            }
            SkipReason::Singleton => "invoked function was skipped: another run of it is active",
            SkipReason::Paused => "invoked function is paused",
            SkipReason::EventDuplicate => {
                "invoked function was not started: it has run for the same event id"
            }
            SkipReason::ExpressionFalse
            | SkipReason::ExpressionError
            | SkipReason::TicksGivenUp
            | SkipReason::Debounced
            | SkipReason::DebounceOutdated
            | SkipReason::Batched => "invoked function was not started",
        };
        UserError::new("Error", message)
    }
}
