//! Turns: while a run waits that nothing but the order of turns holds back, no other topic of its function
//! gets much more than its own does, and no other function (server-semantics §4.1).
//!
//! A run *waits for its turn* from when it was scheduled until its first call was taken up, if
//! - one incarnation of the server saw both, and its first call was not turned away in between;
//! - its function has no limit on starts and none on calls of a topic that could be reached, and nobody
//!   has paused it or set a limit of it.
//!
//! What is left is a limit that all topics of the function are under, and the room for calls of the app
//! and of the server. Of these everyone who waits gets one after the other.
//!
//! Others were served if their call was certainly taken up while the run waited; its own topic or
//! function was if that is possible. A run that was read may have been served without a call.

use std::collections::{BTreeMap, BTreeSet};

use everstep_core::record::RunStatus;
use everstep_protocol::{RunId, Timestamp};

use super::{History, Past};
use crate::audit::Service;
use crate::quota::Shared;

/// By how many services another one may be ahead, if only the room of the server is shared: the one that
/// waits was served last, and of two whose turn it is the other one is first.
const EXCESS_MAX: u64 = 2;

/// How many more for each limit that has both wait: the other one may have come to wait for it before, and
/// who was let on and finds the room taken waits anew behind it.
const EXCESS_PER_LIMIT: u64 = 2;

impl History<'_> {
    pub(super) fn check_turns(&self) {
        let (mut loads, services) = self.app.audit.services();
        let called: BTreeSet<(RunId, Timestamp)> = services
            .iter()
            .map(|service| (service.run, service.taken_after))
            .collect();
        loads.retain(|load| !called.contains(&(load.run, load.taken_after)));
        for past in self.runs.values() {
            let Some((from, until)) = self.turn_awaited(past) else {
                continue;
            };
            let (loads, services) = (since(&loads, from), since(&services, from));
            let possible = loads
                .iter()
                .chain(services)
                .filter(|service| service.run != past.id() && service.taken_after <= until);
            let certain = services
                .iter()
                .filter(|service| service.taken_after > from && service.at < until);
            let (own_topic, own_function) = self.own(past, possible);
            let (topics, functions) = self.others(past, certain);
            let most = self.excess_max(past);
            if let Some(count) = topics.into_values().max() {
                self.count("turns of topics");
                self.check_turn(past, own_topic + most, count, "another topic");
            }
            // Under limits, topics take turns and not functions.
            if let Some(count) = functions.into_values().max()
                && most == EXCESS_MAX
            {
                self.count("turns of functions");
                self.check_turn(past, own_function + most, count, "another function");
            }
        }
    }

    fn check_turn(&self, past: &Past, most: u64, count: u64, other: &str) {
        if count > most {
            self.violation(format!(
                "{}: {other} was served {count} times while it waited, and not {most} times at most",
                past.id()
            ));
        }
    }

    /// The services of the run's topic in its function, and of its function.
    fn own<'a>(&self, past: &Past, services: impl Iterator<Item = &'a Service>) -> (u64, u64) {
        let (mut topic, mut function) = (0, 0);
        for other in services.filter_map(|service| self.runs.get(&service.run)) {
            let is_function = other.number == past.number;
            function += u64::from(is_function);
            topic += u64::from(is_function && other.record.keys == past.record.keys);
        }
        (topic, function)
    }

    /// The services of each other topic of the function, and of each other function.
    fn others<'a>(
        &self,
        past: &Past,
        services: impl Iterator<Item = &'a Service>,
    ) -> (BTreeMap<&str, u64>, BTreeMap<usize, u64>) {
        let (mut topics, mut functions) = (BTreeMap::new(), BTreeMap::new());
        for other in services.filter_map(|service| self.runs.get(&service.run)) {
            if other.number != past.number {
                *functions.entry(other.number).or_default() += 1;
            } else if other.record.keys != past.record.keys {
                let keys = other.record.keys.as_deref().unwrap_or_default();
                *topics.entry(keys).or_default() += 1;
            }
        }
        (topics, functions)
    }

    /// From when until when the run certainly waited for its turn.
    fn turn_awaited(&self, past: &Past) -> Option<(Timestamp, Timestamp)> {
        let audit = &self.app.audit;
        let start = audit.start(past.id(), past.record.started_at?)?;
        let (from, until) = (past.queued_at(), start.taken_after);
        let waits = past.record.status != RunStatus::Skipped
            && start.incarnation < from
            && from < until
            && !audit.was_undone(past.id())
            && past.program.is_even()
            && self.app.clients.controls.left_alone(past.number);
        waits.then_some((from, until))
    }

    fn excess_max(&self, past: &Past) -> u64 {
        let mut limits = past.program.calls_max.iter();
        let of_function = limits.any(|it| it.shared == Shared::Function);
        let of_app = (self.app.calls_max as usize) < self.app.in_flight_max
            || self.app.faults.turned_away > 0;
        EXCESS_MAX + EXCESS_PER_LIMIT * (u64::from(of_function) + u64::from(of_app))
    }
}

/// Those of that time and later, of some in their order.
fn since(services: &[Service], from: Timestamp) -> &[Service] {
    &services[services.partition_point(|service| service.at < from)..]
}
