//! `StepFailed`: a step failed for good, whatever the headers of the reply say.

use everstep_protocol::op::Op;

use super::Applying;
use crate::record::{StepKind, StepStatus};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.progress.step_error = op.error.clone();
    applying.store(op, StepKind::Run, StepStatus::Failed, op.memoized_error());
}
