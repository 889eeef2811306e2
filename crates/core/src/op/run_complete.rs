//! `RunComplete`: the function returned. Results before it in the reply are stored by then.

use everstep_protocol::Json;
use everstep_protocol::op::Op;

use super::Applying;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.progress.end = Some(Ok(op.data.clone().unwrap_or_else(Json::null)));
}
