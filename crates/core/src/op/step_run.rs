//! `StepRun`, `Step`: a step has a result.

use everstep_protocol::op::Op;

use super::Applying;
use crate::record::StepStatus;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.store(op, StepStatus::Completed, op.memoized_data());
}
