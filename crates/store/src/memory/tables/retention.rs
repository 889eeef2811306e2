//! Removing what is old. A run goes in one portion, however large it is.

use std::collections::BTreeSet;
use std::ops::Bound;

use everstep_core::record::{MetadataTarget, Resolution};
use everstep_protocol::{EventId, FunctionId, RunId, Timestamp};

use super::Tables;
use crate::retention::{History, Place, Prune, Pruned, Storage};

impl Tables {
    pub(in crate::memory) fn prune(&mut self, prune: &Prune) -> Pruned {
        match prune.history {
            History::Runs => self.prune_runs(prune, Self::remove_run),
            History::Traces => self.prune_runs(prune, Self::remove_traces),
            History::Events => self.prune_events(prune),
            History::Minutes => self.history.prune_minutes(prune),
            History::Rollups => self.history.prune_rollups(prune),
            History::Errors => self.history.prune_errors(prune),
        }
    }

    fn prune_runs(&mut self, prune: &Prune, remove: fn(&mut Self, RunId) -> usize) -> Pruned {
        let mut pruned = Pruned::default();
        let start = prune.after.map_or(Bound::Unbounded, |place| {
            Bound::Excluded(RunId::from_bytes(place.id))
        });
        let ids = self.runs.range((start, Bound::Unbounded));
        let ids: Vec<RunId> = ids.map(|(id, _)| *id).collect();
        let mut last = prune.after;
        for (looked_at, id) in ids.into_iter().enumerate() {
            if id.timestamp() >= prune.before {
                break;
            }
            if prune.left(pruned.removed.max(looked_at)) == 0 {
                pruned.next = last;
                break;
            }
            let run = &self.runs[&id];
            let ended_at = run.ended_at.unwrap_or(id.timestamp());
            if run.status.is_final() && ended_at < prune.before {
                pruned.removed += remove(self, id);
            }
            last = Some(Place {
                at: Timestamp::default(),
                id: id.to_bytes(),
            });
        }
        pruned
    }

    fn remove_run(&mut self, run: RunId) -> usize {
        self.runs.remove(&run);
        self.history.forget(run);
        self.put_run_events(run, Vec::new());
        self.run_events.remove(&run);
        let steps = self.steps.remove(&run);
        let attempts = self.attempts.remove(&run);
        self.defers.remove(&run);
        self.metadata.remove(&run);
        self.spans.remove(&run);
        self.operations.forget(run);
        self.attributes.forget(run);
        1 + steps.map_or(0, |steps| steps.len()) + attempts.map_or(0, |attempts| attempts.len())
    }

    /// Those of a run without attempts stay: nobody looks for them.
    fn remove_traces(&mut self, run: RunId) -> usize {
        let Some(attempts) = self.attempts.remove(&run) else {
            return 0;
        };
        self.spans.remove(&run);
        if let Some(metadata) = self.metadata.get_mut(&run) {
            metadata.retain(|(target, _), _| match target {
                MetadataTarget::Run | MetadataTarget::Step(_) => true,
                MetadataTarget::Attempt { .. } | MetadataTarget::Span { .. } => false,
            });
        }
        attempts.len()
    }

    fn prune_events(&mut self, prune: &Prune) -> Pruned {
        let mut found: Vec<(Timestamp, EventId)> = self
            .events
            .values()
            .map(|event| (event.received_at, event.id))
            .filter(|(received_at, _)| *received_at < prune.before)
            .filter(|(received_at, id)| {
                let place = (*received_at, id.to_bytes());
                prune.after.is_none_or(|after| place > (after.at, after.id))
            })
            .collect();
        found.sort_unstable();
        found.truncate(prune.left(0));
        let needed = self.events_needed();
        let mut pruned = Pruned::default();
        for (_, id) in &found {
            if !needed.contains(id) {
                self.events.remove(id);
                self.skips.remove(id);
                pruned.removed += 1;
            }
        }
        if found.len() == prune.left(0) {
            pruned.next = found.last().map(|(at, id)| Place {
                at: *at,
                id: id.to_bytes(),
            });
        }
        pruned
    }

    /// Those that something live can't go on without.
    fn events_needed(&self) -> BTreeSet<EventId> {
        let live = self.live_runs.keys().map(|(_, run)| run);
        let of_runs = live.filter_map(|run| self.run_events.get(run)).flatten();
        let waits = self.waits.values().flat_map(|waits| waits.values());
        let of_waits = waits.filter_map(|(_, wait)| match &wait.resolution {
            Some(Resolution::Event(event)) => Some(event.id),
            Some(Resolution::Value(_)) | None => None,
        });
        let needed = of_runs.copied().chain(of_waits);
        needed.chain(self.flow.events_held()).collect()
    }

    pub(in crate::memory) fn storage(&self) -> Storage {
        let received = self.events.values().map(|event| event.received_at);
        Storage {
            oldest_run: self.runs.keys().next().map(|run| run.timestamp()),
            oldest_event: received.min(),
            ..Storage::default()
        }
    }

    /// How many rows the larger tables have.
    pub(in crate::memory) fn rows(&self) -> [(&'static str, usize); 4] {
        let of_runs = |rows: &mut dyn Iterator<Item = usize>| rows.sum();
        [
            (
                "attempts",
                of_runs(&mut self.attempts.values().map(|of| of.len())),
            ),
            ("events", self.events.len()),
            ("runs", self.runs.len()),
            (
                "steps",
                of_runs(&mut self.steps.values().map(|of| of.len())),
            ),
        ]
    }
}

/// The place of a row of a function.
pub(in crate::memory) fn place(at: Timestamp, function: FunctionId) -> Place {
    Place {
        at,
        id: function.0.into_bytes(),
    }
}
