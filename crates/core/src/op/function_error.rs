//! `StepError` and `StepFailed` under the id of the end of the function: the function itself failed
//! (DE-2). SDKs report it so when defers have to come along.

use everstep_protocol::UserError;
use everstep_protocol::op::{Op, OpCode};

use super::Applying;
use crate::progress::Again;

/// Tried again as the headers of the reply say, unless the op says that it is final.
pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    let error = op.error.clone();
    let error = error.unwrap_or_else(|| UserError::new("Error", "Unknown error"));
    if op.code == OpCode::StepFailed {
        applying.fail_run(error);
    } else {
        applying.fail_attempt(error, None, Again::AfterDelay);
    }
}
