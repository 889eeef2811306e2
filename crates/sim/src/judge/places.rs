//! Limits on runs: of those that share one, no more have started and not ended than it allows.

use std::collections::BTreeMap;

use everstep_core::record::LimitName;
use everstep_protocol::Timestamp;

use super::{History, Past, data};
use crate::quota::Place;

/// A run had a place from then on, until it ended if it has.
struct Stay {
    from: Timestamp,
    until: Option<Timestamp>,
    /// How many the limit allowed, at most, when it was taken up.
    most: u32,
}

impl History<'_> {
    pub(super) fn check_places(&self) {
        let mut places: BTreeMap<Place, Vec<Stay>> = BTreeMap::new();
        for past in self.runs.values() {
            let topic = data(&past.trigger, "topic");
            let (Some(quota), Some(topic), Some(from)) =
                (past.program.runs_max, topic, past.record.started_at)
            else {
                continue;
            };
            let start = self.app.audit.start(past.id(), from);
            let taken_after = start.map_or(from, |start| start.taken_after);
            let controls = &self.app.clients.controls;
            let limit = LimitName::RunConcurrency;
            let set = controls.overrides(past.number, limit, &topic, taken_after, from);
            let most = set
                .iter()
                .map(|set| set.map_or(quota.most, |set| set.value));
            let ended_at = past.record.ended_at.into_iter();
            let place = quota.place(&past.program.name, &topic);
            places.entry(place).or_default().push(Stay {
                from,
                until: ended_at.chain(self.released_at(past)).min(),
                most: most.max().unwrap_or(quota.most),
            });
        }
        for (place, stays) in &places {
            for Stay { from: at, most, .. } in stays {
                self.count("starts under limits");
                let is_there =
                    |stay: &&Stay| stay.from <= *at && stay.until.is_none_or(|until| until > *at);
                let count = stays.iter().filter(is_there).count();
                if count > *most as usize {
                    self.violation(format!(
                        "{place}: {count} runs at {at}, over the limit of {most}"
                    ));
                }
            }
        }
    }

    /// When someone may have taken from the run what it holds, at the earliest.
    pub(super) fn released_at(&self, past: &Past) -> Option<Timestamp> {
        self.app.clients.controls.released_at(past.id())
    }

    /// What runs hold is given back when they end.
    pub(super) async fn check_holds(&self) {
        for hold in super::state(self.store).await.holds {
            let run = self.runs.get(&hold.run);
            if run.is_none_or(|run| run.record.status.is_final()) {
                self.violation(format!("{hold:?} is left of a run that has ended"));
            }
        }
    }
}
