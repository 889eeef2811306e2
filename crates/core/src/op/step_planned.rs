//! `StepPlanned`: a step is to be executed by a targeted call of its own (sdk-protocol §5.9).

use everstep_protocol::op::Op;

use super::Applying;
use crate::record::{JobKind, StepKind, StepStatus, WaitReason};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    if applying.targets(&op.id) {
        // The very step that was to be executed: planning it again leads nowhere.
        return;
    }
    applying.planned = true;
    if applying.is_known(op) {
        return;
    }
    let step = applying
        .run
        .step_of(op, StepKind::Run, StepStatus::Planned, applying.turn.now);
    applying.run.put_open(applying.turn, step);
    let now = applying.turn.now;
    applying.run.add_job(
        applying.turn,
        JobKind::Step(op.id.clone()),
        now,
        WaitReason::Queued,
    );
}
