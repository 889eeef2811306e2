//! `Gateway` and `AIGateway`: the server makes a request for the step.

use everstep_protocol::gateway::{AiRequest, GatewayRequest};
use everstep_protocol::op::Op;

use super::Applying;
use crate::record::{StepKind, StepStatus};
use crate::request::StepRequest;

pub(super) fn fetch(applying: &mut Applying<'_>, op: &Op) {
    let request = op
        .gateway_request()
        .map(StepRequest::Fetch)
        .map_err(|error| GatewayRequest::error(&error.to_string()).memoized());
    plan(applying, op, StepKind::Fetch, request);
}

pub(super) fn infer(applying: &mut Applying<'_>, op: &Op) {
    let request = op
        .ai_request()
        .map(StepRequest::Infer)
        .map_err(|error| AiRequest::error(&error.to_string()).memoized());
    plan(applying, op, StepKind::Infer, request);
}

/// A request that can't be made fails its step for good: it would be the same in the next attempt.
fn plan(
    applying: &mut Applying<'_>,
    op: &Op,
    kind: StepKind,
    request: Result<StepRequest, everstep_protocol::Json>,
) {
    if applying.is_known(op) {
        applying.planned = true;
        return;
    }
    match request {
        Ok(request) => {
            applying.planned = true;
            let now = applying.turn.now;
            let mut step = applying.run.step_of(op, kind, StepStatus::Planned, now);
            step.trace = Some(request.trace().to_json());
            applying.run.put_open(applying.turn, step);
            let (turn, job) = (&mut *applying.turn, applying.job);
            applying.run.add_request(turn, &op.id, job, request);
        }
        Err(value) => applying.store(op, kind, StepStatus::Failed, value),
    }
}
