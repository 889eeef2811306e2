//! `StepRun`, `Step`: a step has a result.

use everstep_protocol::op::Op;

use super::Applying;
use crate::record::{StepKind, StepStatus};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.store(op, StepKind::Run, StepStatus::Completed, op.memoized_data());
}
