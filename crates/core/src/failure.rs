//! What is noted of a run that failed: the group of errors that it belongs to.

use everstep_protocol::{StepId, UserError};

use crate::change::Change;
use crate::limits::FAILURE_MESSAGE_MAX;
use crate::record::{ErrorGroupId, FailureRecord};
use crate::run::Run;
use crate::turn::Turn;

/// Note that the run, of which the last row is written, failed with the error.
pub(crate) fn note(turn: &mut Turn, run: &Run, error: &UserError) {
    let function = run.record.function;
    let step = thrown_by(run, error);
    turn.change(Change::PutFailure(FailureRecord {
        run: run.record.id,
        function,
        group: ErrorGroupId::of(function, step.as_ref(), error),
        step,
        name: truncated(&error.name).into(),
        message: truncated(&error.message).into(),
        at: turn.now,
    }));
}

/// The last step that failed with this message: a function that does not catch the error of a step
/// throws it on, which is all that SDKs tell.
fn thrown_by(run: &Run, error: &UserError) -> Option<StepId> {
    let has_message = |of_step: &UserError| of_step.message == error.message;
    let step = run
        .errors_of_steps()
        .find(|(_, of_step)| has_message(of_step));
    step.map(|(step, _)| step.clone())
}

/// At the end of a character.
fn truncated(text: &str) -> &str {
    let mut end = FAILURE_MESSAGE_MAX.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
