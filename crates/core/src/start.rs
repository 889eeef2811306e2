//! How a run is scheduled for an event (server-semantics §3.3), whatever its function was started
//! by: a trigger, a tick, an invocation.
//!
//! | to find | open |
//! |---|---|
//! | what a run is scheduled by | `cause.rs` |
//! | what may keep it from being scheduled | `admission.rs` |

mod admission;
mod cause;

use std::sync::Arc;

use everstep_protocol::limits::WAIT_TIMEOUT_DEFAULT;
use everstep_protocol::time::parse_timeout;
use everstep_protocol::{JobId, RunId};

pub(crate) use self::admission::endpoint_key;
use self::admission::event_key;
pub use self::cause::NotStarted;
pub(crate) use self::cause::{Cause, Started};
use crate::change::Change;
use crate::expression::{Bound, EventView, Expression, Scope};
use crate::function::{CancelListener, Function};
use crate::record::{
    EventRecord, JobKind, RunRecord, RunStatus, SkipReason, SkipRecord, WaitKind, WaitReason,
    WaitRecord,
};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

/// An event that has come to a function, and may start a run of it.
#[derive(Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) function: &'a Function,
    pub(crate) event: &'a EventRecord,
    /// Of the event.
    pub(crate) view: &'a EventView,
}

impl<'a> Arrival<'a> {
    pub(crate) fn scope(&self, turn: &Turn) -> Scope<'a> {
        Scope::new(self.view, turn.now)
    }

    /// Record that the event starts no run of the function now, and the evidence.
    pub(crate) fn skip(
        self,
        turn: &mut Turn,
        reason: SkipReason,
        detail: Option<String>,
    ) -> NotStarted {
        turn.change(Change::PutSkip(SkipRecord {
            event: self.event.id,
            function: self.function.record.id,
            reason,
            detail: detail.map(Arc::from),
        }));
        NotStarted(reason)
    }
}

impl Shard {
    /// Schedule a run, hold the event back for one, or record why there is none: the pipeline of
    /// §3.3, whose order is what clients see.
    pub(crate) fn start(
        &mut self,
        turn: &mut Turn,
        arrival: Arrival<'_>,
        cause: Cause,
    ) -> Result<Started, NotStarted> {
        if cause != Cause::Tick
            && let Some(held) = self.add_to_batch(turn, arrival, &cause)
        {
            return Ok(held);
        }
        if let Some(holder) = self.value_holder(turn, arrival) {
            let detail = holder.map(|run| run.to_string());
            return Err(arrival.skip(turn, SkipReason::IdempotencyDuplicate, detail));
        }
        self.check_rate(turn, arrival)?;
        if let Some(held) = self.debounce(turn, arrival, &cause) {
            self.hold_value(turn, arrival, None);
            return Ok(held);
        }
        let Arrival {
            function,
            event,
            view,
        } = arrival;
        self.schedule_run(turn, function, vec![event.clone()], view, cause)
            .map(Started::Run)
    }

    /// Schedule a run for these events, of which `view` is the first (§3.3, from stage 5). Its first
    /// call is due at once, or when the event's `ts` comes (EV-20).
    pub(crate) fn schedule_run(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        events: Vec<EventRecord>,
        view: &EventView,
        cause: Cause,
    ) -> Result<RunId, NotStarted> {
        let event = events.first().expect("a run has an event").clone();
        let arrival = Arrival {
            function,
            event: &event,
            view,
        };
        let batch = cause.batch();
        let is_rerun = matches!(cause, Cause::Rerun { .. });
        let event_key = event_key(arrival).filter(|_| batch.is_none() && !is_rerun);
        if let Some(holder) = event_key.and_then(|key| self.idempotency.holder(key, turn.now)) {
            let detail = holder.map(|run| run.to_string());
            return Err(arrival.skip(turn, SkipReason::EventDuplicate, detail));
        }
        let id = match cause {
            Cause::Rerun { id: Some(id), .. } => id,
            _ => turn.entropy.run_id(turn.now),
        };
        if !is_rerun && !matches!(cause, Cause::Debounce { .. } | Cause::Batch { .. }) {
            self.hold_value(turn, arrival, Some(id));
        }
        let scope = arrival.scope(turn);
        let record = scheduled(id, function, &events, &scope, &cause);
        let event_ids = events.iter().map(|event| event.id).collect();
        if let Err((reason, detail)) = self.enter(turn, function, id, &scope) {
            if is_rerun {
                // Who asked is told; it says nothing of the event.
                return Err(NotStarted(reason));
            }
            self.put_run_events(turn, id, event_ids, view);
            turn.change(Change::PutRun(RunRecord {
                status: RunStatus::Skipped,
                ended_at: Some(turn.now),
                ..record
            }));
            return Err(arrival.skip(turn, reason, detail));
        }
        self.put_run_events(turn, id, event_ids, view);
        if let Some(key) = event_key {
            self.hold_key(turn, key, Some(id));
        }
        let mut run = Run::new(record, events);
        if batch.is_none() {
            for listener in &function.cancel {
                self.listen(turn, &mut run, listener, view);
            }
            if let Some(timeout) = function.record.config.timeouts.start {
                let at = turn.now + timeout;
                run.add_job(turn, JobKind::StartTimeout, at, WaitReason::Timeout);
            }
        }
        let (due_at, reason) = if event.ts > turn.now && batch.is_none() && !is_rerun {
            (event.ts, WaitReason::Delayed)
        } else {
            (turn.now, WaitReason::Queued)
        };
        if let Cause::Rerun { plan, .. } = cause {
            run.begin_with(turn, *plan);
        }
        run.discover_at(turn, due_at, reason);
        turn.dirty(id);
        self.runs.insert(id, run);
        Ok(id)
    }

    /// Listen for an event that cancels the run (server-semantics §3.11, EX-10).
    fn listen(
        &mut self,
        turn: &mut Turn,
        run: &mut Run,
        listener: &CancelListener,
        event: &EventView,
    ) {
        let Some(condition) = bound(listener, event) else {
            return;
        };
        let expires_at = listener
            .timeout
            .as_deref()
            .and_then(|text| parse_timeout(text, turn.now).ok())
            .unwrap_or(turn.now + WAIT_TIMEOUT_DEFAULT);
        let wait = WaitRecord {
            id: run.take_number(turn),
            step: None,
            kind: WaitKind::Cancellation {
                name: listener.event.as_str().into(),
                condition,
            },
            created_at: turn.now,
            expires_at,
            resolution: None,
        };
        self.waits.add(wait.live());
        turn.change(Change::PutWait(wait));
    }
}

/// The row of a run that is scheduled for these events.
fn scheduled(
    id: RunId,
    function: &Function,
    events: &[EventRecord],
    scope: &Scope<'_>,
    cause: &Cause,
) -> RunRecord {
    RunRecord {
        id,
        function: function.record.id,
        function_version: function.record.version,
        status: RunStatus::Queued,
        started_at: None,
        ended_at: None,
        max_attempts: function.record.config.max_attempts(),
        request_version: -1,
        parallel: false,
        next_job: JobId::DISCOVERY + 1,
        generation: 0,
        state_bytes: events.iter().map(|it| it.payload.len() as u64).sum(),
        steps_done: 0,
        invoked_by: cause.all_invoked_by(),
        batch: cause.batch(),
        keys: function.plan.freeze(scope),
        priority: function.plan.priority(scope),
        output: None,
    }
}

/// The condition with the run's event put in; `None` if no event can fulfil it.
#[expect(clippy::option_option, reason = "never, always, and when")]
fn bound(listener: &CancelListener, event: &EventView) -> Option<Option<Arc<str>>> {
    let condition: &Expression = match &listener.condition {
        None => return Some(None),
        Some(Ok(condition)) => condition,
        Some(Err(_)) => return None,
    };
    match condition.bind(event).ok()? {
        Bound::Never => None,
        Bound::Always => Some(None),
        Bound::When(condition) => Some(Some(Arc::from(condition.text()))),
    }
}
