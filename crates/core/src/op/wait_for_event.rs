//! `WaitForEvent`: the run goes on with an event, or with null when none has come in time.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::UserError;
use everstep_protocol::op::Op;

use super::Applying;
use crate::expression::{Bound, EventView};
use crate::record::{StepKind, StepTrace, WaitKind};

/// A bound condition that no event fulfils.
const NEVER: &str = "false";

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.planned = true;
    if applying.is_known(op) {
        return;
    }
    let name = op.opt("event").and_then(|event| event.to_text());
    let name: Arc<str> = Arc::from(name.unwrap_or_else(|| op.name.clone()));
    let Some(expires_at) = applying.expires_at(op, Duration::ZERO) else {
        return;
    };
    let text = op.opt("if").and_then(|condition| condition.to_text());
    let condition = match &text {
        None => None,
        Some(text) => match bind(applying, text) {
            Ok(condition) => condition,
            Err(problem) => {
                let message = format!("The step {:?} can't wait: {problem}", op.title());
                return applying.fail_run(UserError::new("InvalidExpression", &message));
            }
        },
    };
    let trace = StepTrace {
        event: Some(name.to_string()),
        condition: text,
        ..StepTrace::default()
    };
    let kind = WaitKind::Event { name, condition };
    applying.wait(op, StepKind::WaitForEvent, kind, expires_at, trace);
}

/// Put the run's event into the condition (EX-10).
fn bind(applying: &mut Applying<'_>, text: &str) -> Result<Option<Arc<str>>, String> {
    let condition = applying
        .waits
        .expressions
        .compile(text)
        .map_err(|error| error.to_string())?;
    let Some(event) = applying.run.events.first() else {
        return Ok(Some(Arc::from(NEVER)));
    };
    let event = EventView::new(event.payload.clone());
    match condition.bind(&event).map_err(|error| error.to_string())? {
        Bound::Never => Ok(Some(Arc::from(NEVER))),
        Bound::Always => Ok(None),
        Bound::When(condition) => Ok(Some(Arc::from(condition.text()))),
    }
}
