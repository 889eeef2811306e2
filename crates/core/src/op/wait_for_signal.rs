//! `WaitForSignal`: the run goes on with a signal, or with null when none has come in time.

use std::sync::Arc;

use everstep_protocol::UserError;
use everstep_protocol::limits::WAIT_TIMEOUT_DEFAULT;
use everstep_protocol::op::Op;

use super::Applying;
use crate::record::{StepKind, StepTrace, WaitKind};

pub(super) fn apply(applying: &mut Applying<'_>, op: &Op) {
    applying.planned = true;
    if applying.is_known(op) {
        return;
    }
    let option = |name: &str| op.opt(name).and_then(|value| value.to_text());
    let Some(name) = option("signal").filter(|name| !name.is_empty()) else {
        let message = format!("The step {:?} names no signal to wait for.", op.title());
        return applying.fail_run(UserError::new("InvalidSignal", &message));
    };
    let Some(expires_at) = applying.expires_at(op, WAIT_TIMEOUT_DEFAULT) else {
        return;
    };
    let (waits, now) = (&applying.waits, applying.turn.now);
    let holder = waits.of_signal(&name);
    // One whose time is over holds its name no longer.
    if let Some(holder) = holder.filter(|holder| waits.is_open(*holder, now)) {
        if option("conflict").as_deref() != Some("replace") {
            return applying.fail_run(conflict());
        }
        applying.waits.lose_signal(holder);
        applying.progress.lost_signals.push(holder);
    }
    let kind = WaitKind::Signal(Arc::from(&*name));
    let trace = StepTrace {
        signal: Some(name),
        ..StepTrace::default()
    };
    applying.wait(op, StepKind::WaitForSignal, kind, expires_at, trace);
}

/// SG-2.
fn conflict() -> UserError {
    UserError::new(
        "Error",
        "Signal conflict; signal wait already exists for another run",
    )
}
