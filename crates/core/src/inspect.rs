//! Why is this not running? What the shard knows of calls and of the limits that they are under
//! (design: nothing waits silently). Looking changes nothing.

mod summary;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::{BatchId, FunctionId, JobId, RunId, Timestamp};

pub use self::summary::FunctionSummary;
use crate::effect::{Answer, ReplyTo};
use crate::flow::limit::{Demand, Limit, limits_of};
use crate::flow::outage::Outage;
use crate::function::Function;
use crate::limits::{AHEAD_COUNTED_MAX, HOLDERS_SHOWN_MAX, LANES_SHOWN_MAX};
use crate::record::{
    CallStage, DebounceRecord, DueCall, HoldRecord, LimitId, OverrideRecord, PauseRecord,
};
pub use crate::schedule::calls::Place;
use crate::schedule::lane::Lane;
use crate::shard::Shard;
use crate::turn::Turn;

/// What someone wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Inspection {
    /// Where these calls are, and what they wait for.
    Calls(Vec<DueCall>),
    /// What of a function runs and waits, by key.
    Function(FunctionId),
    /// The same of every function, in short.
    Functions,
    /// How much runs and waits.
    Totals,
}

/// What is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    Calls(Vec<CallReport>),
    /// `None`: there is no such function.
    Function(Option<Box<FunctionReport>>),
    /// By id.
    Functions(Vec<FunctionSummary>),
    Totals(Totals),
}

/// How much runs and waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Those that have calls.
    pub functions: BTreeMap<FunctionId, FunctionTotals>,
    /// Calls that are due later, within the horizon.
    pub delayed: usize,
    /// Runs in memory.
    pub runs_resident: usize,
    pub waits: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FunctionTotals {
    /// Calls that are made.
    pub running: usize,
    /// Calls that are due and wait.
    pub backlog: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CallReport {
    pub job: JobId,
    /// `None` if it is not known in memory: it is due beyond the horizon, or its run is just loaded.
    pub place: Option<Place>,
    /// Every limit that it is under.
    pub limits: Vec<LimitReport>,
    /// How long calls of the function take.
    pub mean_call: Duration,
}

/// A limit, and what is used of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitReport {
    pub limit: Limit,
    pub in_use: u32,
    /// How much there is; `None` if it is not a count.
    pub most: Option<u32>,
    /// Whether it admits one more call.
    pub admits: bool,
    /// When it will, if time alone can tell.
    pub until: Option<Timestamp>,
    /// The first of those who hold it.
    pub holders: Vec<Holder>,
    pub outage: Option<Outage>,
}

/// A run that has something of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub run: RunId,
    pub since: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FunctionReport {
    pub function: FunctionId,
    /// Calls that are made.
    pub running: usize,
    /// Calls that are due and wait.
    pub backlog: usize,
    pub mean_call: Duration,
    pub pause: Option<PauseRecord>,
    pub overrides: Vec<OverrideRecord>,
    /// Limits of the function that have no key.
    pub limits: Vec<LimitReport>,
    /// By backlog, the longest first, to a maximum.
    pub lanes: Vec<LaneReport>,
    /// How many there are.
    pub lanes_total: usize,
    pub debounces: Vec<DebounceRecord>,
    pub batches: Vec<BatchReport>,
    /// Singletons and places among the runs.
    pub holds: Vec<HoldRecord>,
}

/// The calls of one function and key.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneReport {
    /// Values of the keys, as a JSON object by expression.
    pub keys: Option<Arc<str>>,
    /// Calls that are made.
    pub running: usize,
    pub backlog: usize,
    /// When the oldest of the runs was scheduled.
    pub oldest: Option<Timestamp>,
    /// The limits that have these keys.
    pub limits: Vec<LimitReport>,
    /// The limits that do not admit the next call.
    pub blocked_by: Vec<LimitReport>,
}

/// A batch that has not fired.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReport {
    pub id: BatchId,
    pub key: Option<Arc<str>>,
    pub events: usize,
    /// Of its events, in bytes.
    pub size: u64,
    pub opened_at: Timestamp,
    pub fire_at: Timestamp,
}

impl Shard {
    pub(crate) fn inspect(&self, turn: &mut Turn, inspection: Inspection, reply_to: ReplyTo) {
        let report = match inspection {
            Inspection::Calls(calls) => {
                let calls = calls.iter().map(|call| self.report_call(call, turn.now));
                Report::Calls(calls.collect())
            }
            Inspection::Function(function) => {
                Report::Function(self.report_function(function, turn.now).map(Box::new))
            }
            Inspection::Functions => Report::Functions(self.summaries(turn.now)),
            Inspection::Totals => Report::Totals(Totals {
                functions: self.schedule.calls.totals(),
                delayed: self.schedule.calls.delayed(),
                runs_resident: self.runs.len(),
                waits: self.waits.len(),
            }),
        };
        turn.reply(reply_to, Answer::Inspected(Box::new(report)));
    }

    fn report_call(&self, call: &DueCall, now: Timestamp) -> CallReport {
        let function = self.registry.function(call.function);
        let limits = function.map_or_else(Vec::new, |function| {
            limits_of(function, call.keys.as_deref(), &self.flow.overrides)
        });
        CallReport {
            job: call.id,
            place: self.schedule.calls.place(call, AHEAD_COUNTED_MAX),
            limits: limits
                .into_iter()
                .filter(|limit| limit.demand.is_on(call.stage))
                .map(|limit| self.report_limit(limit, call.stage, now))
                .collect(),
            mean_call: self.schedule.calls.mean_call(call.function),
        }
    }

    fn report_limit(&self, limit: Limit, stage: CallStage, now: Timestamp) -> LimitReport {
        let check = self.flow.check(&limit, stage, now);
        let holders: Vec<Holder> = match &limit.demand {
            Demand::RunConcurrency { .. } => {
                let holds = self.flow.holds.of(limit.id).take(HOLDERS_SHOWN_MAX);
                holds
                    .map(|hold| Holder {
                        run: hold.run,
                        since: hold.since,
                    })
                    .collect()
            }
            Demand::App(_) | Demand::Concurrency { .. } => {
                let calls = self.schedule.calls.holders(limit.id);
                calls
                    .take(HOLDERS_SHOWN_MAX)
                    .map(|(job, since)| Holder {
                        run: job.run,
                        since,
                    })
                    .collect()
            }
            Demand::Unpaused(_) | Demand::Throttle { .. } => Vec::new(),
        };
        LimitReport {
            in_use: self.flow.in_use(&limit),
            most: self.flow.most(&limit),
            admits: check.is_ok(),
            until: check.err().and_then(|refusal| refusal.until),
            holders,
            outage: match limit.demand {
                Demand::App(app) => self.flow.outages.of(app).copied(),
                _ => None,
            },
            limit,
        }
    }

    fn report_function(&self, id: FunctionId, now: Timestamp) -> Option<FunctionReport> {
        let function = self.registry.function(id)?;
        let calls = &self.schedule.calls;
        let limits = limits_of(function, None, &self.flow.overrides);
        let running = calls.running_by_keys(id);
        let idle =
            |keys: &Option<Arc<str>>| calls.lane(id, keys.as_ref()).is_none_or(Lane::is_empty);
        let waiting = calls.lanes_of(id).filter(|lane| !lane.is_empty());
        let waiting = waiting.map(|lane| (lane.len(), lane.key.1.clone()));
        let only_running = running.keys().filter(|keys| idle(keys)).cloned();
        let mut lanes: Vec<_> = waiting.chain(only_running.map(|keys| (0, keys))).collect();
        let lanes_total = lanes.len();
        let backlog = lanes.iter().map(|(backlog, _)| backlog).sum();
        lanes.sort_by_key(|(backlog, _)| std::cmp::Reverse(*backlog));
        lanes.truncate(LANES_SHOWN_MAX);
        Some(FunctionReport {
            function: id,
            running: running.values().sum(),
            backlog,
            mean_call: calls.mean_call(id),
            pause: self.flow.pauses.get(&id).cloned(),
            overrides: self.flow.overrides.of(id).cloned().collect(),
            limits: limits
                .into_iter()
                .map(|limit| self.report_limit(limit, CallStage::Start, now))
                .collect(),
            lanes: lanes
                .into_iter()
                .map(|(_, keys)| {
                    let running = running.get(&keys).copied().unwrap_or(0);
                    self.report_lane(function, keys, running, now)
                })
                .collect(),
            lanes_total,
            debounces: self
                .flow
                .debounces
                .of(id)
                .take(LANES_SHOWN_MAX)
                .cloned()
                .collect(),
            batches: self
                .flow
                .batches
                .of(id)
                .take(LANES_SHOWN_MAX)
                .map(|batch| BatchReport {
                    id: batch.record.id,
                    key: batch.record.key.clone(),
                    events: batch.events.len(),
                    size: batch.size,
                    opened_at: batch.record.opened_at,
                    fire_at: batch.record.fire_at,
                })
                .collect(),
            holds: self
                .flow
                .holds
                .of_function(id)
                .take(LANES_SHOWN_MAX)
                .cloned()
                .collect(),
        })
    }

    fn report_lane(
        &self,
        function: &Function,
        keys: Option<Arc<str>>,
        running: usize,
        now: Timestamp,
    ) -> LaneReport {
        let lane = self.schedule.calls.lane(function.record.id, keys.as_ref());
        let report = |(limit, stage): (Limit, CallStage)| self.report_limit(limit, stage, now);
        let limits = limits_of(function, keys.as_deref(), &self.flow.overrides);
        let keyed = limits.into_iter().filter(|limit| limit.key.is_some());
        let blocked_by = lane.map_or_else(Vec::new, Lane::blocked_by);
        let blocked_by = blocked_by.into_iter();
        LaneReport {
            running,
            backlog: lane.map_or(0, Lane::len),
            oldest: lane.and_then(Lane::oldest),
            limits: keyed
                .map(|limit| report((limit, CallStage::Start)))
                .collect(),
            blocked_by: blocked_by
                .map(|(limit, stage)| report((limit.clone(), stage)))
                .collect(),
            keys,
        }
    }
}

/// Names a limit in answers and requests.
impl LimitId {
    /// As 32 hex digits.
    pub fn to_text(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    /// The inverse of [`to_text`](Self::to_text).
    pub fn from_text(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok())?;
        Some(Self(number?.to_be_bytes()))
    }
}
