//! History that follows from the rows of runs and from failures.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_core::record::{ErrorDecisionRecord, ErrorGroupId, FailureRecord, RunRecord};
use everstep_protocol::{FunctionId, RunId, Timestamp};

use super::tables::retention::place;
use crate::error_group::{ErrorBuckets, ErrorFilter, ErrorGroup};
use crate::retention::{Place, Prune, Pruned};
use crate::rollup::{Counted, HOUR, Rollup, RollupFilter, start_of, tally};

#[derive(Default)]
pub(super) struct History {
    counted: BTreeMap<RunId, Counted>,
    rollups: BTreeMap<(Timestamp, FunctionId), Rollup>,
    /// Which group a run that failed is in.
    failures: BTreeMap<RunId, ErrorGroupId>,
    /// Without what was decided about them.
    error_groups: BTreeMap<ErrorGroupId, ErrorGroup>,
    /// How many failures there were in an hour.
    error_counts: BTreeMap<(ErrorGroupId, Timestamp), u64>,
    decisions: BTreeMap<ErrorGroupId, ErrorDecisionRecord>,
}

impl History {
    /// Count what the row of the run says and was not counted before.
    pub(super) fn count(&mut self, run: &RunRecord) {
        let counted = self.counted.entry(run.id).or_default();
        let (now_counted, added) = tally(run, *counted);
        *counted = now_counted;
        for (start, rollup) in added {
            let of_function = self.rollups.entry((start, run.function)).or_default();
            *of_function += &rollup;
        }
    }

    pub(super) fn rollup_sums(&self, filter: &RollupFilter) -> Vec<(Timestamp, Rollup)> {
        let mut sums: BTreeMap<Timestamp, Rollup> = BTreeMap::new();
        for ((start, _), rollup) in self.rollups_of(filter) {
            *sums.entry(start_of(filter.bucket, *start)).or_default() += rollup;
        }
        sums.into_iter().collect()
    }

    pub(super) fn rollup_sums_by_function(
        &self,
        filter: &RollupFilter,
    ) -> Vec<(FunctionId, Timestamp, Rollup)> {
        let mut sums: BTreeMap<(FunctionId, Timestamp), Rollup> = BTreeMap::new();
        for ((start, function), rollup) in self.rollups_of(filter) {
            let bucket = (*function, start_of(filter.bucket, *start));
            *sums.entry(bucket).or_default() += rollup;
        }
        let sums = sums.into_iter();
        sums.map(|((function, start), rollup)| (function, start, rollup))
            .collect()
    }

    fn rollups_of<'a>(
        &'a self,
        filter: &'a RollupFilter,
    ) -> impl Iterator<Item = (&'a (Timestamp, FunctionId), &'a Rollup)> {
        self.rollups.iter().filter(|((start, function), _)| {
            let asked = filter.functions.as_ref();
            asked.is_none_or(|functions| functions.contains(function))
                && (filter.from..filter.until).contains(start)
        })
    }

    /// Note the failure of a run that is stored.
    pub(super) fn put_failure(&mut self, failure: &FailureRecord, step_name: Option<Arc<str>>) {
        if self.failures.contains_key(&failure.run) {
            return;
        }
        self.failures.insert(failure.run, failure.group);
        let hour = (failure.group, start_of(HOUR, failure.at));
        *self.error_counts.entry(hour).or_default() += 1;
        match self.error_groups.get_mut(&failure.group) {
            Some(group) => group.add(failure),
            None => {
                let group = ErrorGroup::new(failure, step_name);
                self.error_groups.insert(failure.group, group);
            }
        }
    }

    pub(super) fn put_decision(&mut self, record: ErrorDecisionRecord) {
        self.decisions.insert(record.group, record);
    }

    pub(super) fn error_list(&self, filter: &ErrorFilter) -> Vec<ErrorGroup> {
        let groups = self.error_groups.keys();
        let mut groups: Vec<_> = groups
            .filter_map(|group| self.error_view(*group))
            .filter(|group| filter.matches(group))
            .filter(|group| {
                let place = (group.last_seen, group.id);
                filter.after.is_none_or(|after| place < after)
            })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse((group.last_seen, group.id)));
        groups.truncate(filter.limit);
        groups
    }

    pub(super) fn error_view(&self, id: ErrorGroupId) -> Option<ErrorGroup> {
        let decision = self.decisions.get(&id);
        let decision = decision.map(|record| (record.decision, record.decided_at));
        self.error_groups.get(&id).map(|group| ErrorGroup {
            decision,
            ..group.clone()
        })
    }

    pub(super) fn error_counts(
        &self,
        groups: &[ErrorGroupId],
        buckets: &ErrorBuckets,
    ) -> Vec<Vec<u64>> {
        let width = buckets.width.as_millis();
        let of_group = |group: &ErrorGroupId| {
            let mut counts = vec![0; buckets.count];
            let range = (*group, buckets.from)..(*group, buckets.until());
            for ((_, start), runs) in self.error_counts.range(range) {
                let bucket = start.since(buckets.from).as_millis() / width;
                counts[bucket as usize] += runs;
            }
            counts
        };
        groups.iter().map(of_group).collect()
    }

    /// The run is gone.
    pub(super) fn forget(&mut self, run: RunId) {
        self.counted.remove(&run);
        self.failures.remove(&run);
    }

    pub(super) fn prune_minutes(&mut self, prune: &Prune) -> Pruned {
        let after = prune.after;
        let is_after = |key: &(Timestamp, FunctionId)| {
            after.is_none_or(|after| place(key.0, key.1) > after) && key.0 < prune.before
        };
        let found = self.rollups.keys().filter(|key| is_after(key));
        let found: Vec<_> = found.take(prune.left(0)).copied().collect();
        let mut pruned = Pruned::default();
        for (start, function) in &found {
            let hour = start_of(HOUR, *start);
            if hour != *start
                && let Some(rollup) = self.rollups.remove(&(*start, *function))
            {
                *self.rollups.entry((hour, *function)).or_default() += &rollup;
                pruned.removed += 1;
            }
        }
        if found.len() == prune.left(0) {
            pruned.next = found
                .last()
                .map(|(start, function)| place(*start, *function));
        }
        pruned
    }

    pub(super) fn prune_rollups(&mut self, prune: &Prune) -> Pruned {
        let old = self.rollups.keys().take_while(|key| key.0 < prune.before);
        let old: Vec<_> = old.take(prune.left(0)).copied().collect();
        for key in &old {
            self.rollups.remove(key);
        }
        removed(prune, old.len())
    }

    pub(super) fn prune_errors(&mut self, prune: &Prune) -> Pruned {
        let hour = start_of(HOUR, prune.before);
        let counts = self
            .error_counts
            .keys()
            .map(|(group, start)| (*start, *group));
        let mut old: Vec<_> = counts.filter(|(start, _)| *start < hour).collect();
        old.sort_unstable();
        old.truncate(prune.left(0));
        for (start, group) in &old {
            self.error_counts.remove(&(*group, *start));
        }
        let counts = removed(prune, old.len());
        if counts.next.is_some() {
            return counts;
        }
        let groups = self.error_groups.values();
        let old = groups.filter(|group| group.last_seen < prune.before);
        let mut old: Vec<_> = old.map(|group| (group.last_seen, group.id)).collect();
        old.sort_unstable();
        old.truncate(prune.left(0));
        for (_, group) in &old {
            self.error_groups.remove(group);
            self.decisions.remove(group);
        }
        removed(prune, old.len())
    }

    /// Newest first.
    pub(super) fn error_group(&self, run: RunId) -> Option<ErrorGroupId> {
        self.failures.get(&run).copied()
    }

    pub(super) fn error_runs(&self, group: ErrorGroupId) -> impl Iterator<Item = RunId> {
        let runs = self.failures.iter().rev();
        runs.filter(move |(_, of)| **of == group)
            .map(|(run, _)| *run)
    }
}

/// What was removed from the beginning; where to go on is the beginning again.
fn removed(prune: &Prune, removed: usize) -> Pruned {
    let beginning = Place {
        at: Timestamp::default(),
        id: [0; 16],
    };
    Pruned {
        removed,
        next: (removed >= prune.left(0)).then_some(beginning),
        ..Pruned::default()
    }
}
