//! Lanes: calls of one function that are under the same limits, in the order in which they are made.

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_protocol::{FunctionId, JobId, Timestamp};

use super::waiting::{Group, Waiter};
use crate::flow::limit::Limit;
use crate::record::{CallStage, DueCall, LimitId, WaitReason};

/// Names a lane while it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(crate) u64);

/// When a call is made, among others of its lane: lower first (server-semantics PR-2). In
/// milliseconds, as times are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score(i64);

impl Score {
    /// By the age of the run, so that steps of older runs precede the starts of newer ones (PR-3);
    /// what had to wait for a time takes its place by that time.
    pub(crate) fn of(call: &DueCall) -> Self {
        let base = match call.reason {
            WaitReason::Queued | WaitReason::Unreachable | WaitReason::Overloaded => {
                call.id.run.timestamp()
            }
            WaitReason::Delayed
            | WaitReason::Backoff
            | WaitReason::Sleeping
            | WaitReason::Waiting
            | WaitReason::Timeout => call.due_at,
        };
        Self(base.as_millis() - i64::from(call.priority) * 1_000)
    }
}

/// What the calls of a lane have in common: the function, and the values of its keys.
pub(crate) type LaneKey = (FunctionId, Option<Arc<str>>);

pub(crate) struct Lane {
    pub(crate) key: LaneKey,
    pub(crate) limits: Vec<Limit>,
    /// Its share of the function's calls that was used up; see [`Turns`](super::turns::Turns).
    pub(crate) turn: u64,
    /// It takes part in the turns of its function: a queue of it has a call and is not blocked.
    pub(crate) takes_turns: bool,
    queues: [Queue; 3],
}

/// The calls of a lane that are under exactly the same limits.
#[derive(Default)]
struct Queue {
    calls: BTreeSet<(Score, JobId)>,
    blocked: Option<Blocked>,
}

/// A limit did not admit the first call of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub(crate) by: LimitId,
    pub(crate) group: Group,
    pub(crate) waiter: Waiter,
}

pub(crate) const STAGES: [CallStage; 3] = [CallStage::Start, CallStage::Step, CallStage::Request];

impl Lane {
    pub(crate) fn new(key: LaneKey, limits: Vec<Limit>) -> Self {
        Self {
            key,
            limits,
            turn: 0,
            takes_turns: false,
            queues: Default::default(),
        }
    }

    fn queue(&mut self, stage: CallStage) -> &mut Queue {
        &mut self.queues[stage as usize]
    }

    pub(crate) fn insert(&mut self, stage: CallStage, score: Score, job: JobId) {
        self.queue(stage).calls.insert((score, job));
    }

    pub(crate) fn remove(&mut self, stage: CallStage, score: Score, job: JobId) -> bool {
        self.queue(stage).calls.remove(&(score, job))
    }

    pub(crate) fn pop(&mut self, stage: CallStage) -> Option<JobId> {
        let first = self.queue(stage).calls.pop_first();
        first.map(|(_, job)| job)
    }

    pub(crate) fn block(&mut self, stage: CallStage, blocked: Blocked) {
        self.queue(stage).blocked = Some(blocked);
    }

    pub(crate) fn unblock(&mut self, stage: CallStage) -> Option<Blocked> {
        self.queue(stage).blocked.take()
    }

    pub(crate) fn blocked(&self, stage: CallStage) -> Option<Blocked> {
        self.queues[stage as usize].blocked
    }

    /// The limit of that id, as this lane is under it.
    pub(crate) fn limit(&self, id: LimitId) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.id == id)
    }

    /// The queues that have a call and are not known to be blocked, the one that is first by score
    /// first.
    pub(crate) fn open_stages(&self) -> Vec<CallStage> {
        let mut open: Vec<_> = STAGES
            .into_iter()
            .filter_map(|stage| {
                let queue = &self.queues[stage as usize];
                let first = queue.calls.first().filter(|_| queue.blocked.is_none());
                first.map(|first| (*first, stage))
            })
            .collect();
        open.sort_unstable();
        open.into_iter().map(|(_, stage)| stage).collect()
    }

    /// The limits that do not admit the first of a queue.
    pub(crate) fn blocked_by(&self) -> Vec<(&Limit, CallStage)> {
        let blocked = STAGES.into_iter().filter_map(|stage| {
            let limit = self.limit(self.blocked(stage)?.by)?;
            Some((limit, stage))
        });
        blocked.collect()
    }

    pub(crate) fn has(&self, stage: CallStage) -> bool {
        !self.queues[stage as usize].calls.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queues.iter().all(|queue| queue.calls.is_empty())
    }

    pub(crate) fn len(&self) -> usize {
        self.queues.iter().map(|queue| queue.calls.len()).sum()
    }

    /// Whether a queue has a call and is not known to be blocked.
    pub(crate) fn is_open(&self) -> bool {
        let mut queues = self.queues.iter();
        queues.any(|queue| queue.blocked.is_none() && !queue.calls.is_empty())
    }

    /// How many calls are before this one, counted to `most` at most.
    pub(crate) fn before(&self, stage: CallStage, score: Score, job: JobId, most: usize) -> usize {
        let calls = &self.queues[stage as usize].calls;
        calls.range(..(score, job)).take(most).count()
    }

    pub(crate) fn contains(&self, stage: CallStage, score: Score, job: JobId) -> bool {
        self.queues[stage as usize].calls.contains(&(score, job))
    }

    /// When the oldest of its calls' runs was scheduled, of those that are first in a queue.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        let firsts = self.queues.iter().filter_map(|queue| queue.calls.first());
        firsts.map(|(_, job)| job.run.timestamp()).min()
    }
}
