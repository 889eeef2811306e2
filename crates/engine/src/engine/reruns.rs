//! Runs are run once more (server-semantics §3.14).
//!
//! What a rerun begins with is read here and handed to the shard: the events of a run and the steps
//! that it has memoized never change.

use std::sync::Arc;

use everstep_core::input::{Control, ControlRefusal, Rerun};
use everstep_core::record::{EventRecord, RunRecord, RunStatus, StepRecord};
use everstep_core::rerun::{RerunFrom, RerunPlan, StepNotFound};
use everstep_protocol::{OperationId, RunId};
use everstep_store::ReadError;

use super::{ControlError, Engine, EngineError};

/// Why there is no rerun.
#[derive(Debug, thiserror::Error)]
pub enum RerunError {
    #[error("there is no run {0}")]
    RunUnknown(RunId),
    #[error(transparent)]
    StepNotFound(#[from] StepNotFound),
    #[error("run {0} has not ended: cancel it, or wait for its end")]
    NotEnded(RunId),
    #[error("run {0} has not failed and was not cancelled: there is nothing to resume; rerun it")]
    NothingFailed(RunId),
    #[error(transparent)]
    Refused(ControlRefusal),
    #[error(transparent)]
    Engine(EngineError),
    #[error("the run can't be read")]
    Read(#[from] ReadError),
}

impl From<ControlError> for RerunError {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Refused(refusal) => Self::Refused(refusal),
            ControlError::Engine(error) => Self::Engine(error),
        }
    }
}

/// Who asks for something, and why, as they say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    pub actor: Option<Arc<str>>,
    pub reason: Option<Arc<str>>,
}

/// All that a rerun needs to know of a run.
#[derive(Clone)]
pub(super) struct Source {
    run: RunRecord,
    original: RunId,
    events: Vec<EventRecord>,
    steps: Vec<StepRecord>,
}

impl Engine {
    /// What a rerun would keep of a run, and what it would do again. Nothing is done.
    pub async fn rerun_plan(&self, run: RunId, from: &RerunFrom) -> Result<RerunPlan, RerunError> {
        let source = self.rerun_source(run).await?;
        let source = source.ok_or(RerunError::RunUnknown(run))?;
        source.plan(from)
    }

    /// Run a run once more. The new run, which is durable when this returns, and in the audit log.
    pub async fn rerun(&self, run: RunId, from: RerunFrom, by: Asker) -> Result<RunId, RerunError> {
        let source = self.rerun_source(run).await?;
        let source = source.ok_or(RerunError::RunUnknown(run))?;
        let rerun = source.rerun(from, None, by.reason)?;
        self.control_rerun(by.actor, rerun).await
    }

    /// The same as part of a bulk operation: a repetition finds the run that there is.
    pub(super) async fn rerun_in(
        &self,
        operation: OperationId,
        source: Source,
        from: RerunFrom,
    ) -> Result<RunId, RerunError> {
        let rerun = source.rerun(from, Some(operation), None)?;
        self.control_rerun(None, rerun).await
    }

    async fn control_rerun(
        &self,
        actor: Option<Arc<str>>,
        rerun: Rerun,
    ) -> Result<RunId, RerunError> {
        let control = Control::Rerun(Box::new(rerun));
        let started = self.control(actor, control).await?;
        Ok(started.expect("a rerun that is not refused has a run"))
    }

    /// `None` if there is no such run.
    pub(super) async fn rerun_source(&self, run: RunId) -> Result<Option<Source>, ReadError> {
        let store = self.store();
        let Some(record) = store.run_view(run).await? else {
            return Ok(None);
        };
        let rerun = store.run_rerun(run).await?;
        Ok(Some(Source {
            run: record,
            original: rerun.map_or(run, |rerun| rerun.original),
            events: store.run_events(run).await?,
            steps: store.run_steps(run).await?,
        }))
    }
}

impl Source {
    fn plan(&self, from: &RerunFrom) -> Result<RerunPlan, RerunError> {
        let run = self.run.id;
        if *from == RerunFrom::Failure {
            match self.run.status {
                RunStatus::Failed | RunStatus::Cancelled => {}
                RunStatus::Queued | RunStatus::Running => return Err(RerunError::NotEnded(run)),
                RunStatus::Completed | RunStatus::Skipped => {
                    return Err(RerunError::NothingFailed(run));
                }
            }
        }
        Ok(RerunPlan::new(self.steps.clone(), from)?)
    }

    fn rerun(
        self,
        from: RerunFrom,
        operation: Option<OperationId>,
        reason: Option<Arc<str>>,
    ) -> Result<Rerun, RerunError> {
        let plan = self.plan(&from)?;
        Ok(Rerun {
            id: operation.map(|operation| operation.rerun_of(self.run.id)),
            source: self.run,
            original: self.original,
            events: self.events,
            from,
            plan,
            operation,
            reason,
        })
    }
}
