//! `RunComplete`, `SyncRunComplete`: the function returned. Results before it in the reply are stored by then.

use everstep_protocol::Json;
use everstep_protocol::op::Op;

use super::Applying;
use crate::finish::RunEnd;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    let output = op.data.clone().unwrap_or_else(Json::null);
    applying.progress.end = Some(RunEnd::of_output(applying.run, output));
}
