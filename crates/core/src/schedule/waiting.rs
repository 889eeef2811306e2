//! Which lanes wait for which limit.

use std::collections::{BTreeMap, BTreeSet};

use everstep_protocol::Timestamp;

use super::lane::LaneId;
use crate::record::{CallStage, LimitId};

/// A queue of a lane that a limit does not admit. They are let on in the order in which they came:
/// who was let on and comes again is last, so the lanes of all functions that share a limit take
/// turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Waiter {
    /// Counts those who came to wait.
    pub(crate) place: u64,
    pub(crate) lane: LaneId,
    pub(crate) stage: CallStage,
}

/// Functions may share a limit and differ in how much of it they may use (CC-2). Those for which it
/// is the same form a group: a limit admits the first of a group, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group(pub(crate) u32);

#[derive(Default)]
pub(crate) struct Waiting {
    waiters: BTreeMap<LimitId, BTreeMap<Group, BTreeSet<Waiter>>>,
    /// When a limit may admit something because time has passed.
    alarms: BTreeSet<(Timestamp, LimitId)>,
    next_place: u64,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    pub(crate) fn next_place(&mut self) -> u64 {
        self.next_place += 1;
        self.next_place
    }

    pub(crate) fn insert(&mut self, limit: LimitId, group: Group, waiter: Waiter) {
        let groups = self.waiters.entry(limit).or_default();
        groups.entry(group).or_default().insert(waiter);
    }

    pub(crate) fn remove(&mut self, limit: LimitId, group: Group, waiter: Waiter) {
        let Some(groups) = self.waiters.get_mut(&limit) else {
            return;
        };
        if let Some(waiters) = groups.get_mut(&group) {
            waiters.remove(&waiter);
            if waiters.is_empty() {
                groups.remove(&group);
            }
        }
        if groups.is_empty() {
            self.waiters.remove(&limit);
        }
    }

    /// The first of each group.
    pub(crate) fn firsts(&self, limit: LimitId) -> impl Iterator<Item = (Group, Waiter)> + '_ {
        let groups = self.waiters.get(&limit).into_iter().flatten();
        groups.filter_map(|(group, waiters)| Some((*group, *waiters.first()?)))
    }

    pub(crate) fn set_alarm(&mut self, limit: LimitId, at: Timestamp) {
        self.alarms.insert((at, limit));
    }

    pub(crate) fn next_alarm(&self) -> Option<Timestamp> {
        self.alarms.first().map(|(at, _)| *at)
    }

    pub(crate) fn take_alarm(&mut self, now: Timestamp) -> Option<LimitId> {
        let (at, limit) = self.alarms.first().copied()?;
        if at > now {
            return None;
        }
        self.alarms.remove(&(at, limit));
        Some(limit)
    }
}
