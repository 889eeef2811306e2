//! Ops that are understood but not executed yet: the run fails and says which one it was.

use everstep_protocol::UserError;
use everstep_protocol::op::Op;

use super::Applying;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    let message = format!(
        "The step {:?} needs the op {}, which this version of Everstep does not execute yet.",
        op.title(),
        op.code.as_str()
    );
    applying.fail_run(UserError::new("OpNotSupported", &message));
}
