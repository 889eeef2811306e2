//! Counts of what the engine has done since it started, for metrics.
//!
//! They are kept in memory and begin at zero with each start, as counters of Prometheus may. What is
//! decided is counted when it is decided.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use everstep_core::effect::{Effect, Update};
use everstep_core::record::RunStatus;
use everstep_core::{Change, Decision};
use everstep_protocol::op::OpCode;
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::{FunctionId, RunId};

/// The upper bounds of the buckets of commit times, in microseconds: from an fsync of a fast disk on.
pub const COMMIT_BUCKETS_US: [u64; 11] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000,
];

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that came in, those of the server itself included.
    pub events: u64,
    pub functions: BTreeMap<FunctionId, FunctionCounts>,
    /// Of values that steps were memoized with.
    pub step_output_bytes: u64,
    pub commits: CommitCounts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FunctionCounts {
    pub runs_scheduled: u64,
    pub runs_started: u64,
    pub runs_completed: u64,
    pub runs_failed: u64,
    pub runs_cancelled: u64,
    pub runs_skipped: u64,
    /// Calls that were decided on.
    pub calls_scheduled: u64,
    /// Calls that were made.
    pub calls_started: u64,
    pub calls_succeeded: u64,
    /// They failed, and there are attempts left.
    pub calls_errored: u64,
    /// They failed for good.
    pub calls_failed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitCounts {
    /// That are durable.
    pub done: u64,
    pub changes: u64,
    /// Attempts that failed, and were made again.
    pub failed: u64,
    /// By [`COMMIT_BUCKETS_US`]; those that took longer are in none.
    pub took: [u64; COMMIT_BUCKETS_US.len()],
    pub took_total: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    Succeeded,
    Errored,
    Failed,
}

#[derive(Default)]
pub(crate) struct Meter(Mutex<Counts>);

impl Meter {
    pub(crate) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    pub(crate) fn decided(&self, decision: &Decision) {
        let mut counts = self.lock();
        for change in &decision.changes {
            match change {
                Change::PutEvent(_) => counts.events += 1,
                Change::PutRunEvents { run, .. } => counts.scheduled(*run, &decision.changes),
                Change::PutStep(step) => {
                    let value = step.value.as_ref().map_or(0, |value| value.len());
                    counts.step_output_bytes += value as u64;
                }
                _ => {}
            }
        }
        for effect in &decision.effects {
            match effect {
                Effect::Call(call) => counts.of(call.request.function).calls_scheduled += 1,
                Effect::Publish(update) => counts.publish(update),
                _ => {}
            }
        }
    }

    pub(crate) fn call_started(&self, function: FunctionId) {
        self.lock().of(function).calls_started += 1;
    }

    pub(crate) fn call_ended(&self, function: FunctionId, outcome: CallOutcome) {
        let mut counts = self.lock();
        let counts = counts.of(function);
        match outcome {
            CallOutcome::Succeeded => counts.calls_succeeded += 1,
            CallOutcome::Errored => counts.calls_errored += 1,
            CallOutcome::Failed => counts.calls_failed += 1,
        }
    }

    pub(crate) fn committed(&self, changes: usize, took: Duration) {
        let mut counts = self.lock();
        let commits = &mut counts.commits;
        commits.done += 1;
        commits.changes += changes as u64;
        commits.took_total += took;
        let fits = |bound: &u64| took <= Duration::from_micros(*bound);
        if let Some(bucket) = COMMIT_BUCKETS_US.iter().position(fits) {
            commits.took[bucket] += 1;
        }
    }

    pub(crate) fn commit_failed(&self) {
        self.lock().commits.failed += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Additions can't leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn of(&mut self, function: FunctionId) -> &mut FunctionCounts {
        self.functions.entry(function).or_default()
    }

    /// What triggered a run is put once, with its first row.
    fn scheduled(&mut self, id: RunId, changes: &[Change]) {
        let row = changes.iter().find_map(|change| match change {
            Change::PutRun(run) if run.id == id => Some((run.function, run.status)),
            _ => None,
        });
        match row {
            Some((function, RunStatus::Skipped)) => self.of(function).runs_skipped += 1,
            Some((function, _)) => self.of(function).runs_scheduled += 1,
            None => {}
        }
    }

    fn publish(&mut self, update: &Update) {
        match update {
            Update::RunStarted { function, .. } => self.of(*function).runs_started += 1,
            Update::RunEnded {
                function, status, ..
            } => {
                let counts = self.of(*function);
                match status {
                    RunStatus::Completed => counts.runs_completed += 1,
                    RunStatus::Failed => counts.runs_failed += 1,
                    RunStatus::Cancelled => counts.runs_cancelled += 1,
                    // Counted when it was put; the others are no end.
                    RunStatus::Skipped | RunStatus::Queued | RunStatus::Running => {}
                }
            }
            Update::EventReceived { .. }
            | Update::AttemptFailed { .. }
            | Update::AppSynced { .. }
            | Update::AppUnavailable { .. }
            | Update::AppAvailable { .. } => {}
        }
    }
}

impl CallOutcome {
    /// Of a call that was attempt number `attempt`, from zero.
    pub(crate) fn of(reply: &Reply, attempt: u32, attempts_max: u32) -> Self {
        let is_last = reply.no_retry == Some(true) || attempt + 1 >= attempts_max;
        match &reply.outcome {
            Outcome::Output(_) => Self::Succeeded,
            Outcome::Error(_) if is_last => Self::Failed,
            Outcome::Error(_) => Self::Errored,
            Outcome::Ops(ops) => {
                let has = |code| ops.iter().any(|op| op.code == code);
                if has(OpCode::StepFailed) || has(OpCode::StepError) && is_last {
                    Self::Failed
                } else if has(OpCode::StepError) {
                    Self::Errored
                } else {
                    Self::Succeeded
                }
            }
        }
    }
}
