//! `StepNotFound`: the app does not have the step that it was to execute. It is asked again what
//! there is; that counts as an attempt (sdk-protocol §5.6).

use everstep_protocol::UserError;
use everstep_protocol::op::Op;

use super::Applying;
use crate::progress::Again;

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    let message = format!(
        "The app does not have the step {} any more that it planned earlier.",
        op.id
    );
    applying.fail_attempt(
        UserError::new("StepNotFound", &message),
        Some(op.title().to_owned()),
        Again::AsDiscovery,
    );
}
