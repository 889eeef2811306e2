//! What of every function runs and waits, in short: one pass over all that there is.

use std::collections::BTreeMap;

use everstep_protocol::{FunctionId, Timestamp};

use super::LimitReport;
use crate::flow::limit::{Demand, limits_of};
use crate::function::Function;
use crate::record::{HoldKind, PauseRecord};
use crate::schedule::lane::Lane;
use crate::shard::Shard;

/// Of a function that is active, or has calls.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionSummary {
    pub function: FunctionId,
    /// Calls that are made.
    pub running: usize,
    /// How many of them there may be, whatever their keys are; `None` if the function does not say.
    pub running_max: Option<u32>,
    /// Calls that are due and wait.
    pub backlog: usize,
    /// When the oldest of the runs that wait was scheduled.
    pub oldest: Option<Timestamp>,
    /// The limits that do not admit it.
    pub blocked_by: Vec<LimitReport>,
    pub pause: Option<PauseRecord>,
    pub overrides: usize,
    pub debounces: usize,
    pub batches: usize,
    pub singletons: usize,
    /// Places among the runs that are taken.
    pub places: usize,
}

/// The calls of a function that wait.
#[derive(Default)]
struct Waiting<'a> {
    backlog: usize,
    oldest: Option<(Timestamp, &'a Lane)>,
}

impl Shard {
    pub(super) fn summaries(&self, now: Timestamp) -> Vec<FunctionSummary> {
        let flow = &self.flow;
        let waiting = self.waiting();
        let running = self.schedule.calls.running_by_function();
        let overrides = counted(flow.overrides.functions());
        let debounces = counted(flow.debounces.functions());
        let batches = counted(flow.batches.functions());
        let held = |kind: HoldKind| {
            let holds = flow.holds.all().filter(move |hold| hold.kind == kind);
            counted(holds.map(|hold| hold.function))
        };
        let (singletons, places) = (held(HoldKind::Singleton), held(HoldKind::Place));
        let of = |counts: &BTreeMap<FunctionId, usize>, id| counts.get(&id).copied().unwrap_or(0);
        let summary = |function: &Function| {
            let id = function.record.id;
            let waiting = waiting.get(&id);
            let oldest = waiting.and_then(|waiting| waiting.oldest);
            let blocked_by = oldest.map_or_else(Vec::new, |(_, lane)| lane.blocked_by());
            FunctionSummary {
                function: id,
                running: of(&running, id),
                running_max: self.running_max(function),
                backlog: waiting.map_or(0, |waiting| waiting.backlog),
                oldest: oldest.map(|(at, _)| at),
                blocked_by: blocked_by
                    .into_iter()
                    .map(|(limit, stage)| self.report_limit(limit.clone(), stage, now))
                    .collect(),
                pause: flow.pauses.get(&id).cloned(),
                overrides: of(&overrides, id),
                debounces: of(&debounces, id),
                batches: of(&batches, id),
                singletons: of(&singletons, id),
                places: of(&places, id),
            }
        };
        self.registry
            .functions()
            .filter(|function| {
                let id = function.record.id;
                function.is_active() || running.contains_key(&id) || waiting.contains_key(&id)
            })
            .map(|function| summary(function))
            .collect()
    }

    fn waiting(&self) -> BTreeMap<FunctionId, Waiting<'_>> {
        let mut waiting: BTreeMap<FunctionId, Waiting<'_>> = BTreeMap::new();
        for lane in self.schedule.calls.lanes() {
            let Some(oldest) = lane.oldest() else {
                continue;
            };
            let of_function = waiting.entry(lane.key.0).or_default();
            of_function.backlog += lane.len();
            if of_function.oldest.is_none_or(|(at, _)| oldest < at) {
                of_function.oldest = Some((oldest, lane));
            }
        }
        waiting
    }

    /// The lowest of the limits on calls in flight that have no key.
    fn running_max(&self, function: &Function) -> Option<u32> {
        let limits = limits_of(function, None, &self.flow.overrides).into_iter();
        let counts = limits.filter_map(|limit| match limit.demand {
            Demand::Concurrency { limit, .. } => Some(limit),
            _ => None,
        });
        counts.min()
    }
}

/// How often each function occurs.
fn counted(functions: impl Iterator<Item = FunctionId>) -> BTreeMap<FunctionId, usize> {
    let mut counts = BTreeMap::new();
    for function in functions {
        *counts.entry(function).or_default() += 1;
    }
    counts
}
