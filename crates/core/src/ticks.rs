//! Schedules: each cron expression of a function has one pending tick (CR-5). When its time comes,
//! a run is started and the next tick is stored, in one commit: no tick is lost, none fires twice
//! (CR-8).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_protocol::event::EventInput;
use everstep_protocol::{FunctionId, Json, Timestamp};

use crate::change::Change;
use crate::cron::{GivenUp, jitter_offset};
use crate::expression::EventView;
use crate::function::{Function, Schedule};
use crate::record::{EventRecord, SkipReason, SkipRecord, TickRecord};
use crate::shard::Shard;
use crate::start::{Arrival, Cause};
use crate::turn::Turn;

/// Name of the event that a tick starts its run with.
pub const SCHEDULED: &str = "inngest/scheduled.timer";

/// The schedule that the event is a tick of, as the function names it.
pub fn cron_of(event: &EventRecord) -> Option<String> {
    let data = event.payload.member("data");
    data.filter(|_| *event.name == *SCHEDULED)?
        .member_text("cron")
}

/// Ticks that fire in one decision; those behind them fire in the next ones.
const TICKS_PER_TURN_MAX: usize = 100;

pub(crate) struct Ticks {
    pending: BTreeMap<(FunctionId, Arc<str>), TickRecord>,
    by_fire_at: BTreeSet<(Timestamp, FunctionId, Arc<str>)>,
    /// The registry may have changed since the ticks were compared with it.
    is_stale: bool,
}

impl Ticks {
    pub(crate) fn new(records: Vec<TickRecord>) -> Self {
        let mut ticks = Self {
            pending: BTreeMap::new(),
            by_fire_at: BTreeSet::new(),
            is_stale: true,
        };
        for record in records {
            ticks.put(record);
        }
        ticks
    }

    pub(crate) fn registry_changed(&mut self) {
        self.is_stale = true;
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.by_fire_at.first().map(|(fire_at, _, _)| *fire_at)
    }

    fn put(&mut self, record: TickRecord) {
        let key = (record.function, record.cron.clone());
        self.remove(&key);
        self.by_fire_at
            .insert((record.fire_at, record.function, record.cron.clone()));
        self.pending.insert(key, record);
    }

    fn remove(&mut self, key: &(FunctionId, Arc<str>)) -> Option<TickRecord> {
        let record = self.pending.remove(key)?;
        self.by_fire_at
            .remove(&(record.fire_at, record.function, record.cron.clone()));
        Some(record)
    }

    fn take_due(&mut self, now: Timestamp) -> Option<TickRecord> {
        let (fire_at, function, cron) = self.by_fire_at.first().cloned()?;
        if fire_at > now {
            return None;
        }
        self.remove(&(function, cron))
    }
}

impl Shard {
    /// Fire the ticks whose time has come.
    pub(crate) fn fire_ticks(&mut self, turn: &mut Turn) {
        if std::mem::take(&mut self.ticks.is_stale) {
            self.reconcile_ticks(turn);
        }
        for _ in 0..TICKS_PER_TURN_MAX {
            let Some(pending) = self.ticks.take_due(turn.now) else {
                return;
            };
            self.fire(turn, pending);
        }
    }

    fn fire(&mut self, turn: &mut Turn, pending: TickRecord) {
        let function = self.registry.function(pending.function).cloned();
        let active = function.filter(|function| function.is_active());
        let Some((function, schedule)) = active.as_deref().and_then(|function| {
            let schedule = function.schedule(&pending.cron)?;
            Some((function, schedule))
        }) else {
            return delete_tick(turn, pending);
        };
        let due = schedule.cron.due(pending.tick, turn.now);
        let event = tick_event(turn, schedule, due.tick, pending.fire_at);
        let view = EventView::new(event.payload.clone());
        self.receive(turn, event.clone());
        if let Some(given_up) = due.given_up {
            turn.change(Change::PutSkip(skip(function, &event, given_up)));
        }
        // Why it starts no run is recorded there.
        let arrival = Arrival {
            function,
            event: &event,
            view: &view,
        };
        let _ = self.start(turn, arrival, Cause::Tick);
        match due.next {
            Some(tick) => self.put_tick(turn, function, schedule, tick),
            None => delete_tick(turn, pending),
        }
    }

    fn put_tick(
        &mut self,
        turn: &mut Turn,
        function: &Function,
        schedule: &Schedule,
        tick: Timestamp,
    ) {
        let (id, version) = (function.record.id, function.record.version);
        let seed = format!("{id}/{version}/{}/{}", schedule.cron, tick.as_millis());
        let record = TickRecord {
            function: id,
            cron: schedule.cron.as_str().into(),
            tick,
            fire_at: tick + jitter_offset(schedule.jitter, seed.as_bytes()),
        };
        turn.change(Change::PutTick(record.clone()));
        self.ticks.put(record);
    }

    /// Give every schedule a pending tick, and no others. A schedule that is new waits for its next
    /// time from now (CR-6, CR-7).
    fn reconcile_ticks(&mut self, turn: &mut Turn) {
        let active: Vec<Arc<Function>> = self
            .registry
            .functions()
            .filter(|function| function.is_active())
            .cloned()
            .collect();
        let mut wanted = BTreeSet::new();
        for function in &active {
            for schedule in function.schedules() {
                let key = (function.record.id, Arc::from(schedule.cron.as_str()));
                wanted.insert(key.clone());
                if self.ticks.pending.contains_key(&key) {
                    continue;
                }
                if let Some(tick) = schedule.cron.next_after(turn.now) {
                    self.put_tick(turn, function, schedule, tick);
                }
            }
        }
        let known = self.ticks.pending.keys().cloned();
        let orphans: Vec<_> = known.filter(|key| !wanted.contains(key)).collect();
        for key in orphans {
            if let Some(record) = self.ticks.remove(&key) {
                delete_tick(turn, record);
            }
        }
    }
}

fn delete_tick(turn: &mut Turn, record: TickRecord) {
    turn.change(Change::DeleteTick {
        function: record.function,
        cron: record.cron,
    });
}

/// The event of a tick (server-semantics §1.4, CR-11).
fn tick_event(
    turn: &mut Turn,
    schedule: &Schedule,
    tick: Timestamp,
    fire_at: Timestamp,
) -> EventRecord {
    let data = Json::object([
        ("cron", Json::string(schedule.cron.as_str())),
        ("fireAt", Json::string(&fire_at.to_string())),
        ("scheduledAt", Json::string(&tick.to_string())),
    ]);
    let input = EventInput {
        user_id: Some(tick.to_string()),
        ts: Some(fire_at),
        ..EventInput::new(SCHEDULED, data)
    };
    turn.event(input)
}

fn skip(function: &Function, event: &EventRecord, given_up: GivenUp) -> SkipRecord {
    let GivenUp { first, last } = given_up;
    SkipRecord {
        event: event.id,
        function: function.record.id,
        reason: SkipReason::TicksGivenUp,
        detail: Some(Arc::from(format!("{first} to {last}"))),
    }
}
