//! `InvokeFunction`: another function runs, and the run goes on with its result.

use everstep_protocol::limits::WAIT_TIMEOUT_DEFAULT;
use everstep_protocol::op::Op;
use everstep_protocol::{Json, UserError};

use super::Applying;
use crate::invoke::Invocation;
use crate::record::{StepKind, StepTrace, WaitKind};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.planned = true;
    if applying.is_known(op) {
        return;
    }
    let Some(function) = op.opt("function_id").and_then(|id| id.to_text()) else {
        let message = format!("The step {:?} names no function to invoke.", op.title());
        return applying.fail_run(UserError::new("InvalidInvocation", &message));
    };
    let Some(expires_at) = applying.expires_at(op, WAIT_TIMEOUT_DEFAULT) else {
        return;
    };
    let event = applying.turn.entropy.event_id(applying.turn.now);
    let trace = StepTrace {
        function: Some(function.clone()),
        sent_event: Some(event),
        ..StepTrace::default()
    };
    let kind = WaitKind::Invocation;
    let wait = applying.wait(op, StepKind::Invoke, kind, expires_at, trace);
    applying.progress.invocations.push(Invocation {
        wait,
        event,
        step: op.id.clone(),
        name: op.title().to_owned(),
        function,
        payload: op.opt("payload").unwrap_or_else(Json::null),
        expires_at,
    });
}
