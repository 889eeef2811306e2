//! What can be asked about calls: where one is, who holds a limit, how much of a function there is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::{FunctionId, JobId, Timestamp};

use super::Calls;
use crate::flow::limit::Limit;
use crate::inspect::FunctionTotals;
use crate::record::{DueCall, LimitId};
use crate::schedule::lane::{Lane, Score};

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
