//! `StepError`: an attempt of a step failed. Unless it was the last one, the same job is tried
//! again; then the error is stored, for user code to catch (sdk-protocol §5.8, RT-6).

use everstep_protocol::UserError;
use everstep_protocol::op::Op;

use super::{Applying, step_failed};
use crate::progress::Again;
use crate::record::{StepKind, StepStatus};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    if applying.run.is_memoized(&op.id) {
        return;
    }
    if applying.is_last_attempt() {
        return step_failed::apply(applying, op);
    }
    applying.note_executed(op);
    let step = applying
        .run
        .step_of(op, StepKind::Run, StepStatus::Retrying, applying.turn.now);
    applying.run.put_open(applying.turn, step);
    let error = op
        .error
        .clone()
        .unwrap_or_else(|| UserError::new("Error", "Unknown error"));
    applying.fail_attempt(error, Some(op.title().to_owned()), Again::AfterDelay);
}
