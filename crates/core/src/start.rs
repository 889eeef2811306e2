//! How a run is scheduled for an event (server-semantics §3.3), whatever its function was started
//! by: a trigger, a tick, an invocation.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::JobId;
use everstep_protocol::limits::WAIT_TIMEOUT_DEFAULT;
use everstep_protocol::time::parse_timeout;

use crate::change::Change;
use crate::expression::{Bound, EventView, Expression, Key, Scope};
use crate::function::{CancelListener, Function};
use crate::record::{
    EventRecord, IdempotencyKey, IdempotencyRecord, JobKind, RunRecord, RunStatus, SkipReason,
    SkipRecord, WaitKind, WaitReason, WaitRecord,
};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

/// How long an event's id, or the value of a function's `idempotency`, starts no second run.
pub(crate) const IDEMPOTENCY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

impl Shard {
    /// Schedule a run, unless there is a reason not to. Its first call is due at once, or when the
    /// event's `ts` comes (EV-20). `invoked_by` is the wait that it answers when it ends.
    pub(crate) fn start(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        event: &EventRecord,
        view: &EventView,
        invoked_by: Option<JobId>,
    ) -> Result<(), SkipReason> {
        let id = turn.entropy.run_id(turn.now);
        let keys = self.admit(turn, function, event, view)?;
        for key in keys {
            let record = IdempotencyRecord {
                key,
                run: Some(id),
                expires_at: turn.now + IDEMPOTENCY_PERIOD,
            };
            self.idempotency.put(record);
            turn.change(Change::PutIdempotency(record));
        }
        let mut run = Run::new(
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
                state_bytes: event.payload.len() as u64,
                steps_done: 0,
                invoked_by: invoked_by.into_iter().collect(),
                batch: None,
                keys: None,
                priority: 0,
                output: None,
            },
            vec![event.clone()],
        );
        turn.change(Change::PutRunEvents {
            run: id,
            events: vec![event.id],
        });
        for listener in &function.cancel {
            self.listen(turn, &mut run, listener, view);
        }
        if let Some(timeout) = function.record.config.timeouts.start {
            let at = turn.now + timeout;
            run.add_job(turn, JobKind::StartTimeout, at, WaitReason::Timeout);
        }
        let (due_at, reason) = if event.ts > turn.now {
            (event.ts, WaitReason::Delayed)
        } else {
            (turn.now, WaitReason::Queued)
        };
        run.discover_at(turn, due_at, reason);
        turn.dirty(id);
        self.runs.insert(id, run);
        Ok(())
    }

    /// The idempotency keys that the run will hold, unless one of them is held already. What the
    /// function's own key expression can't say is passed over (SC-3).
    fn admit(
        &self,
        turn: &mut Turn,
        function: &Function,
        event: &EventRecord,
        view: &EventView,
    ) -> Result<Vec<IdempotencyKey>, SkipReason> {
        let value = match &function.idempotency {
            Some(Ok(expression)) => expression.key(&Scope::new(view, turn.now)).ok(),
            Some(Err(_)) | None => None,
        };
        let value = value.and_then(|key| match key {
            Key::None => None,
            Key::Text(text) => Some(text),
        });
        let texts = [
            (value, "value", SkipReason::IdempotencyDuplicate),
            (
                event.user_id.as_deref().map(str::to_owned),
                "event",
                SkipReason::EventDuplicate,
            ),
        ];
        let mut keys = Vec::new();
        for (text, kind, reason) in texts {
            let Some(text) = text else { continue };
            let hash = function.record.id.hash(&format!("{kind}:{text}"));
            let key = IdempotencyKey(hash);
            if let Some(run) = self.idempotency.holder(key, turn.now) {
                turn.change(Change::PutSkip(SkipRecord {
                    event: event.id,
                    function: function.record.id,
                    reason,
                    detail: run.map(|run| Arc::from(run.to_string())),
                }));
                return Err(reason);
            }
            keys.push(key);
        }
        Ok(keys)
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
