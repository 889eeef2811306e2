//! Limits on runs: of those that share one, no more have started and not ended than it allows.

use std::collections::BTreeMap;

use everstep_protocol::Timestamp;

use super::{History, data};
use crate::quota::Place;

/// How long each run had a place, until it ended if it has.
type Stays = Vec<(Timestamp, Option<Timestamp>)>;

impl History<'_> {
    pub(super) fn check_places(&self) {
        let mut places: BTreeMap<Place, (u32, Stays)> = BTreeMap::new();
        for past in self.runs.values() {
            let topic = data(&past.trigger, "topic");
            let (Some(quota), Some(topic), Some(started_at)) =
                (past.program.runs_max, topic, past.record.started_at)
            else {
                continue;
            };
            let place = quota.place(&past.program.name, &topic);
            let (_, stays) = places.entry(place).or_insert((quota.most, Vec::new()));
            stays.push((started_at, past.record.ended_at));
        }
        for (place, (most, stays)) in &places {
            for (at, _) in stays {
                self.count("starts under limits");
                let is_there = |(from, until): &&(Timestamp, Option<Timestamp>)| {
                    from <= at && until.is_none_or(|until| until > *at)
                };
                let count = stays.iter().filter(is_there).count();
                if count > *most as usize {
                    self.violation(format!(
                        "{place}: {count} runs at {at}, over the limit of {most}"
                    ));
                }
            }
        }
    }
}
