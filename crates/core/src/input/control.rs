//! People steer: functions are paused, limits set beside the code, and what is held back or stuck is
//! let go. Each of these is recorded in the audit log, in the commit in which it takes place.

use std::sync::Arc;

use everstep_protocol::{
    AuditId, BatchId, CancellationId, FunctionId, Json, OperationId, RunId, StepId,
};

use super::rerun::Rerun;
use super::run_control::RunControl;
use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::expression::Expression;
use crate::flow::limit::pause_limit;
use crate::limits::OVERRIDES_MAX;
use crate::record::{
    AuditRecord, CancellationRecord, ErrorDecision, ErrorDecisionRecord, ErrorGroupId, LimitId,
    LimitName, OperationRecord, OverrideRecord, PauseRecord,
};
use crate::shard::{Parked, Shard};
use crate::start::NotStarted;
use crate::turn::Turn;

/// What someone asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// Pause a function, or change how it is paused.
    Pause(PauseRecord),
    Resume(FunctionId),
    /// Set a limit beside the code, or change what was set.
    PutOverride(OverrideRecord),
    DeleteOverride {
        function: FunctionId,
        limit: LimitName,
        key: Option<Arc<str>>,
    },
    /// Fire a debounce now.
    FireDebounce(LimitId),
    /// Fire a batch now, full or not.
    FlushBatch(BatchId),
    /// Take a place or a singleton from a run that has it, without ending the run.
    ReleaseHold {
        limit: LimitId,
        run: RunId,
    },
    /// End a live run, or do not let it wait any longer.
    Run {
        run: RunId,
        control: RunControl,
        reason: Option<Arc<str>>,
    },
    /// Cancel the runs of a function that started in a range of time.
    PutCancellation(Box<CancellationRecord>),
    /// Stop a bulk cancellation, or forget it.
    DeleteCancellation {
        id: CancellationId,
        /// Whose runs it cancels.
        function: FunctionId,
    },
    /// Run a run once more.
    Rerun(Box<Rerun>),
    /// Do something to many runs.
    PutOperation(Box<OperationRecord>),
    AbortOperation {
        id: OperationId,
        reason: Option<Arc<str>>,
    },
    /// Let a bulk operation go on that has been aborted, or has stopped.
    ResumeOperation {
        /// As it was stored.
        stored: Box<OperationRecord>,
        reason: Option<Arc<str>>,
    },
    /// Say what is to become of errors of a function that are alike.
    DecideError {
        function: FunctionId,
        group: ErrorGroupId,
        decision: ErrorDecision,
    },
    /// Declare an attribute, or change what it is.
    PutAttribute {
        name: Arc<str>,
        /// As [`attributes::compile`](crate::attributes::compile) makes it.
        expression: Expression,
    },
    DeleteAttribute(Arc<str>),
    /// Remove an app, by its name: nothing triggers its functions until it syncs again.
    ArchiveApp {
        name: Arc<str>,
        reason: Option<Arc<str>>,
    },
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlRefusal {
    #[error("there is no function {0}, or its app does not have it any more")]
    FunctionUnknown(FunctionId),
    #[error("the function is not paused")]
    NotPaused,
    #[error("the function has no such limit in its code: there is nothing to override")]
    LimitUnknown,
    #[error("the limit has no key: it can't be overridden for one value of it")]
    LimitUnkeyed,
    #[error("there are {most} overrides, the most that there can be: delete one")]
    TooManyOverrides { most: usize },
    #[error("there is no such override; it may have expired")]
    OverrideUnknown,
    #[error("there is no such debounce; it may have fired")]
    DebounceUnknown,
    #[error("there is no such batch; it may have fired")]
    BatchUnknown,
    #[error("run {0} does not hold that")]
    NotHeld(RunId),
    #[error("there is no run {0}")]
    RunUnknown(RunId),
    #[error("run {0} has ended")]
    RunEnded(RunId),
    #[error("the events of run {0} are not stored any more: there is nothing to run again")]
    EventsGone(RunId),
    #[error("{}", .0.why_not_rerun())]
    NotStarted(NotStarted),
    #[error("step {0} does not sleep")]
    NotAsleep(StepId),
    #[error("step {0} does not wait for anything, or what it waits for has come")]
    NotWaiting(StepId),
    #[error("run {0} has nothing that failed and waits to be tried again, or not of this step")]
    NotRetrying(RunId),
    #[error("the state of the run has no room for it: {0}")]
    NoRoom(String),
    #[error(
        "{most} cancellations are under way, which is the limit; try again when one has ended, or delete one"
    )]
    TooManyCancellations { most: usize },
    #[error(
        "{most} bulk operations are under way, the most that there can be: let one end, or abort it"
    )]
    TooManyOperations { most: usize },
    #[error("bulk operation {0} is not under way")]
    OperationEnded(OperationId),
    #[error(
        "bulk operation {0} is {1}, and can't be resumed: only one that was aborted, or has stopped"
    )]
    OperationNotResumable(OperationId, &'static str),
    #[error("{most} attributes are declared, the most that there can be: delete one")]
    TooManyAttributes { most: usize },
    #[error("there is no attribute {0}")]
    AttributeUnknown(Arc<str>),
    #[error("there is no app {0}, or it has been removed")]
    AppUnknown(Arc<str>),
}

/// A control that was asked for, and is not done yet.
pub(crate) struct Asked {
    /// Of its entry in the audit log.
    id: AuditId,
    actor: Option<Arc<str>>,
    reply_to: ReplyTo,
}

impl Shard {
    pub(crate) fn control(
        &mut self,
        turn: &mut Turn,
        control: Control,
        id: AuditId,
        actor: Option<Arc<str>>,
        reply_to: ReplyTo,
    ) {
        let asked = Asked {
            id,
            actor,
            reply_to,
        };
        let run = match &control {
            Control::Run { run, .. } => Some(*run),
            Control::Rerun(rerun) => rerun.id,
            _ => None,
        };
        if let Some(run) = run.filter(|run| !self.runs.contains_key(run)) {
            let parked = self.loading.entry(run).or_insert_with(|| {
                turn.load_run(run);
                Parked::default()
            });
            return parked.controls.push((control, asked));
        }
        self.carry_out_and_answer(turn, control, asked);
    }

    /// The run that controls wait for is in memory now, if it is live.
    pub(super) fn control_loaded(
        &mut self,
        turn: &mut Turn,
        id: RunId,
        is_new: bool,
        controls: Vec<(Control, Asked)>,
    ) {
        for (control, asked) in controls {
            match control {
                Control::Run { .. } if is_new => {
                    let done = Err(ControlRefusal::RunUnknown(id));
                    answer(turn, asked.reply_to, None, done);
                }
                // It was started before, and has ended since.
                Control::Rerun(_) if !is_new => {
                    let entry = self.audit_entry(&control, asked.id, asked.actor);
                    answer(turn, asked.reply_to, entry, Ok(Some(id)));
                }
                control => self.carry_out_and_answer(turn, control, asked),
            }
        }
    }

    fn carry_out_and_answer(&mut self, turn: &mut Turn, control: Control, asked: Asked) {
        // What it is about may be gone afterwards.
        let entry = self.audit_entry(&control, asked.id, asked.actor);
        let done = self.carry_out(turn, control);
        answer(turn, asked.reply_to, entry, done);
    }

    /// Gives the run that it starts, if it starts one.
    fn carry_out(
        &mut self,
        turn: &mut Turn,
        control: Control,
    ) -> Result<Option<RunId>, ControlRefusal> {
        let done = match control {
            Control::Pause(pause) => self.pause(turn, pause),
            Control::Resume(function) => self.resume(turn, function),
            Control::PutOverride(record) => self.put_override(turn, record),
            Control::DeleteOverride {
                function,
                limit,
                key,
            } => self.delete_override(turn, function, limit, key),
            Control::FireDebounce(id) => {
                let known = self.flow.debounces.hasten(id, turn.now);
                known.then_some(()).ok_or(ControlRefusal::DebounceUnknown)
            }
            Control::FlushBatch(id) => self.flush_batch(turn, id),
            Control::ReleaseHold { limit, run } => self.release_hold(turn, limit, run),
            Control::Run { run, control, .. } => self.control_run(turn, run, control),
            Control::PutCancellation(cancellation) => self.put_cancellation(turn, *cancellation),
            Control::DeleteCancellation { id, .. } => {
                self.delete_cancellation(turn, id);
                Ok(())
            }
            Control::Rerun(rerun) => return self.rerun(turn, *rerun).map(Some),
            Control::PutOperation(operation) => self.put_operation(turn, *operation),
            Control::AbortOperation { id, .. } => self.abort_operation(turn, id),
            Control::ResumeOperation { stored, .. } => self.resume_operation(turn, *stored),
            Control::DecideError {
                group, decision, ..
            } => {
                turn.change(Change::PutErrorDecision(ErrorDecisionRecord {
                    group,
                    decision,
                    decided_at: turn.now,
                }));
                Ok(())
            }
            Control::PutAttribute { name, expression } => {
                self.put_attribute(turn, name, expression)
            }
            Control::DeleteAttribute(name) => self.delete_attribute(turn, name),
            Control::ArchiveApp { name, .. } => self.archive_app(turn, &name),
        };
        done.map(|()| None)
    }

    fn check_active(&self, function: FunctionId) -> Result<(), ControlRefusal> {
        match self.registry.function(function) {
            Some(known) if known.is_active() => Ok(()),
            Some(_) | None => Err(ControlRefusal::FunctionUnknown(function)),
        }
    }

    fn pause(&mut self, turn: &mut Turn, pause: PauseRecord) -> Result<(), ControlRefusal> {
        let function = pause.function;
        self.check_active(function)?;
        turn.change(Change::PutPause(pause.clone()));
        self.flow.pauses.insert(function, pause);
        self.reconsider(turn, function);
        Ok(())
    }

    fn resume(&mut self, turn: &mut Turn, function: FunctionId) -> Result<(), ControlRefusal> {
        if self.flow.pauses.remove(&function).is_none() {
            return Err(ControlRefusal::NotPaused);
        }
        turn.change(Change::DeletePause(function));
        self.schedule
            .wake(pause_limit(function), &self.flow, turn.now);
        Ok(())
    }

    fn put_override(
        &mut self,
        turn: &mut Turn,
        record: OverrideRecord,
    ) -> Result<(), ControlRefusal> {
        let function = record.function;
        self.check_active(function)?;
        let known = self.registry.function(function);
        let is_keyed = known.and_then(|known| known.plan.is_keyed(record.limit));
        match is_keyed {
            None => return Err(ControlRefusal::LimitUnknown),
            Some(false) if record.key.is_some() => return Err(ControlRefusal::LimitUnkeyed),
            Some(_) => {}
        }
        if self.flow.overrides.len() >= OVERRIDES_MAX && !self.flow.overrides.has(&record) {
            return Err(ControlRefusal::TooManyOverrides {
                most: OVERRIDES_MAX,
            });
        }
        turn.change(Change::PutOverride(record.clone()));
        self.flow.overrides.put(record);
        // It may have been on its way for longer than it was to last.
        self.expire_overrides(turn);
        self.reconsider(turn, function);
        Ok(())
    }

    fn delete_override(
        &mut self,
        turn: &mut Turn,
        function: FunctionId,
        limit: LimitName,
        key: Option<Arc<str>>,
    ) -> Result<(), ControlRefusal> {
        let removed = self.flow.overrides.remove(function, limit, key.clone());
        if removed.is_none() {
            return Err(ControlRefusal::OverrideUnknown);
        }
        turn.change(Change::DeleteOverride {
            function,
            limit,
            key,
        });
        self.reconsider(turn, function);
        Ok(())
    }

    /// Overrides last as long as was asked for.
    pub(crate) fn expire_overrides(&mut self, turn: &mut Turn) {
        while let Some(expired) = self.flow.overrides.take_expired(turn.now) {
            turn.change(Change::DeleteOverride {
                function: expired.function,
                limit: expired.limit,
                key: expired.key,
            });
            self.reconsider(turn, expired.function);
        }
    }

    fn flush_batch(&mut self, turn: &mut Turn, id: BatchId) -> Result<(), ControlRefusal> {
        let record = self.flow.batches.fill(id);
        let record = record.ok_or(ControlRefusal::BatchUnknown)?;
        turn.change(Change::PutBatch(record));
        Ok(())
    }

    fn release_hold(
        &mut self,
        turn: &mut Turn,
        limit: LimitId,
        run: RunId,
    ) -> Result<(), ControlRefusal> {
        if !self.flow.holds.remove(limit, run) {
            return Err(ControlRefusal::NotHeld(run));
        }
        turn.change(Change::DeleteHold { limit, run });
        self.schedule.wake(limit, &self.flow, turn.now);
        Ok(())
    }
}

/// Say what came of it, and write it down if it was done.
fn answer(
    turn: &mut Turn,
    reply_to: ReplyTo,
    entry: Option<AuditRecord>,
    done: Result<Option<RunId>, ControlRefusal>,
) {
    if let (Ok(started), Some(mut entry)) = (&done, entry) {
        if let Some(run) = started {
            let run = Json::string(&run.to_string());
            let members: Vec<(String, Json)> = entry.detail.members().collect();
            let known = members.iter().map(|(name, value)| (&**name, value.clone()));
            entry.detail = Json::object(known.chain([("newRun", run)]));
        }
        turn.change(Change::PutAudit(entry));
    }
    turn.reply(reply_to, Answer::Controlled(done));
}
