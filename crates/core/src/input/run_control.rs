//! Someone takes a live run further: it is cancelled, or does not wait any longer.

use everstep_protocol::event::EventInput;
use everstep_protocol::{Json, RunId, StepId, UserError};

use super::ControlRefusal;
use super::signal::signal_value;
use crate::finish::RunEnd;
use crate::record::{JobKind, JobRecord, Resolution, StepRecord, StepStatus, WaitKind, WaitReason};
use crate::run::Run;
use crate::shard::{News, Shard};
use crate::turn::Turn;

/// What someone does to a run that goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum RunControl {
    /// End it (server-semantics §3.11).
    Cancel,
    /// The step has slept enough.
    SkipSleep(StepId),
    /// The step has waited enough: nothing came.
    TimeOut(StepId),
    /// This is what the step waits for: the data of an event or a signal, or what the invoked run
    /// returned.
    Answer(StepId, Json),
    /// The step is tried again now; of `None`, whatever of the run failed and is to be tried again.
    Retry(Option<StepId>),
}

impl RunControl {
    /// What the audit log calls it.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::Cancel => "run.cancel",
            Self::SkipSleep(_) => "step.skip_sleep",
            Self::TimeOut(_) => "step.time_out",
            Self::Answer(..) => "step.answer",
            Self::Retry(_) => "step.retry",
        }
    }

    pub(super) fn step(&self) -> Option<&StepId> {
        match self {
            Self::Cancel => None,
            Self::SkipSleep(step) | Self::TimeOut(step) | Self::Answer(step, _) => Some(step),
            Self::Retry(step) => step.as_ref(),
        }
    }
}

impl Shard {
    /// The run is in memory, if it is live.
    pub(super) fn control_run(
        &mut self,
        turn: &mut Turn,
        id: RunId,
        control: RunControl,
    ) -> Result<(), ControlRefusal> {
        let mut run = self.runs.remove(&id).ok_or(ControlRefusal::RunEnded(id))?;
        let moved_on = match control {
            RunControl::Cancel => {
                self.finish(turn, run, RunEnd::Cancelled);
                return Ok(());
            }
            RunControl::SkipSleep(step) => match run.is_asleep(&step) {
                true => Ok(run.end_sleep(turn, &step)),
                false => Err(ControlRefusal::NotAsleep(step)),
            },
            RunControl::TimeOut(step) => match run.unresolved_wait(&step) {
                Some(wait) => {
                    let job = wait.id;
                    Ok(self.end_wait(turn, &mut run, job, &step))
                }
                None => Err(ControlRefusal::NotWaiting(step)),
            },
            RunControl::Answer(step, payload) => self.answer(turn, &mut run, step, payload),
            RunControl::Retry(step) => match run.retry_now(turn, step.as_ref()) {
                true => Ok(Ok(())),
                false => Err(ControlRefusal::NotRetrying(id)),
            },
        };
        match moved_on {
            // Its state may have no room for what the step came to.
            Ok(outcome) => {
                self.keep_or_fail(turn, run, outcome);
                Ok(())
            }
            Err(refusal) => {
                turn.touch(id);
                self.runs.insert(id, run);
                Err(refusal)
            }
        }
    }

    fn answer(
        &mut self,
        turn: &mut Turn,
        run: &mut Run,
        step: StepId,
        payload: Json,
    ) -> Result<Result<(), UserError>, ControlRefusal> {
        let Some(wait) = run.unresolved_wait(&step) else {
            return Err(ControlRefusal::NotWaiting(step));
        };
        let (job, kind) = (wait.id, wait.kind.clone());
        let value = match kind {
            // It is the step's value, and no event that was received.
            WaitKind::Event { name, .. } => turn.event(EventInput::new(&name, payload)).payload,
            WaitKind::Signal(name) => signal_value(&name, payload),
            WaitKind::Invocation => Json::object([("data", payload)]),
            WaitKind::SignalLost | WaitKind::Cancellation { .. } => {
                return Err(ControlRefusal::NotWaiting(step));
            }
        };
        if let Err(overflow) = run.has_room(value.len()) {
            return Err(ControlRefusal::NoRoom(overflow.to_error().message));
        }
        run.hear(News::Resolved(job, Resolution::Value(value)));
        Ok(self.end_wait(turn, run, job, &step))
    }
}

impl Run {
    fn is_asleep(&self, step: &StepId) -> bool {
        let ends = JobKind::SleepEnd(step.clone());
        self.jobs().any(|job| job.kind == ends)
    }

    /// Let what failed be tried again now: a step, or all of it. False if there is nothing of it.
    fn retry_now(&mut self, turn: &mut Turn, step: Option<&StepId>) -> bool {
        let failed = |job: &&JobRecord| {
            job.reason == WaitReason::Backoff && job.due_at > turn.now && !self.is_called(job.id)
        };
        let is_of = |job: &&JobRecord| match step {
            None => true,
            Some(step) if job.kind == JobKind::Discovery => self.fails_in_discovery(step),
            Some(step) => job.kind.step() == Some(step),
        };
        let jobs: Vec<JobRecord> = self.jobs().filter(failed).filter(is_of).cloned().collect();
        for job in &jobs {
            self.hasten_job(turn, job);
        }
        !jobs.is_empty()
    }

    /// A step that was never planned has no job of its own: the discovery executes it.
    fn fails_in_discovery(&self, step: &StepId) -> bool {
        let is_retrying = |step: &StepRecord| step.status == StepStatus::Retrying;
        self.open_step(step).is_some_and(is_retrying)
            && !self.jobs().any(|job| job.kind.step() == Some(step))
    }
}
