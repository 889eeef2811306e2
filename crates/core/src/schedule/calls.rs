//! The calls that are due, and those that are made.
//!
//! Calls of one function that are under the same limits form a [`Lane`]: a limit admits the first of
//! them or none, so what does not run costs nothing but its entry. Functions take turns, and within a
//! function its lanes do: a tenant with a hundred thousand runs has one lane, as one with a single run
//! has.
//!
//! **Invariants:**
//! - A call is taken when all of its limits admit it, and from all of them at once.
//! - A lane that could go on takes part in the turns, or a limit of it with no room has it waiting. A
//!   limit with room that has lanes waiting has let one of them on, which has not been looked at yet;
//!   whoever is looked at lets on the next one. So nothing is forgotten, and a limit that becomes
//!   free costs one look and not one for each of a million lanes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::{FunctionId, JobId, Timestamp};

use super::lane::{Blocked, Lane, LaneId, LaneKey, STAGES, Score};
use super::turns::Turns;
use super::waiting::{Group, Waiter, Waiting};
use crate::flow::limit::{Demand, Limit};
use crate::flow::{Flow, Grant, Start};
use crate::inspect::FunctionTotals;
use crate::record::{CallStage, DueCall, LimitId};

/// All functions weigh the same, and all lanes of a function.
const WEIGHT: u64 = 1;

/// How much one call moves the mean of a function's calls.
const MEAN_SHARE: u32 = 8;

/// The generation of a call whose run is being loaded.
const NOT_MADE: u32 = 0;

pub(crate) struct Calls {
    capacity: usize,
    lanes: BTreeMap<LaneId, Lane>,
    by_key: BTreeMap<LaneKey, LaneId>,
    next_lane: u64,
    functions: BTreeMap<FunctionId, FunctionTurns>,
    turns: Turns<FunctionId>,
    waiting: Waiting,
    /// Calls that are due later.
    timers: BTreeMap<(Timestamp, JobId), DueCall>,
    running: BTreeMap<JobId, Slot>,
    /// Lanes that may be empty.
    emptied: Vec<LaneId>,
}

struct FunctionTurns {
    turn: u64,
    takes_turns: bool,
    lanes: Turns<LaneId>,
    mean_call: Duration,
}

/// A call that was taken: it is made, or its run is being loaded.
pub(crate) struct Slot {
    /// Of the call; [`NOT_MADE`] while its run is loaded.
    generation: u32,
    pub(crate) lane: LaneKey,
    pub(crate) stage: CallStage,
    pub(crate) grant: Grant,
    pub(crate) since: Timestamp,
}

/// A call that has ended.
pub(crate) struct Ended {
    pub(crate) function: FunctionId,
    /// What it took if it was to start its run.
    pub(crate) start: Option<Start>,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// It is made since then.
    Running { since: Timestamp },
    /// It waits until then.
    Timer,
    /// It is due.
    Queued {
        /// How many calls of the same lane are before it, counted to a maximum.
        ahead: usize,
        /// The limit that does not admit the first of them.
        blocked_by: Option<Limit>,
    },
}

impl Calls {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            lanes: BTreeMap::new(),
            by_key: BTreeMap::new(),
            next_lane: 0,
            functions: BTreeMap::new(),
            turns: Turns::new(),
            waiting: Waiting::default(),
            timers: BTreeMap::new(),
            running: BTreeMap::new(),
            emptied: Vec::new(),
        }
    }

    pub(crate) fn add_timer(&mut self, call: DueCall) {
        self.timers.insert((call.due_at, call.id), call);
    }

    pub(crate) fn take_timer(&mut self, now: Timestamp) -> Option<DueCall> {
        let entry = self.timers.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When something can change by itself.
    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        let timer = self.timers.first_key_value().map(|((at, _), _)| *at);
        [timer, self.waiting.next_alarm()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Queue a call that is due. `limits` are those that its lane is under.
    pub(crate) fn enqueue(&mut self, call: &DueCall, limits: impl FnOnce() -> Vec<Limit>) {
        let key = (call.function, call.keys.clone());
        let id = match self.by_key.get(&key) {
            Some(id) => *id,
            None => {
                let id = LaneId(self.next_lane);
                self.next_lane += 1;
                self.lanes.insert(id, Lane::new(key.clone(), limits()));
                self.by_key.insert(key, id);
                id
            }
        };
        let lane = self.lanes.get_mut(&id).expect("it is there by key");
        lane.insert(call.stage, Score::of(call), call.id);
        if lane.blocked(call.stage).is_none() {
            self.join(id);
        }
    }

    /// Forget a call that is not to be made any more.
    pub(crate) fn forget(&mut self, call: &DueCall, flow: &Flow, now: Timestamp) {
        self.timers.remove(&(call.due_at, call.id));
        let key = (call.function, call.keys.clone());
        let Some(id) = self.by_key.get(&key).copied() else {
            return;
        };
        let lane = self.lanes.get_mut(&id).expect("it is there by key");
        if lane.remove(call.stage, Score::of(call), call.id) && !lane.has(call.stage) {
            self.leave_stage(id, call.stage, flow, now);
        }
    }

    /// A queue of a lane has become empty without being served.
    fn leave_stage(&mut self, id: LaneId, stage: CallStage, flow: &Flow, now: Timestamp) {
        let lane = self.lanes.get_mut(&id).expect("the caller has it");
        if let Some(blocked) = lane.unblock(stage) {
            self.waiting
                .remove(blocked.by, blocked.group, blocked.waiter);
        }
        self.leave_if_closed(id);
        self.let_on(id, flow, now);
        self.emptied.push(id);
    }

    /// Take the call that is to be made next, if there is one.
    pub(crate) fn take(&mut self, flow: &mut Flow, now: Timestamp) -> Option<JobId> {
        while let Some(limit) = self.waiting.take_alarm(now) {
            self.wake(limit, flow, now);
        }
        while self.running.len() < self.capacity {
            let function = self.turns.first()?;
            let lanes = &self.functions.get(&function)?.lanes;
            let lane = lanes.first().expect("who takes turns has a lane that does");
            if let Some(job) = self.look_at(lane, flow, now) {
                return Some(job);
            }
        }
        None
    }

    /// Take the first call of a lane, unless it is blocked: then it waits for the limit.
    fn look_at(&mut self, id: LaneId, flow: &mut Flow, now: Timestamp) -> Option<JobId> {
        let mut taken = None;
        let lane = self.lanes.get_mut(&id).expect("it takes turns");
        for stage in lane.open_stages() {
            let on = |limit: &&Limit| limit.demand.is_on(stage);
            let refused = lane.limits.iter().filter(on).find_map(|limit| {
                let refusal = flow.check(limit, stage, now).err()?;
                Some((limit, refusal))
            });
            let Some((limit, refusal)) = refused else {
                taken = lane.pop(stage).map(|job| (job, stage));
                break;
            };
            let blocked = Blocked {
                by: limit.id,
                group: group(limit, stage),
                waiter: Waiter {
                    place: self.waiting.next_place(),
                    lane: id,
                    stage,
                },
            };
            if let Some(until) = refusal.until {
                self.waiting.set_alarm(limit.id, until);
            }
            self.waiting
                .insert(blocked.by, blocked.group, blocked.waiter);
            lane.block(stage, blocked);
        }
        let job = taken.and_then(|(job, stage)| {
            // One that outlived its job is dropped here; it took nothing.
            (!self.running.contains_key(&job)).then_some((job, stage))
        });
        if let Some((job, stage)) = job {
            let grant = flow.take(&lane.limits, stage, job.run, now);
            let slot = Slot {
                generation: NOT_MADE,
                lane: lane.key.clone(),
                stage,
                grant,
                since: now,
            };
            self.running.insert(job, slot);
            self.serve(id);
        }
        self.leave_if_closed(id);
        self.let_on(id, flow, now);
        self.emptied.push(id);
        job.map(|(job, _)| job)
    }

    /// The call in this slot is made.
    pub(crate) fn calling(&mut self, job: JobId, generation: u32) {
        if let Some(slot) = self.running.get_mut(&job) {
            slot.generation = generation;
        }
    }

    pub(crate) fn slot(&mut self, job: JobId) -> Option<&mut Slot> {
        self.running.get_mut(&job)
    }

    /// The call of this generation has ended. `None` if that is not the one: its end was heard of
    /// before.
    pub(crate) fn ended(
        &mut self,
        job: JobId,
        generation: u32,
        flow: &mut Flow,
        now: Timestamp,
    ) -> Option<Ended> {
        let slot = self.take_slot(job, generation)?;
        let function = slot.lane.0;
        if let Some(turns) = self.functions.get_mut(&function) {
            let mean = turns.mean_call * (MEAN_SHARE - 1) + now.since(slot.since);
            turns.mean_call = mean / MEAN_SHARE;
        }
        let (freed, start) = flow.give_back(slot.grant);
        for limit in freed {
            self.wake(limit, flow, now);
        }
        Some(Ended { function, start })
    }

    /// A call that was taken is not made. Nothing of it was stored, but that the record of a rate
    /// that another start wrote meanwhile may count it: after a crash, the next start is later.
    pub(crate) fn free(&mut self, job: JobId, flow: &mut Flow, now: Timestamp) {
        let Some(slot) = self.take_slot(job, NOT_MADE) else {
            return;
        };
        let (mut freed, start) = flow.give_back(slot.grant);
        freed.extend(start.map_or_else(Vec::new, |start| flow.undo(start).1));
        for limit in freed {
            self.wake(limit, flow, now);
        }
    }

    fn take_slot(&mut self, job: JobId, generation: u32) -> Option<Slot> {
        let slot = self.running.get(&job);
        slot.filter(|slot| slot.generation == generation)?;
        self.running.remove(&job)
    }

    /// A limit may have room: let on the first of the lanes that wait for it and that it admits.
    pub(crate) fn wake(&mut self, limit: LimitId, flow: &Flow, now: Timestamp) {
        let mut next: Option<(Group, Waiter)> = None;
        let mut until: Option<Timestamp> = None;
        for (group, waiter) in self.waiting.firsts(limit) {
            let lane = self.lanes.get(&waiter.lane);
            let known = lane.and_then(|lane| lane.limit(limit));
            match known.map_or(Ok(()), |known| flow.check(known, waiter.stage, now)) {
                Ok(()) if next.is_none_or(|(_, first)| waiter < first) => {
                    next = Some((group, waiter));
                }
                Ok(()) => {}
                Err(refusal) => until = [until, refusal.until].into_iter().flatten().min(),
            }
        }
        // Whoever waits on may be the only one left: nobody else would ask again.
        if let Some(until) = until {
            self.waiting.set_alarm(limit, until);
        }
        if let Some((group, waiter)) = next {
            self.waiting.remove(limit, group, waiter);
            if let Some(lane) = self.lanes.get_mut(&waiter.lane) {
                lane.unblock(waiter.stage);
                self.join(waiter.lane);
            }
        }
    }

    /// A lane was looked at: the limits that it is under may have room for others.
    fn let_on(&mut self, id: LaneId, flow: &Flow, now: Timestamp) {
        if self.waiting.is_empty() {
            return;
        }
        let limits: Vec<LimitId> = self.lanes.get(&id).map_or_else(Vec::new, |lane| {
            lane.limits.iter().map(|limit| limit.id).collect()
        });
        for limit in limits {
            self.wake(limit, flow, now);
        }
    }

    /// The limits of a function have changed: look at all of its lanes again.
    pub(crate) fn reconsider(
        &mut self,
        function: FunctionId,
        flow: &mut Flow,
        now: Timestamp,
        limits: impl Fn(&LaneKey) -> Vec<Limit>,
    ) {
        let from = (function, None);
        let lanes: Vec<LaneId> = self
            .by_key
            .range(from..)
            .take_while(|((other, _), _)| *other == function)
            .map(|(_, id)| *id)
            .collect();
        // A limit that these lanes are under no more may have others waiting.
        let mut left = BTreeSet::new();
        for id in lanes {
            let lane = self.lanes.get_mut(&id).expect("it is there by key");
            left.extend(lane.limits.iter().map(|limit| limit.id));
            lane.limits = limits(&lane.key);
            for blocked in STAGES.into_iter().filter_map(|stage| lane.unblock(stage)) {
                self.waiting
                    .remove(blocked.by, blocked.group, blocked.waiter);
            }
            self.join(id);
        }
        for slot in self.running.values_mut() {
            if slot.lane.0 == function {
                let limits = limits(&slot.lane);
                left.extend(flow.retake(&mut slot.grant, &limits, slot.stage));
            }
        }
        for limit in left {
            self.wake(limit, flow, now);
        }
    }

    /// Forget the lanes that have nothing to do. The one of a function without keys stays: there is
    /// one, and it comes back with every step.
    pub(crate) fn sweep(&mut self) {
        for id in std::mem::take(&mut self.emptied) {
            let lane = self.lanes.get(&id);
            if lane.is_some_and(|lane| lane.is_empty() && lane.key.1.is_some()) {
                self.leave(id);
                if let Some(lane) = self.lanes.remove(&id) {
                    self.by_key.remove(&lane.key);
                    if let Some(function) = self.functions.get_mut(&lane.key.0) {
                        function.lanes.forget(lane.turn);
                    }
                }
            }
        }
    }

    /// Take part in the turns, if there is something to do.
    fn join(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        if lane.takes_turns || !lane.is_open() {
            return;
        }
        lane.takes_turns = true;
        let name = lane.key.0;
        let function = self.functions.entry(name).or_insert_with(|| FunctionTurns {
            turn: 0,
            takes_turns: false,
            lanes: Turns::new(),
            mean_call: Duration::ZERO,
        });
        function.lanes.join(&mut lane.turn, id);
        if !function.takes_turns {
            function.takes_turns = true;
            self.turns.join(&mut function.turn, name);
        }
    }

    fn leave_if_closed(&mut self, id: LaneId) {
        let lane = self.lanes.get(&id);
        if lane.is_some_and(|lane| !lane.is_open()) {
            self.leave(id);
        }
    }

    fn leave(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id).filter(|lane| lane.takes_turns) else {
            return;
        };
        lane.takes_turns = false;
        if let Some(function) = self.functions.get_mut(&lane.key.0) {
            function.lanes.leave(lane.turn, id);
            if function.lanes.is_empty() {
                function.takes_turns = false;
                self.turns.leave(function.turn, lane.key.0);
            }
        }
    }

    fn serve(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        if let Some(function) = self.functions.get_mut(&lane.key.0) {
            function.lanes.serve(&mut lane.turn, id, WEIGHT);
            self.turns.serve(&mut function.turn, lane.key.0, WEIGHT);
        }
    }

    /// Where a call is; `None` if it is not known here.
    pub(crate) fn place(&self, call: &DueCall, count_to: usize) -> Option<Place> {
        if let Some(slot) = self.running.get(&call.id) {
            return Some(Place::Running { since: slot.since });
        }
        if self.timers.contains_key(&(call.due_at, call.id)) {
            return Some(Place::Timer);
        }
        let lane = self.lane(call.function, call.keys.as_ref())?;
        let score = Score::of(call);
        if !lane.contains(call.stage, score, call.id) {
            return None;
        }
        let blocked = lane.blocked(call.stage);
        Some(Place::Queued {
            ahead: lane.before(call.stage, score, call.id, count_to),
            blocked_by: blocked.and_then(|blocked| lane.limit(blocked.by).cloned()),
        })
    }

    pub(crate) fn lane(&self, function: FunctionId, keys: Option<&Arc<str>>) -> Option<&Lane> {
        let id = self.by_key.get(&(function, keys.cloned()))?;
        self.lanes.get(id)
    }

    /// The lanes of a function that have calls.
    pub(crate) fn lanes_of(&self, function: FunctionId) -> impl Iterator<Item = &Lane> {
        self.by_key
            .range((function, None)..)
            .take_while(move |((other, _), _)| *other == function)
            .filter_map(|(_, id)| self.lanes.get(id))
    }

    /// The calls that are made and count on a limit.
    pub(crate) fn holders(&self, limit: LimitId) -> impl Iterator<Item = (JobId, Timestamp)> + '_ {
        self.running
            .iter()
            .filter(move |(_, slot)| slot.grant.counts_on(limit))
            .map(|(job, slot)| (*job, slot.since))
    }

    /// How many calls of a function are made, by the values of its keys.
    pub(crate) fn running_by_keys(
        &self,
        function: FunctionId,
    ) -> BTreeMap<Option<Arc<str>>, usize> {
        let mut counts = BTreeMap::new();
        for slot in self.running.values() {
            if slot.lane.0 == function {
                *counts.entry(slot.lane.1.clone()).or_default() += 1;
            }
        }
        counts
    }

    /// How many calls of each function are made.
    pub(crate) fn running_by_function(&self) -> BTreeMap<FunctionId, usize> {
        let mut counts = BTreeMap::new();
        for slot in self.running.values() {
            *counts.entry(slot.lane.0).or_default() += 1;
        }
        counts
    }

    /// The lanes of all functions.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.values()
    }

    /// How much of each function runs and waits.
    pub(crate) fn totals(&self) -> BTreeMap<FunctionId, FunctionTotals> {
        let mut totals: BTreeMap<FunctionId, FunctionTotals> = BTreeMap::new();
        for (function, running) in self.running_by_function() {
            totals.entry(function).or_default().running = running;
        }
        for lane in self.lanes.values().filter(|lane| !lane.is_empty()) {
            totals.entry(lane.key.0).or_default().backlog += lane.len();
        }
        totals
    }

    /// How many calls are due later.
    pub(crate) fn delayed(&self) -> usize {
        self.timers.len()
    }

    /// How long calls of a function take, the last ones counting most.
    pub(crate) fn mean_call(&self, function: FunctionId) -> Duration {
        let function = self.functions.get(&function);
        function.map_or(Duration::ZERO, |function| function.mean_call)
    }
}

/// Those that a limit admits alike.
fn group(limit: &Limit, stage: CallStage) -> Group {
    match limit.demand {
        Demand::Concurrency { limit, .. } | Demand::RunConcurrency { limit, .. } => Group(limit),
        // A function that drains holds back its starts only.
        Demand::Unpaused(_) => Group(u32::from(stage != CallStage::Start)),
        Demand::App(_) | Demand::Throttle { .. } => Group(0),
    }
}

#[cfg(test)]
mod tests;
