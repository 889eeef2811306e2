//! Throttles and rate limits: no more is admitted than the rate allows, whenever one begins to
//! count, and no event is dropped while there is room (server-semantics §4.2).

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{LimitName, SkipReason};
use everstep_protocol::Timestamp;

use super::arrivals::Arrival;
use super::{History, data};
use crate::flow::Rate;

/// Something that was admitted between these times.
type Admitted = (Timestamp, Timestamp);

/// A function, and the topic if the rate is by topic.
type Group = (usize, String);

impl History<'_> {
    pub(super) fn check_rates(&self) {
        self.check_throttles();
        self.check_rate_limits();
    }

    fn check_throttles(&self) {
        let mut groups: BTreeMap<Group, Vec<Admitted>> = BTreeMap::new();
        for past in self.runs.values() {
            let (Some(rate), Some(at)) = (past.program.flow.throttle, past.record.started_at)
            else {
                continue;
            };
            let Some(start) = self.app.audit.start(past.id(), at) else {
                self.violation(format!("{} started, and nobody saw how", past.id()));
                continue;
            };
            let topic = data(&past.trigger, "topic").filter(|_| rate.keyed);
            let group = (past.number, topic.unwrap_or_default());
            let admitted = groups.entry(group).or_default();
            admitted.push((start.taken_after, at));
            self.count("starts under a throttle");
        }
        for (group, mut admitted) in groups {
            self.check_windows(&group, LimitName::Throttle, &mut admitted);
        }
    }

    /// Whichever of those admitted one begins with, those until any later one are not too many.
    fn check_windows(&self, group: &Group, limit: LimitName, admitted: &mut [Admitted]) {
        admitted.sort_by_key(|(_, until)| *until);
        for first in 0..admitted.len() {
            let mut from = admitted[first].0;
            for (count, (after, until)) in (1..).zip(&admitted[first..]) {
                from = from.min(*after);
                let allowed = allowed(&self.rates(group, limit, from, *until), until.since(from));
                if count > allowed {
                    let (function, topic) = group;
                    let name = &self.app.programs[*function].name;
                    return self.violation(format!(
                        "{name} {topic}: {count} under the {} from {from} to {until}, allowed are {allowed}",
                        limit.as_str()
                    ));
                }
            }
        }
    }

    fn check_rate_limits(&self) {
        let mut groups: BTreeMap<Group, Vec<&Arrival>> = BTreeMap::new();
        for arrival in &self.arrivals {
            let before =
                arrival.is_batched() || arrival.reason() == Some(SkipReason::IdempotencyDuplicate);
            if let Some(rate) = arrival.program.rate_limit()
                && !before
            {
                let group = arrival.group(rate.keyed);
                groups.entry(group).or_default().push(arrival);
            }
        }
        for (group, arrivals) in groups {
            let (refused, admitted): (Vec<&Arrival>, Vec<&Arrival>) = arrivals
                .iter()
                .partition(|it| it.reason() == Some(SkipReason::RateLimited));
            let mut admitted: Vec<Admitted> =
                admitted.iter().map(|it| (it.from, it.until)).collect();
            self.check_windows(&group, LimitName::RateLimit, &mut admitted);
            for arrival in refused {
                self.count("events dropped by a rate limit");
                if !self.is_used_up(&group, &admitted, arrival) {
                    self.violation(format!(
                        "{} was dropped although the rate limit has room: {}",
                        arrival.event.id,
                        arrival.detail()
                    ));
                }
            }
        }
    }

    /// Whether the rate may have been used up when this event came: with all that may have been
    /// admitted before, as late as it may have been.
    fn is_used_up(&self, group: &Group, admitted: &[Admitted], arrival: &Arrival) -> bool {
        let mut before: Vec<Timestamp> = admitted
            .iter()
            .filter(|(from, _)| *from <= arrival.until)
            .map(|(_, until)| (*until).min(arrival.until))
            .collect();
        before.sort();
        let limit = LimitName::RateLimit;
        let first = before.first().copied().unwrap_or(arrival.from);
        let rates = self.rates(group, limit, first.min(arrival.from), arrival.until);
        let slowest = rates.iter().map(|rate| rate.interval_nanos()).max();
        let slowest = slowest.unwrap_or_default();
        let idle_at = before
            .into_iter()
            .fold(0, |idle_at: u128, at| idle_at.max(nanos(at)) + slowest);
        let rates = self.rates(group, limit, arrival.from, arrival.until);
        rates.iter().any(|rate| {
            let most = u128::from(rate.at_once() - 1) * rate.interval_nanos();
            idle_at > nanos(arrival.from) + most
        })
    }

    /// The rates that the group may have been under at some time between these.
    fn rates(
        &self,
        (function, topic): &Group,
        limit: LimitName,
        from: Timestamp,
        until: Timestamp,
    ) -> Vec<Rate> {
        let program = &self.app.programs[*function];
        let own = if limit == LimitName::Throttle {
            program.flow.throttle
        } else {
            program.rate_limit()
        };
        let Some(own) = own else {
            return Vec::new();
        };
        let controls = &self.app.clients.controls;
        let set = controls.overrides(*function, limit, topic, from, until);
        let mut rates: Vec<Rate> = set
            .into_iter()
            .map(|set| set.map_or(own, |set| own.overridden(&set)))
            .collect();
        rates.sort_by_key(|rate| (rate.interval_nanos(), rate.at_once()));
        rates.dedup();
        rates
    }
}

/// How many are allowed within this time, under any of these rates.
fn allowed(rates: &[Rate], within: Duration) -> u64 {
    let at_once: u64 = rates.iter().map(|rate| rate.at_once()).sum();
    let fastest = rates.iter().map(|rate| rate.interval_nanos()).min();
    let later = within.as_nanos() / fastest.unwrap_or(1).max(1);
    at_once + u64::try_from(later).unwrap_or(u64::MAX / 2)
}

fn nanos(at: Timestamp) -> u128 {
    u128::try_from(at.as_millis()).unwrap_or(0) * 1_000_000
}
