//! What the waits of a step have in common: a step that waits, a job that ends the wait when its
//! time comes, and a row by which it is found (server-semantics §3.8–3.10).

use std::time::Duration;

use everstep_protocol::limits::{SLEEP_MAX, WAIT_TIMEOUT_DEFAULT};
use everstep_protocol::op::Op;
use everstep_protocol::time::parse_timeout;
use everstep_protocol::{JobId, Timestamp, UserError};

use super::Applying;
use crate::record::{JobKind, StepKind, StepStatus, StepTrace, WaitKind, WaitReason, WaitRecord};

impl Applying<'_> {
    /// Whether the step of this op is done, or waits already: the first request wins.
    pub(super) fn is_known(&self, op: &Op) -> bool {
        self.run.is_memoized(&op.id) || self.run.is_awaited(&op.id, self.job.id)
    }

    /// Let the step wait until `expires_at` at most. `trace` says what for.
    pub(super) fn wait(
        &mut self,
        op: &Op,
        step: StepKind,
        kind: WaitKind,
        expires_at: Timestamp,
        trace: StepTrace,
    ) -> JobId {
        let now = self.turn.now;
        let mut record = self.run.step_of(op, step, StepStatus::Waiting, now);
        let until = Some(expires_at);
        record.trace = Some(StepTrace { until, ..trace }.to_json());
        self.run.put_open(self.turn, record);
        let end = JobKind::WaitEnd(op.id.clone());
        let reason = WaitReason::Waiting;
        let id = self.run.add_job(self.turn, end, expires_at, reason);
        let wait = WaitRecord {
            id,
            step: Some(op.id.clone()),
            kind,
            created_at: now,
            expires_at,
            resolution: None,
        };
        self.waits.add(wait.live());
        self.run.put_wait(self.turn, wait);
        id
    }

    /// Until when the op wants to wait: `opts.timeout`, a year if it has none; what the text ""
    /// means differs between ops (server-semantics §3.7). Ends the run if that is no time, or too
    /// far away.
    pub(super) fn expires_at(&mut self, op: &Op, when_empty: Duration) -> Option<Timestamp> {
        let now = self.turn.now;
        let text = op.opt("timeout").and_then(|timeout| timeout.to_text());
        let expires_at = match text.as_deref() {
            None => Ok(now + WAIT_TIMEOUT_DEFAULT),
            Some("") => Ok(now + when_empty),
            Some(text) => parse_timeout(text, now),
        };
        match expires_at {
            Ok(at) if at > now + SLEEP_MAX => self.fail_run(too_long(op.title())),
            Ok(at) => return Some(at.max(now)),
            Err(error) => {
                let message = format!("The step {:?} can't wait: {error}.", op.title());
                self.fail_run(UserError::new("InvalidTimeout", &message));
            }
        }
        None
    }
}

fn too_long(step: &str) -> UserError {
    let days = SLEEP_MAX.as_secs() / (24 * 60 * 60);
    UserError::new(
        "InngestErrTimeoutTooLong",
        &format!("The step {step:?} waits longer than {days} days, which is the limit."),
    )
}
