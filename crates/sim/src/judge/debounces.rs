//! Debounces: of the events that come one after the other the last one starts a run, not before it
//! was the last for the period, and not long after (server-semantics §4.3).

use std::collections::BTreeMap;

use everstep_core::record::SkipReason;
use everstep_protocol::Timestamp;
use everstep_protocol::time::parse_instant;

use super::History;
use super::arrivals::Arrival;
use crate::flow::Debounce;

impl History<'_> {
    pub(super) fn check_debounces(&self) {
        let mut groups: BTreeMap<(usize, String), Vec<&Arrival>> = BTreeMap::new();
        for arrival in &self.arrivals {
            if let Some(debounce) = arrival.program.flow.debounce
                && arrival.is_debounced()
            {
                let group = arrival.group(debounce.keyed);
                groups.entry(group).or_default().push(arrival);
            }
        }
        for group in groups.values() {
            for arrival in group {
                if let Some(debounce) = arrival.program.flow.debounce
                    && let Some(problem) = self.debounce_problem(debounce, arrival, group)
                {
                    self.violation(format!(
                        "{} of {} {problem}: {:?}",
                        arrival.event.id, arrival.program.name, arrival.skip
                    ));
                }
            }
        }
    }

    fn debounce_problem(
        &self,
        debounce: Debounce,
        arrival: &Arrival,
        group: &[&Arrival],
    ) -> Option<String> {
        self.count("events in debounces");
        if arrival.reason() == Some(SkipReason::DebounceOutdated) {
            let is_held = |other: &&&Arrival| {
                other.event.id.to_string() == arrival.detail()
                    && other.event.ts > arrival.event.ts
                    && other.from <= arrival.until
            };
            let is_outdated = group.iter().any(|other| is_held(&other));
            return (!is_outdated).then(|| "is outdated by no event".to_owned());
        }
        let fires_at = fires_at(arrival);
        if let Some(problem) = fires_at.and_then(|at| wrong_time(debounce, arrival, at)) {
            return Some(problem);
        }
        // One that was refused when it fired has its reason, and no time any more.
        let fires_at = fires_at?;
        let later = |other: &&&Arrival| {
            other.reason() != Some(SkipReason::DebounceOutdated)
                && other.event.id != arrival.event.id
                && other.event.ts >= arrival.event.ts
        };
        let Some(run) = self.run_of(arrival) else {
            let is_replaced = group
                .iter()
                .filter(later)
                .any(|other| other.until >= arrival.from && other.from <= self.settled(fires_at));
            return (!is_replaced).then(|| "was never fired, and not replaced".to_owned());
        };
        let queued_at = run.queued_at();
        let keyed = debounce.keyed.then(|| arrival.topic());
        let controls = &self.app.clients.controls;
        let is_hastened = controls.may_have_fired(arrival.function, keyed, arrival.from, queued_at);
        if queued_at < fires_at && !is_hastened {
            return Some(format!("fired too early, at {queued_at}"));
        }
        if queued_at > self.settled(fires_at) {
            return Some(format!("fired long after its time, at {queued_at}"));
        }
        let replacement = group
            .iter()
            .filter(later)
            .find(|other| arrival.surely_before(other) && other.until < fires_at);
        if let Some(replacement) = replacement
            && !is_hastened
        {
            return Some(format!(
                "has a run, although {} took its place",
                replacement.event.id
            ));
        }
        self.capped_problem(debounce, arrival, fires_at, group)
    }

    /// The time from the first event on is limited.
    fn capped_problem(
        &self,
        debounce: Debounce,
        arrival: &Arrival,
        fires_at: Timestamp,
        group: &[&Arrival],
    ) -> Option<String> {
        let timeout = debounce.timeout?;
        let others = group
            .iter()
            .filter(|other| other.event.id != arrival.event.id && other.from <= arrival.until);
        let mut fired_before = Timestamp::default();
        for other in others {
            match self.run_of(other) {
                Some(run) => fired_before = fired_before.max(run.queued_at()),
                // It was refused when it fired, whenever that was.
                None if other.reason() == Some(SkipReason::EventDuplicate) => return None,
                None => {}
            }
        }
        let first = group.iter().find(|other| {
            other.from > fired_before
                && other.surely_before(arrival)
                && other.reason() == Some(SkipReason::Debounced)
        })?;
        (fires_at > first.until + timeout)
            .then(|| format!("was held back for too long since {}", first.event.id))
    }
}

/// When it was to fire, as was noted when it came.
fn fires_at(arrival: &Arrival) -> Option<Timestamp> {
    if arrival.reason() != Some(SkipReason::Debounced) {
        return None;
    }
    parse_instant(arrival.detail().strip_prefix("until ")?).ok()
}

fn wrong_time(debounce: Debounce, arrival: &Arrival, fires_at: Timestamp) -> Option<String> {
    let is_late = fires_at > arrival.until + debounce.period;
    let is_early = debounce.timeout.is_none() && fires_at < arrival.from + debounce.period;
    (is_late || is_early).then(|| "is held back for another time than the period".to_owned())
}
