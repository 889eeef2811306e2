//! `DeferAdd`: another function is to be started when the run ends.

use everstep_protocol::defer::DeferRequest;
use everstep_protocol::op::Op;

use crate::run::Run;
use crate::turn::Turn;

pub(super) fn apply(turn: &mut Turn, run: &mut Run, op: &Op) {
    run.defers.add(turn, run.record.id, DeferRequest::read(op));
}
