//! How runs end: once, as the program says, or cancelled for a reason.

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{EventRecord, RunStatus};
use everstep_protocol::Timestamp;
use everstep_store::Store;

use super::{GRACE, History, Past, data};
use crate::program::STOP;

impl History<'_> {
    pub(super) async fn check_end(&self, past: &Past) {
        self.check_status(past);
        self.check_cancellations(past);
        self.check_timeouts(past);
        let Some(ended_at) = past.record.ended_at else {
            return;
        };
        let run = past.id();
        let (jobs, waits) = (
            self.store.run_jobs(run).await,
            self.store.run_waits(run).await,
        );
        let jobs = jobs.expect("the memory store can always be read");
        let waits = waits.expect("the memory store can always be read");
        if !jobs.is_empty() || !waits.is_empty() {
            self.violation(format!("{run} has ended, and has {jobs:?}, {waits:?}"));
        }
        let last_call = self.app.audit.last_call(run);
        if last_call.is_some_and(|at| at > ended_at + GRACE) {
            self.violation(format!("{run} was called long after its end"));
        }
    }

    fn check_status(&self, past: &Past) {
        let expected = if past.program.fatal {
            RunStatus::Failed
        } else {
            RunStatus::Completed
        };
        let record = &past.record;
        let is_right = match record.status {
            RunStatus::Queued | RunStatus::Running => {
                // Only schedules may have begun something lately.
                past.program.is_scheduled() && past.queued_at() >= self.moments.healed_at
            }
            RunStatus::Completed | RunStatus::Failed => record.status == expected,
            // Whether there is a reason is for the judge of starts to say.
            RunStatus::Skipped => {
                past.steps.is_empty() && self.app.audit.last_call(past.id()).is_none()
            }
            RunStatus::Cancelled => {
                self.count("runs cancelled");
                self.has_cause_to_be_cancelled(past)
            }
        };
        if !is_right || record.status.is_final() != record.ended_at.is_some() {
            self.violation(format!(
                "{} of {} is {:?}: {:?}",
                record.id, past.program.name, record.status, record.output
            ));
        }
    }

    fn has_cause_to_be_cancelled(&self, past: &Past) -> bool {
        let Some(ended_at) = past.record.ended_at else {
            return false;
        };
        let attempts = self.app.clients.ledger.cancel_attempts(past.id());
        let by_client = attempts.iter().any(|attempt| attempt.found != Some(false));
        let by_event = self.stops(past).any(|(event, acknowledged_at)| {
            event.received_at <= ended_at && acknowledged_at >= past.queued_at()
        });
        let by_timeout = match past.record.started_at {
            None => start_deadline(past).is_some_and(|at| ended_at >= at),
            Some(_) => finish_deadline(past).is_some_and(|at| ended_at >= at),
        };
        by_client || by_event || by_timeout || self.is_replaced(past, ended_at)
    }

    /// The events that cancel the run, if they come after it.
    fn stops<'a>(&'a self, past: &'a Past) -> impl Iterator<Item = (&'a EventRecord, Timestamp)> {
        self.sent(STOP).filter(|(event, _)| {
            past.program.stoppable && past.key().is_some() && data(event, "key") == past.key()
        })
    }

    /// Who was cancelled stays so, and is not called any more.
    fn check_cancellations(&self, past: &Past) {
        let run = past.id();
        let attempts = self.app.clients.ledger.cancel_attempts(run);
        let found = attempts
            .iter()
            .filter(|attempt| attempt.found == Some(true));
        let found: Vec<Timestamp> = found.map(|attempt| attempt.ended_at).collect();
        if let Some(at) = found.first() {
            if found.len() > 1 || past.record.status != RunStatus::Cancelled {
                self.violation(format!(
                    "{run} was cancelled {} times, and is {:?}",
                    found.len(),
                    past.record.status
                ));
            }
            if self.app.audit.last_call(run).is_some_and(|call| call > *at) {
                self.violation(format!("{run} was called after it was cancelled"));
            }
        }
        for (event, acknowledged_at) in self.stops(past) {
            let is_later = event.received_at > past.queued_at();
            if is_later && past.outlived(self.settled(acknowledged_at)) {
                self.violation(format!("{run} went on after {} cancelled it", event.id));
            }
        }
    }

    fn check_timeouts(&self, past: &Past) {
        let begun_at = past.record.started_at.or(past.record.ended_at);
        if let Some(deadline) = start_deadline(past)
            && begun_at.is_none_or(|at| at > self.settled(deadline))
        {
            self.violation(format!("{} began long after its time", past.id()));
        }
        if let Some(deadline) = finish_deadline(past)
            && past.outlived(self.settled(deadline))
        {
            self.violation(format!("{} went on long after its time", past.id()));
        }
    }

    /// A run announces its end once, in the words that fit.
    pub(super) fn check_completion_events(&self) {
        let mut announced: BTreeMap<(String, &str), usize> = BTreeMap::new();
        for event in self.events.values() {
            if let Some(what) = event.name.strip_prefix("inngest/function.")
                && let Some(run) = data(event, "run_id")
            {
                *announced.entry((run, what)).or_default() += 1;
            }
        }
        for past in self.runs.values() {
            let status = past.record.status;
            let expected = [
                (
                    "finished",
                    status.is_final() && status != RunStatus::Skipped,
                ),
                ("failed", status == RunStatus::Failed),
                ("cancelled", status == RunStatus::Cancelled),
            ];
            for (what, is_expected) in expected {
                let count = announced.get(&(past.id().to_string(), what));
                let count = count.copied().unwrap_or(0);
                if count != usize::from(is_expected) {
                    self.violation(format!(
                        "{} is {status:?}, and was announced as {what} {count} times",
                        past.id()
                    ));
                }
            }
        }
    }
}

fn start_deadline(past: &Past) -> Option<Timestamp> {
    // Those of a batch have none (server-semantics BA-4).
    let seconds = past
        .program
        .start_timeout
        .filter(|_| past.record.batch.is_none())?;
    Some(past.queued_at() + Duration::from_secs(seconds))
}

fn finish_deadline(past: &Past) -> Option<Timestamp> {
    let seconds = past.program.finish_timeout?;
    Some(past.record.started_at? + Duration::from_secs(seconds))
}
