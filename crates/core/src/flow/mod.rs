//! Flow control: how much of what may run, and when (server-semantics §4).
//!
//! A call is made when every limit that it is under admits it; then it takes from all of them at
//! once. This module knows the limits and what is used of each. Which call is asked for next is the
//! business of the [`schedule`](crate::schedule).
//!
//! | to find | open |
//! |---|---|
//! | what a function asks for | `plan.rs` |
//! | which limits a call is under | `limit.rs` |
//! | throttle and rate limit | `gcra.rs`, `rates.rs`, `credits.rs` |
//! | concurrency of runs, singletons | `holds.rs` |
//! | apps that are down | `outage.rs` |
//! | events that are held back | `debounce.rs`, `batch.rs` |
//! | limits set beside the code | `overrides.rs` |

pub(crate) mod batch;
mod credits;
pub(crate) mod debounce;
pub mod gcra;
pub(crate) mod holds;
pub mod limit;
pub mod outage;
pub(crate) mod overrides;
pub(crate) mod plan;
pub(crate) mod rates;

use std::collections::BTreeMap;

use everstep_protocol::{FunctionId, RunId, Timestamp};

use self::batch::Batches;
use self::debounce::Debounces;
use self::holds::Holds;
use self::limit::{Demand, Limit};
use self::outage::Outages;
use self::overrides::Overrides;
use self::rates::Rates;
use crate::change::Change;
use crate::record::{
    CallStage, HoldKind, HoldRecord, LimitId, PauseRecord, PausedRuns, RateRecord, ShardState,
};

/// What is used of the limits.
pub(crate) struct Flow {
    /// Calls in flight, by limit.
    counts: BTreeMap<LimitId, u32>,
    calls_per_app_max: u32,
    pub(crate) rates: Rates,
    pub(crate) holds: Holds,
    pub(crate) outages: Outages,
    pub(crate) pauses: BTreeMap<FunctionId, PauseRecord>,
    pub(crate) overrides: Overrides,
    pub(crate) debounces: Debounces,
    pub(crate) batches: Batches,
}

/// A limit does not admit a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// When it may, if time alone can tell.
    pub(crate) until: Option<Timestamp>,
}

/// What a call has of its limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grant {
    /// Given back when the call has ended.
    counts: Vec<LimitId>,
    /// Taken with the start of a run, and given back if that does not take place.
    start: Option<StartGrant>,
}

#[derive(Clone, Debug, PartialEq)]
struct StartGrant {
    run: RunId,
    holds: Vec<HoldRecord>,
    rates: Vec<LimitId>,
}

/// What the start of a run took. If nobody [gives it back](Flow::undo), the start took place.
#[derive(Debug)]
pub(crate) struct Start {
    holds: Vec<HoldRecord>,
    credits: Vec<(LimitId, u64)>,
}

/// What is to be stored of a start.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StartRecords {
    pub(crate) holds: Vec<HoldRecord>,
    pub(crate) rates: Vec<RateRecord>,
}

impl Flow {
    pub(crate) fn new(calls_per_app_max: u32, state: &mut ShardState) -> Self {
        use std::mem::take;
        let pauses = take(&mut state.pauses).into_iter();
        Self {
            counts: BTreeMap::new(),
            calls_per_app_max,
            rates: Rates::new(take(&mut state.rates)),
            holds: Holds::new(take(&mut state.holds)),
            outages: Outages::default(),
            pauses: pauses.map(|pause| (pause.function, pause)).collect(),
            overrides: Overrides::new(take(&mut state.overrides)),
            debounces: Debounces::new(take(&mut state.debounces)),
            batches: Batches::new(take(&mut state.batches), take(&mut state.batch_events)),
        }
    }

    /// When something is to fire, or expires.
    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        let wakeups = [
            self.debounces.next_wakeup(),
            self.batches.next_wakeup(),
            self.overrides.next_expiry(),
        ];
        wakeups.into_iter().flatten().min()
    }

    /// How much of a count is in use.
    pub(crate) fn in_use(&self, limit: &Limit) -> u32 {
        match limit.demand {
            Demand::App(_) | Demand::Concurrency { .. } => {
                self.counts.get(&limit.id).copied().unwrap_or(0)
            }
            Demand::RunConcurrency { .. } => self.holds.count(limit.id),
            Demand::Unpaused(_) | Demand::Throttle { .. } => 0,
        }
    }

    /// How much there is of a count; `None` if it is none.
    pub(crate) fn most(&self, limit: &Limit) -> Option<u32> {
        match limit.demand {
            Demand::App(_) => Some(self.calls_per_app_max),
            Demand::Concurrency { limit, .. } | Demand::RunConcurrency { limit, .. } => Some(limit),
            Demand::Unpaused(_) | Demand::Throttle { .. } => None,
        }
    }

    /// Whether a function makes no such calls.
    pub(crate) fn is_paused(&self, function: FunctionId, stage: CallStage) -> bool {
        let pause = self.pauses.get(&function);
        pause.is_some_and(|pause| stage == CallStage::Start || pause.runs == PausedRuns::Hold)
    }

    /// Whether the limit admits one more call.
    pub(crate) fn check(
        &self,
        limit: &Limit,
        stage: CallStage,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let until = |until| Err(Refusal { until });
        match &limit.demand {
            Demand::Unpaused(function) if self.is_paused(*function, stage) => until(None),
            Demand::Unpaused(_) => Ok(()),
            Demand::App(app) => match self.outages.of(*app) {
                Some(outage) if now < outage.probe_at => until(Some(outage.probe_at)),
                _ if self.in_use(limit) >= self.calls_per_app_max => until(None),
                _ => Ok(()),
            },
            Demand::Concurrency { limit: most, .. }
            | Demand::RunConcurrency { limit: most, .. } => {
                if self.in_use(limit) < *most {
                    Ok(())
                } else {
                    until(None)
                }
            }
            Demand::Throttle { rate, .. } => match self.rates.check(limit.id, *rate, now) {
                Ok(()) => Ok(()),
                Err(retry_at) => until(Some(retry_at)),
            },
        }
    }

    /// Take one from every limit. Whether they admit it was asked before.
    pub(crate) fn take(
        &mut self,
        limits: &[Limit],
        stage: CallStage,
        run: RunId,
        now: Timestamp,
    ) -> Grant {
        let mut grant = Grant::default();
        let mut start = StartGrant {
            run,
            holds: Vec::new(),
            rates: Vec::new(),
        };
        for limit in limits.iter().filter(|limit| limit.demand.is_on(stage)) {
            match &limit.demand {
                Demand::Unpaused(_) => {}
                Demand::App(app) => {
                    self.outages.probing(*app, now);
                    self.count(&mut grant, limit.id);
                }
                Demand::Concurrency { .. } => self.count(&mut grant, limit.id),
                Demand::RunConcurrency { function, .. } => {
                    let hold = HoldRecord {
                        limit: limit.id,
                        run,
                        function: *function,
                        kind: HoldKind::Place,
                        key: limit.key.as_ref().map(|(_, value)| value.clone()),
                        since: now,
                    };
                    self.holds.put(hold.clone());
                    start.holds.push(hold);
                }
                Demand::Throttle { rate, .. } => {
                    self.rates.take_for(run, limit.id, *rate, now);
                    start.rates.push(limit.id);
                }
            }
        }
        if stage == CallStage::Start {
            grant.start = Some(start);
        }
        grant
    }

    fn count(&mut self, grant: &mut Grant, limit: LimitId) {
        *self.counts.entry(limit).or_default() += 1;
        grant.counts.push(limit);
    }

    /// The call that starts the run is made: what the run has of its limits is to be stored.
    pub(crate) fn confirm(&self, grant: &Grant) -> StartRecords {
        let Some(start) = &grant.start else {
            return StartRecords::default();
        };
        // Someone may have taken one from the run while that was loaded.
        let is_held = |hold: &&HoldRecord| self.holds.has(hold.limit, hold.run);
        let rates = start.rates.iter();
        StartRecords {
            holds: start.holds.iter().filter(is_held).cloned().collect(),
            rates: rates.map(|limit| self.rates.record(*limit)).collect(),
        }
    }

    /// The call has ended, or is not made. Which limits have more room now, and what the call took
    /// if it was to start its run.
    pub(crate) fn give_back(&mut self, grant: Grant) -> (Vec<LimitId>, Option<Start>) {
        let freed = grant.counts;
        for limit in &freed {
            if let Some(count) = self.counts.get_mut(limit) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(limit);
                }
            }
        }
        let start = grant.start.map(|StartGrant { run, holds, rates }| {
            let rates = rates.into_iter();
            let credits = rates.map(|limit| (limit, self.rates.settle(run, limit)));
            Start {
                holds,
                credits: credits.collect(),
            }
        });
        (freed, start)
    }

    /// The start did not take place: what it took is there again. What is to be stored of that, and
    /// which limits have more room now.
    pub(crate) fn undo(&mut self, start: Start) -> (Vec<Change>, Vec<LimitId>) {
        let (mut changes, mut freed) = (Vec::new(), Vec::new());
        for HoldRecord { limit, run, .. } in start.holds {
            if self.holds.remove(limit, run) {
                changes.push(Change::DeleteHold { limit, run });
                freed.push(limit);
            }
        }
        for (limit, credit) in start.credits {
            self.rates.give_back(limit, credit);
            changes.push(Change::PutRate(self.rates.record(limit)));
            freed.push(limit);
        }
        (changes, freed)
    }

    /// A call that is in flight is under other limits now. It takes from them whether or not they
    /// admit it (CC-10). The limits that it was under.
    pub(crate) fn retake(
        &mut self,
        grant: &mut Grant,
        limits: &[Limit],
        stage: CallStage,
    ) -> Vec<LimitId> {
        let before = std::mem::take(&mut grant.counts);
        for limit in &before {
            if let Some(count) = self.counts.get_mut(limit) {
                *count -= 1;
            }
        }
        for limit in limits.iter().filter(|limit| limit.demand.is_on(stage)) {
            if matches!(limit.demand, Demand::App(_) | Demand::Concurrency { .. }) {
                self.count(grant, limit.id);
            }
        }
        self.counts.retain(|_, count| *count > 0);
        before
    }
}

impl Grant {
    pub(crate) fn counts_on(&self, limit: LimitId) -> bool {
        self.counts.contains(&limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_released_before_the_run_starts_is_not_stored() {
        let function = FunctionId(everstep_protocol::ids::ENVIRONMENT);
        let run = RunId::from_bytes([1; 16]);
        let place = Limit {
            id: LimitId([1; 16]),
            demand: Demand::RunConcurrency { function, limit: 1 },
            key: None,
        };
        let limits = [place];
        let now = Timestamp::default();
        let mut flow = Flow::new(1, &mut ShardState::default());

        let grant = flow.take(&limits, CallStage::Start, run, now);
        assert_eq!(flow.confirm(&grant).holds.len(), 1);

        let grant = flow.take(&limits, CallStage::Start, run, now);
        assert!(flow.holds.remove(limits[0].id, run));
        assert!(flow.confirm(&grant).holds.is_empty());
    }
}
