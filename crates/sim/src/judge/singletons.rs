//! Singletons: of the runs that share one, one is there at a time (server-semantics §4.6).

use std::collections::BTreeMap;

use everstep_core::record::{RunStatus, SkipReason};
use everstep_protocol::Timestamp;

use super::arrivals::Arrival;
use super::{History, Past, data};

type Group = (usize, Option<String>);

impl History<'_> {
    pub(super) fn check_singletons(&self) {
        let mut groups: BTreeMap<Group, Vec<&Past>> = BTreeMap::new();
        for past in self.runs.values() {
            if let Some(group) = singleton(past)
                && past.record.status != RunStatus::Skipped
            {
                groups.entry(group).or_default().push(past);
            }
        }
        for runs in groups.values_mut() {
            runs.sort_by_key(|past| past.id());
            for pair in runs.windows(2) {
                self.check_pair(pair[0], pair[1]);
            }
        }
        for arrival in &self.arrivals {
            if arrival.reason() == Some(SkipReason::Singleton) {
                self.count("runs skipped by a singleton");
                self.check_holder(arrival);
            }
        }
    }

    /// The earlier run had ended when the later one came, or ended because it came.
    fn check_pair(&self, earlier: &Past, later: &Past) {
        let replaces = earlier.program.flow.singleton.is_some_and(|it| it.replaces);
        let at = later.queued_at();
        let until = if replaces { self.settled(at) } else { at };
        let released_at = self.released_at(earlier);
        let is_released = released_at.is_some_and(|released_at| released_at <= at);
        if earlier.outlived(until) && !is_released {
            self.violation(format!(
                "{} came at {at}, while {} was the only one that may be there (until {:?})",
                later.id(),
                earlier.id(),
                earlier.record.ended_at
            ));
        }
        if replaces && earlier.outlived(at) {
            self.count("runs replaced in a singleton");
        }
    }

    /// A run was skipped because of one that was there.
    fn check_holder(&self, arrival: &Arrival) {
        let holder = arrival.detail().parse().ok();
        let holder = holder.and_then(|run| self.runs.get(&run));
        let is_right = self.run_of(arrival).is_some_and(|skipped| {
            let at = skipped.queued_at();
            holder.is_some_and(|holder| {
                singleton(holder) == singleton(skipped)
                    && holder.record.status != RunStatus::Skipped
                    && holder.queued_at() <= at
                    && holder.record.ended_at.is_none_or(|ended_at| ended_at >= at)
            })
        });
        let replaces = arrival.program.flow.singleton.is_some_and(|it| it.replaces);
        if !is_right || replaces {
            self.violation(format!(
                "{} was skipped because of {}, which was not there",
                arrival.event.id,
                arrival.detail()
            ));
        }
    }

    /// Whether a later run took the place of this one before it ended.
    pub(super) fn is_replaced(&self, past: &Past, ended_at: Timestamp) -> bool {
        past.program.flow.singleton.is_some_and(|it| it.replaces)
            && self.runs.values().any(|later| {
                later.id() > past.id()
                    && later.record.status != RunStatus::Skipped
                    && singleton(later) == singleton(past)
                    && later.queued_at() <= ended_at
            })
    }
}

/// What the run shares with those that may not be there beside it.
fn singleton(past: &Past) -> Option<Group> {
    let singleton = past.program.flow.singleton?;
    let topic = data(&past.trigger, "topic").filter(|_| singleton.keyed);
    Some((past.number, topic))
}
