//! People steer: functions are paused, limits set beside the code, and what is held back or stuck is
//! let go. Each of these is recorded in the audit log, in the commit in which it takes place.

use std::sync::Arc;

use everstep_protocol::{AuditId, BatchId, FunctionId, Json, RunId, Timestamp};

use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::flow::limit::pause_limit;
use crate::limits::OVERRIDES_MAX;
use crate::record::{
    AuditRecord, LimitId, LimitName, OverrideRecord, PauseRecord, PausedRuns, PausedStarts,
};
use crate::shard::Shard;
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
}

impl Shard {
    pub(crate) fn control(
        &mut self,
        turn: &mut Turn,
        control: Control,
        id: AuditId,
        reply_to: ReplyTo,
    ) {
        let entry = Entry::of(&control);
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
        };
        if done.is_ok() {
            turn.change(Change::PutAudit(AuditRecord {
                id,
                action: entry.action.into(),
                function: entry.function,
                run: entry.run,
                detail: entry.detail,
            }));
        }
        turn.reply(reply_to, Answer::Controlled(done));
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
        for expired in self.flow.overrides.take_expired(turn.now) {
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

/// What the audit log says of a control.
struct Entry {
    action: &'static str,
    function: Option<FunctionId>,
    run: Option<RunId>,
    detail: Json,
}

impl Entry {
    fn of(control: &Control) -> Self {
        let entry = |action, function| Self {
            action,
            function,
            run: None,
            detail: Json::object([]),
        };
        match control {
            Control::Pause(pause) => Self {
                detail: pause_detail(pause),
                ..entry("function.pause", Some(pause.function))
            },
            Control::Resume(function) => entry("function.resume", Some(*function)),
            Control::PutOverride(record) => Self {
                detail: override_detail(record),
                ..entry("limit.override", Some(record.function))
            },
            Control::DeleteOverride {
                function,
                limit,
                key,
            } => Self {
                detail: Json::object(
                    [("limit", Json::string(limit.as_str()))]
                        .into_iter()
                        .chain(key.as_ref().map(|key| ("key", Json::string(key)))),
                ),
                ..entry("limit.restore", Some(*function))
            },
            Control::FireDebounce(_) => entry("debounce.fire", None),
            Control::FlushBatch(id) => Self {
                detail: Json::object([("batch", Json::string(&id.to_string()))]),
                ..entry("batch.flush", None)
            },
            Control::ReleaseHold { run, .. } => Self {
                run: Some(*run),
                ..entry("hold.release", None)
            },
        }
    }
}

fn pause_detail(pause: &PauseRecord) -> Json {
    let starts = match pause.starts {
        PausedStarts::Skip => "skip",
        PausedStarts::Queue => "queue",
    };
    let runs = match pause.runs {
        PausedRuns::Finish => "finish",
        PausedRuns::Hold => "hold",
    };
    let members = [
        ("starts", Json::string(starts)),
        ("runs", Json::string(runs)),
    ];
    let reason = pause.reason.as_ref();
    let reason = reason.map(|reason| ("reason", Json::string(reason)));
    Json::object(members.into_iter().chain(reason))
}

fn override_detail(record: &OverrideRecord) -> Json {
    let time = |at: Timestamp| Json::string(&at.to_string());
    let members = [
        ("limit", Json::string(record.limit.as_str())),
        ("value", Json::integer(i64::from(record.value))),
    ];
    let optional = [
        ("key", record.key.as_ref().map(|key| Json::string(key))),
        ("expiresAt", record.expires_at.map(time)),
        (
            "reason",
            record.reason.as_ref().map(|reason| Json::string(reason)),
        ),
    ];
    let optional = optional
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Json::object(members.into_iter().chain(optional))
}
