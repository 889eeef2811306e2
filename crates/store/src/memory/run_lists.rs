//! Lists of runs: every run is looked at.

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_core::record::RunRecord;
use everstep_protocol::{FunctionId, RunId};

use super::tables::Tables;
use crate::run_list::{Order, RunCount, RunCursor, RunFilter, RunPage, RunQuery, RunTrigger};

impl Tables {
    pub(super) fn run_list(&self, query: &RunQuery) -> RunPage {
        let mut found = self.runs_of(&query.filter);
        found.sort_by_key(|(cursor, _)| *cursor);
        if query.order == Order::Descending {
            found.reverse();
        }
        if let Some(after) = query.after {
            found.retain(|(cursor, _)| match query.order {
                Order::Ascending => *cursor > after,
                Order::Descending => *cursor < after,
            });
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().map(|(cursor, _)| *cursor).or(query.after);
        let runs = found.into_iter().map(|(_, run)| RunRecord {
            output: run.output.clone().filter(|_| query.with_output),
            ..run.clone()
        });
        RunPage {
            runs: runs.collect(),
            next: next.filter(|_| more),
        }
    }

    pub(super) fn run_count(&self, filter: &RunFilter, max: usize) -> RunCount {
        let runs = self.runs_of(filter).len();
        RunCount {
            runs: runs.min(max),
            is_exact: runs <= max,
        }
    }

    pub(super) fn run_trigger(&self, run: RunId, events_max: usize) -> RunTrigger {
        let ids = self.run_events.get(&run).map_or(&[][..], Vec::as_slice);
        let first = ids.first().and_then(|first| self.events.get(first));
        RunTrigger {
            events: ids.iter().copied().take(events_max).collect(),
            event_name: first.map(|event| Arc::clone(&event.name)),
        }
    }

    fn runs_of(&self, filter: &RunFilter) -> Vec<(RunCursor, &RunRecord)> {
        let functions = filter.functions_among(self.functions_of_apps(filter));
        let meant = self.runs.values().filter(|run| {
            filter.allows(run, functions.as_ref())
                && filter.allows_group(self.history.error_group(run.id))
                && self.attributes.allows(filter, run.id)
                && self.operations.allows(filter, run.id)
                && (!filter.asks_for_event() || filter.allows_event(self.event_name(run)))
        });
        let placed = meant.filter_map(|run| {
            let at = filter.time.of(run)?;
            Some((RunCursor { at, run: run.id }, run))
        });
        placed.collect()
    }

    fn functions_of_apps(&self, filter: &RunFilter) -> Option<BTreeSet<FunctionId>> {
        let functions = self.functions.values().map(|(_, function)| function);
        let of_apps = functions.filter(|function| filter.apps.contains(&function.app));
        (!filter.apps.is_empty()).then(|| of_apps.map(|function| function.id).collect())
    }

    fn event_name(&self, run: &RunRecord) -> Option<&str> {
        let first = self.run_events.get(&run.id)?.first()?;
        Some(&self.events.get(first)?.name)
    }
}
