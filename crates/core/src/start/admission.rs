//! What an event, or a run that it is to start, has to pass: `idempotency`, `rateLimit`, a pause, a
//! singleton.

use std::time::Duration;

use everstep_protocol::JobId;
use everstep_protocol::RunId;
use everstep_protocol::config::SingletonMode;

use super::{Arrival, NotStarted};
use crate::change::Change;
use crate::expression::{Key, Scope};
use crate::flow::gcra::Gcra;
use crate::flow::limit::limit_for;
use crate::function::Function;
use crate::record::{
    HoldKind, HoldRecord, IdempotencyKey, IdempotencyRecord, LimitId, LimitName, PausedStarts,
    SkipReason,
};
use crate::shard::Shard;
use crate::turn::Turn;

/// How long an event's id, or the value of a function's `idempotency`, starts no second run.
const IDEMPOTENCY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

impl Shard {
    /// Whether the run may be there at all: its function is not paused, and it is the only one that
    /// may run of its singleton, if that is one (§3.3, stages 6 and 7).
    pub(super) fn enter(
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
    pub(super) fn check_rate(
        &mut self,
        turn: &mut Turn,
        arrival: Arrival<'_>,
    ) -> Result<(), NotStarted> {
        let Some(keyed) = &arrival.function.plan.rate_limit else {
            return Ok(());
        };
        let id = arrival.function.record.id;
        let key = keyed.value(&arrival.scope(turn));
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
        Err(arrival.skip(turn, SkipReason::RateLimited, detail))
    }

    /// The run that was started for the same value of the function's `idempotency`, if one was.
    #[expect(
        clippy::option_option,
        reason = "none, one that is held back, and which"
    )]
    pub(super) fn value_holder(&self, turn: &Turn, arrival: Arrival<'_>) -> Option<Option<RunId>> {
        self.idempotency.holder(value_key(arrival, turn)?, turn.now)
    }

    pub(super) fn hold_value(&mut self, turn: &mut Turn, arrival: Arrival<'_>, run: Option<RunId>) {
        if let Some(key) = value_key(arrival, turn) {
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
}

/// What an event starts one run of a function by: the id that its sender gave it.
pub(super) fn event_key(arrival: Arrival<'_>) -> Option<IdempotencyKey> {
    let id = arrival.event.user_id.as_deref()?;
    let function = arrival.function.record.id;
    Some(IdempotencyKey(function.hash(&format!("event:{id}"))))
}

/// What the start of an endpoint says of itself (http-api §5.7).
pub(crate) fn endpoint_key(function: &Function, text: &str) -> IdempotencyKey {
    IdempotencyKey(function.record.id.hash(&format!("endpoint:{text}")))
}

/// The value of the function's `idempotency`. What that can't say is passed over (SC-3).
fn value_key(arrival: Arrival<'_>, turn: &Turn) -> Option<IdempotencyKey> {
    let function = arrival.function;
    let expression = function.plan.idempotency.as_ref()?.as_ref().ok()?;
    match expression.key(&arrival.scope(turn)).ok()? {
        Key::None => None,
        Key::Text(text) => Some(IdempotencyKey(
            function.record.id.hash(&format!("value:{text}")),
        )),
    }
}
