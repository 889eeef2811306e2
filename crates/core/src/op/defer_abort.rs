//! `DeferAbort`: a function is not to be started after all. One that names no defer is ignored.

use everstep_protocol::defer::abort_target;
use everstep_protocol::op::Op;

use crate::run::Run;
use crate::turn::Turn;

pub(super) fn apply(turn: &mut Turn, run: &mut Run, op: &Op) {
    if let Some(target) = abort_target(op) {
        run.defers.abort(turn, &target);
    }
}
