//! How a run is scheduled for an event (server-semantics §3.3), whatever its function was started
//! by: a trigger, a tick, an invocation.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::config::SingletonMode;
use everstep_protocol::limits::WAIT_TIMEOUT_DEFAULT;
use everstep_protocol::time::parse_timeout;
use everstep_protocol::{BatchId, JobId, RunId, UserError};

use crate::change::Change;
use crate::expression::{Bound, EventView, Expression, Key, Scope};
use crate::flow::gcra::Gcra;
use crate::flow::limit::limit_for;
use crate::function::{CancelListener, Function};
use crate::record::{
    EventRecord, HoldKind, HoldRecord, IdempotencyKey, IdempotencyRecord, JobKind, LimitId,
    LimitName, PausedStarts, RunRecord, RunStatus, SkipReason, SkipRecord, WaitKind, WaitReason,
    WaitRecord,
};
use crate::rerun::RerunPlan;
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

/// How long an event's id, or the value of a function's `idempotency`, starts no second run.
pub(crate) const IDEMPOTENCY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

/// What a run is scheduled by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// A trigger that an event fulfils.
    Event,
    /// A tick of a schedule.
    Tick,
    /// A client that invokes the function.
    Client,
    /// A run that invokes the function, and its wait for the answer.
    Invocation(JobId),
    /// An event that was held back long enough.
    Debounce { invoked_by: Option<JobId> },
    /// Events that were collected.
    Batch { id: BatchId, invoked_by: Vec<JobId> },
    /// Someone wants a run once more, for the same events (RR-1).
    Rerun {
        /// Of the new run, if that was chosen.
        id: Option<RunId>,
        /// That the run was started for.
        batch: Option<BatchId>,
        plan: Box<RerunPlan>,
    },
}

impl Cause {
    /// The wait that the event of this cause is to answer.
    pub(crate) fn invoked_by(&self) -> Option<JobId> {
        match self {
            Self::Invocation(wait) => Some(*wait),
            Self::Debounce { invoked_by } => *invoked_by,
            Self::Event | Self::Tick | Self::Client | Self::Batch { .. } | Self::Rerun { .. } => {
                None
            }
        }
    }

    pub(crate) fn all_invoked_by(&self) -> Vec<JobId> {
        match self {
            Self::Batch { invoked_by, .. } => invoked_by.clone(),
            _ => self.invoked_by().into_iter().collect(),
        }
    }

    fn batch(&self) -> Option<BatchId> {
        match self {
            Self::Batch { id, .. } => Some(*id),
            Self::Rerun { batch, .. } => *batch,
            Self::Event
            | Self::Tick
            | Self::Client
            | Self::Invocation(_)
            | Self::Debounce { .. } => None,
        }
    }
}

/// What came of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    Run(RunId),
    /// The event is held back, and a run starts later.
    Held,
}

/// No run starts, and none will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStarted(pub(crate) SkipReason);

impl NotStarted {
    /// What someone is told who wants a run once more.
    pub(crate) fn why_not_rerun(self) -> &'static str {
        match self.0 {
            SkipReason::Paused => "the function is paused, and skips new runs: resume it first",
            SkipReason::Singleton => {
                "another run of the function is active, and it runs one at a time: wait for its end, or cancel it"
            }
            _ => "the function does not start a run now",
        }
    }

    /// What a run that invoked the function is told (§3.3, stage 3).
    pub(crate) fn to_error(self) -> UserError {
        let message = match self.0 {
            // Idempotency is a rate of one a day (§10, 3).
            SkipReason::RateLimited | SkipReason::IdempotencyDuplicate => {
                "invoked function is rate limited"
            }
            SkipReason::Singleton => "invoked function was skipped: another run of it is active",
            SkipReason::Paused => "invoked function is paused",
            SkipReason::EventDuplicate => {
                "invoked function was not started: it has run for the same event id"
            }
            SkipReason::ExpressionFalse
            | SkipReason::ExpressionError
            | SkipReason::TicksGivenUp
            | SkipReason::Debounced
            | SkipReason::DebounceOutdated
            | SkipReason::Batched => "invoked function was not started",
        };
        UserError::new("Error", message)
    }
}

impl Shard {
    /// Schedule a run, hold the event back for one, or record why there is none: the pipeline of
    /// §3.3, whose order is what clients see.
    pub(crate) fn start(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        event: &EventRecord,
        view: &EventView,
        cause: Cause,
    ) -> Result<Started, NotStarted> {
        if cause != Cause::Tick
            && let Some(held) = self.add_to_batch(turn, function, event, view, cause.clone())
        {
            return Ok(held);
        }
        if let Some(holder) = self.value_holder(turn, function, view) {
            let detail = holder.map(|run| run.to_string());
            let reason = SkipReason::IdempotencyDuplicate;
            return Err(skip(turn, function, event, reason, detail));
        }
        self.check_rate(turn, function, event, view)?;
        if let Some(held) = self.debounce(turn, function, event, view, cause.clone()) {
            self.hold_value(turn, function, view, None);
            return Ok(held);
        }
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
        let batch = cause.batch();
        let is_rerun = matches!(cause, Cause::Rerun { .. });
        let event_key = event_key(function, &event).filter(|_| batch.is_none() && !is_rerun);
        if let Some(holder) = event_key.and_then(|key| self.idempotency.holder(key, turn.now)) {
            let detail = holder.map(|run| run.to_string());
            return Err(skip(
                turn,
                function,
                &event,
                SkipReason::EventDuplicate,
                detail,
            ));
        }
        let id = match cause {
            Cause::Rerun { id: Some(id), .. } => id,
            _ => turn.entropy.run_id(turn.now),
        };
        if !is_rerun && !matches!(cause, Cause::Debounce { .. } | Cause::Batch { .. }) {
            self.hold_value(turn, function, view, Some(id));
        }
        let scope = Scope::new(view, turn.now);
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
            return Err(skip(turn, function, &event, reason, detail));
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

    /// Whether the run may be there at all: its function is not paused, and it is the only one that
    /// may run of its singleton, if that is one (§3.3, stages 6 and 7).
    fn enter(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        run: RunId,
        scope: &Scope<'_>,
    ) -> Result<(), (SkipReason, Option<String>)> {
        let id = function.record.id;
        if let Some(pause) = self.flow.pauses.get(&id)
            && pause.starts == PausedStarts::Skip
        {
            let detail = pause.reason.as_deref().map(str::to_owned);
            return Err((SkipReason::Paused, detail));
        }
        let Some(singleton) = &function.plan.singleton else {
            return Ok(());
        };
        let key = singleton.value(scope);
        let Some(limit) = limit_for(id, "singleton", &key) else {
            return Ok(());
        };
        let holder = self.flow.holds.of(limit).next();
        if let Some(holder) = holder.map(|hold| hold.run) {
            match singleton.config.mode {
                SingletonMode::Skip => {
                    return Err((SkipReason::Singleton, Some(holder.to_string())));
                }
                SingletonMode::Cancel => self.replace(turn, limit, holder),
            }
        }
        let hold = HoldRecord {
            limit,
            run,
            function: id,
            kind: HoldKind::Singleton,
            key: key.text().cloned(),
            since: turn.now,
        };
        turn.change(Change::PutHold(hold.clone()));
        self.flow.holds.put(hold);
        Ok(())
    }

    /// The holder of a singleton gives way (SI-2).
    fn replace(&mut self, turn: &mut Turn, limit: LimitId, holder: RunId) {
        self.flow.holds.remove(limit, holder);
        turn.change(Change::DeleteHold { limit, run: holder });
        self.cancel_soon(turn, JobId::cancellation(holder));
    }

    /// Use up one of the function's `rateLimit`.
    fn check_rate(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        event: &EventRecord,
        view: &EventView,
    ) -> Result<(), NotStarted> {
        let Some(keyed) = &function.plan.rate_limit else {
            return Ok(());
        };
        let id = function.record.id;
        let key = keyed.value(&Scope::new(view, turn.now));
        let Some(limit) = limit_for(id, "rate limit", &key) else {
            return Ok(());
        };
        let mut config = keyed.config.clone();
        if let Some(changed) = self
            .flow
            .overrides
            .find(id, LimitName::RateLimit, key.text())
        {
            config.limit = changed.value;
            config.period = changed.period.unwrap_or(config.period);
        }
        let rate = Gcra::of_rate_limit(&config);
        if self.flow.rates.take(limit, rate, turn.now) {
            turn.change(Change::PutRate(self.flow.rates.record(limit)));
            return Ok(());
        }
        let until = self.flow.rates.check(limit, rate, turn.now).err();
        let key = key.text().map(|key| format!("key {key:?}, "));
        let detail = until.map(|until| format!("{}until {until}", key.unwrap_or_default()));
        Err(skip(turn, function, event, SkipReason::RateLimited, detail))
    }

    /// The run that was started for the same value of the function's `idempotency`, if one was.
    #[expect(
        clippy::option_option,
        reason = "none, one that is held back, and which"
    )]
    fn value_holder(
        &self,
        turn: &Turn,
        function: &Function,
        view: &EventView,
    ) -> Option<Option<RunId>> {
        let key = value_key(function, &Scope::new(view, turn.now))?;
        self.idempotency.holder(key, turn.now)
    }

    fn hold_value(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        view: &EventView,
        run: Option<RunId>,
    ) {
        if let Some(key) = value_key(function, &Scope::new(view, turn.now)) {
            self.hold_key(turn, key, run);
        }
    }

    pub(crate) fn hold_key(&mut self, turn: &mut Turn, key: IdempotencyKey, run: Option<RunId>) {
        let record = IdempotencyRecord {
            key,
            run,
            expires_at: turn.now + IDEMPOTENCY_PERIOD,
        };
        self.idempotency.put(record);
        turn.change(Change::PutIdempotency(record));
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

/// Record that an event started no run of a function, and the evidence.
pub(crate) fn skip(
    turn: &mut Turn,
    function: &Function,
    event: &EventRecord,
    reason: SkipReason,
    detail: Option<String>,
) -> NotStarted {
    turn.change(Change::PutSkip(SkipRecord {
        event: event.id,
        function: function.record.id,
        reason,
        detail: detail.map(Arc::from),
    }));
    NotStarted(reason)
}

/// What an event starts one run of a function by: the id that its sender gave it.
fn event_key(function: &Function, event: &EventRecord) -> Option<IdempotencyKey> {
    let id = event.user_id.as_deref()?;
    Some(IdempotencyKey(
        function.record.id.hash(&format!("event:{id}")),
    ))
}

/// What the start of an endpoint says of itself (http-api §5.7).
pub(crate) fn endpoint_key(function: &Function, text: &str) -> IdempotencyKey {
    IdempotencyKey(function.record.id.hash(&format!("endpoint:{text}")))
}

/// The value of the function's `idempotency`. What that can't say is passed over (SC-3).
fn value_key(function: &Function, scope: &Scope<'_>) -> Option<IdempotencyKey> {
    let expression = function.plan.idempotency.as_ref()?.as_ref().ok()?;
    match expression.key(scope).ok()? {
        Key::None => None,
        Key::Text(text) => Some(IdempotencyKey(
            function.record.id.hash(&format!("value:{text}")),
        )),
    }
}
