//! Batches: each has one run, with the events that were added to it in the order in which they came,
//! as soon as it is full or its time has come (server-semantics §4.5).

use std::collections::BTreeMap;

use everstep_core::record::SkipReason;
use everstep_protocol::{BatchId, EventId};

use super::arrivals::Arrival;
use super::{History, Past};
use crate::flow::Batch;

/// A batch that has fired.
struct Fired<'a> {
    id: BatchId,
    run: &'a Past,
    events: Vec<&'a Arrival>,
}

impl History<'_> {
    pub(super) fn check_batches(&self) {
        let mut groups: BTreeMap<(usize, String), Vec<Fired<'_>>> = BTreeMap::new();
        let mut seen: BTreeMap<BatchId, &Past> = BTreeMap::new();
        for run in self.runs.values() {
            let Some(id) = run.record.batch else {
                continue;
            };
            self.count("batches");
            if let Some(other) = seen.insert(id, run) {
                self.violation(format!("{id} has the runs {} and {}", run.id(), other.id()));
            }
            let (Some(batch), Some(fired)) = (run.program.flow.batch, self.fired(id, run)) else {
                self.violation(format!("{} has a batch that nobody asked for", run.id()));
                continue;
            };
            if let Some(problem) = self.batch_problem(batch, &fired) {
                self.violation(format!("{}: the batch {id} {problem}", run.id()));
            }
            let group = fired.events[0].group(batch.keyed);
            groups.entry(group).or_default().push(fired);
        }
        for batches in groups.values_mut() {
            batches.sort_by_key(|batch| batch.id);
            for pair in batches.windows(2) {
                self.check_sequence_of_batches(&pair[0], &pair[1]);
            }
        }
    }

    fn fired<'a>(&'a self, id: BatchId, run: &'a Past) -> Option<Fired<'a>> {
        let arrival = |event: &EventId| {
            let mut arrivals = self.arrivals.iter();
            arrivals.find(|it| it.event.id == *event && it.program.name == run.program.name)
        };
        let events: Vec<&Arrival> = run.events.iter().filter_map(arrival).collect();
        (events.len() == run.events.len() && !events.is_empty()).then_some(Fired {
            id,
            run,
            events,
        })
    }

    fn batch_problem(&self, batch: Batch, fired: &Fired<'_>) -> Option<String> {
        let Fired { id, run, events } = fired;
        let opened_at = id.timestamp();
        let added = |it: &&Arrival| {
            it.reason() == Some(SkipReason::Batched) && it.detail() == id.to_string()
        };
        let noted = self.arrivals.iter().filter(added).count();
        // The reason of the first is another one if its run was skipped.
        if !events[1..].iter().all(added)
            || noted != events[usize::from(!added(&events[0]))..].len()
        {
            return Some(format!("has other events than {noted} that were added"));
        }
        let group = events[0].group(batch.keyed);
        if events
            .iter()
            .any(|it| it.group(batch.keyed) != group || !it.is_batched())
        {
            return Some("has events that do not belong together".to_owned());
        }
        let size_max = batch.size_max as usize;
        if events.len() > size_max {
            return Some(format!("has {} events", events.len()));
        }
        if events.windows(2).any(|pair| pair[1].surely_before(pair[0])) {
            return Some("has its events in another order".to_owned());
        }
        if !(events[0].from..=events[0].until).contains(&opened_at) {
            return Some("was not opened by its first event".to_owned());
        }
        let (queued_at, time) = (run.queued_at(), opened_at + batch.timeout);
        let is_full = events.len() == size_max;
        let is_flushed = self.app.clients.controls.may_have_flushed(*id, queued_at);
        if queued_at < time && !is_full && !is_flushed {
            return Some(format!("fired too early, at {queued_at}"));
        }
        let latest = if is_full {
            time.min(events[size_max - 1].until)
        } else {
            time
        };
        (queued_at > self.settled(latest))
            .then(|| format!("fired long after its time, at {queued_at}"))
    }

    /// An event goes to the batch that is open.
    fn check_sequence_of_batches(&self, one: &Fired<'_>, next: &Fired<'_>) {
        let late = one.events.iter().find(|it| it.from > next.id.timestamp());
        if let Some(late) = late {
            self.violation(format!(
                "{}: {} was added to a batch although there was a newer one",
                one.run.id(),
                late.event.id
            ));
        }
    }
}
