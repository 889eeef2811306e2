//! `Sleep`: the run goes on at a later time (sdk-protocol §5.7).
//!
//! A sleeping step has a job that ends the sleep. The first request wins: an answer that repeats
//! it does not restart the timer. While it sleeps, the run is not in memory.

use everstep_protocol::limits::SLEEP_MAX;
use everstep_protocol::op::Op;
use everstep_protocol::{Json, StepId, UserError};

use super::Applying;
use crate::record::{JobKind, StepKind, StepStatus, StepTrace, WaitReason};
use crate::run::Run;
use crate::turn::Turn;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.planned = true;
    if applying.is_known(op) {
        return;
    }
    let now = applying.turn.now;
    let wake_at = match op.sleep_until(now) {
        Ok(wake_at) => wake_at,
        Err(error) => {
            let message = format!("The step {:?} can't sleep: {error}.", op.title());
            return applying.fail_run(UserError::new("InvalidSleep", &message));
        }
    };
    if wake_at > now + SLEEP_MAX {
        return applying.fail_run(too_long(op.title()));
    }
    let mut step = applying
        .run
        .step_of(op, StepKind::Sleep, StepStatus::Sleeping, now);
    let trace = StepTrace {
        until: Some(wake_at),
        ..StepTrace::default()
    };
    step.trace = Some(trace.to_json());
    applying.run.put_open(applying.turn, step);
    applying.run.add_job(
        applying.turn,
        JobKind::SleepEnd(op.id.clone()),
        wake_at,
        WaitReason::Sleeping,
    );
}

impl Run {
    /// The time of a sleep has come.
    pub(crate) fn end_sleep(&mut self, turn: &mut Turn, step: &StepId) -> Result<(), UserError> {
        let Some(mut record) = self.open_step(step).cloned() else {
            return Ok(());
        };
        record.status = StepStatus::Completed;
        let mode = record.mode;
        self.memoize(turn, record, Json::null())
            .map_err(|overflow| overflow.to_error())?;
        if self.discovers_after(mode) {
            self.discover(turn);
        }
        Ok(())
    }
}

fn too_long(step: &str) -> UserError {
    let days = SLEEP_MAX.as_secs() / (24 * 60 * 60);
    UserError::new(
        "InngestErrTimeoutTooLong",
        &format!("The step {step:?} sleeps longer than {days} days, which is the limit."),
    )
}
