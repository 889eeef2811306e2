//! The schedule: which job runs next.
//!
//! Owns the timers of jobs that are due within the horizon, the queues of those that are due, and
//! the slots of those that are running. Knows nothing of runs or steps; an entry that outlived its
//! job is harmless, because whoever takes it looks whether there still is something to do.
//!
//! | to find | open |
//! |---|---|
//! | which call is made next | `calls.rs`, `lane.rs` |
//! | how turns are taken | `turns.rs` |
//! | what waits for a limit | `waiting.rs` |
//! | jobs that make no call | `upkeep.rs` |
//!
//! **Invariant:** at most `capacity` calls hold a slot. A slot is held from the moment its job is
//! taken until its call has ended, even if the run ended before.

pub(crate) mod calls;
pub(crate) mod lane;
mod turns;
mod upkeep;
mod waiting;

use everstep_protocol::{FunctionId, JobId, Timestamp};

use self::calls::Calls;
use self::lane::LaneKey;
use self::upkeep::Upkeep;
use crate::flow::limit::{Limit, limits_of};
use crate::flow::{Flow, StartRecords};
use crate::limits::HORIZON;
use crate::record::{DueCall, DueJob, LimitId, LoadedJob};
use crate::registry::Registry;

pub(crate) struct Schedule {
    pub(crate) calls: Calls,
    upkeep: Upkeep,
    /// Jobs due by then are in memory; later ones are in the store only.
    horizon: Option<Timestamp>,
    /// A load up to then is under way.
    loading_until: Option<Timestamp>,
}

impl Schedule {
    pub(crate) fn new(capacity: usize, upkeep: usize) -> Self {
        Self {
            calls: Calls::new(capacity),
            upkeep: Upkeep::new(upkeep),
            horizon: None,
            loading_until: None,
        }
    }

    /// Remember a job. One that is due beyond the horizon stays in the store until it is near.
    pub(crate) fn add(&mut self, job: LoadedJob, now: Timestamp, flow: &Flow, registry: &Registry) {
        let due_at = job.due_at();
        let is_near = Some(due_at) <= self.horizon.max(self.loading_until);
        match job {
            LoadedJob::Upkeep(job) if due_at <= now => self.upkeep.enqueue(job),
            LoadedJob::Upkeep(job) if is_near => self.upkeep.add_timer(job),
            LoadedJob::Call(call) if due_at <= now => self.enqueue(&call, flow, registry),
            LoadedJob::Call(call) if is_near => self.calls.add_timer(call),
            LoadedJob::Upkeep(_) | LoadedJob::Call(_) => {}
        }
    }

    fn enqueue(&mut self, call: &DueCall, flow: &Flow, registry: &Registry) {
        let key = (call.function, call.keys.clone());
        self.calls.enqueue(call, || limits_at(&key, flow, registry));
    }

    /// A job that makes no call is due already, whatever time its row names.
    pub(crate) fn hasten(&mut self, job: JobId) {
        self.upkeep.enqueue(DueJob {
            due_at: job.run.timestamp(),
            id: job,
        });
    }

    /// Take the next job that is due, if there is room for it.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        flow: &mut Flow,
        registry: &Registry,
    ) -> Option<JobId> {
        while let Some(call) = self.calls.take_timer(now) {
            self.enqueue(&call, flow, registry);
        }
        // A call that is due at the same time as the timeout of its run is made.
        self.calls.take(flow, now).or_else(|| self.upkeep.take(now))
    }

    /// The job in this slot is being called. If that starts its run, what the run has of limits is
    /// to be stored.
    pub(crate) fn calling(
        &mut self,
        job: JobId,
        generation: u32,
        flow: &Flow,
        now: Timestamp,
    ) -> StartRecords {
        self.calls.calling(job, generation);
        match self.calls.slot(job) {
            Some(slot) => {
                slot.since = now;
                flow.confirm(&slot.grant)
            }
            None => StartRecords::default(),
        }
    }

    /// Free the slot of a job that was taken: no call is made for it.
    pub(crate) fn free(&mut self, job: JobId, flow: &mut Flow, now: Timestamp) {
        if !self.upkeep.free(job) {
            self.calls.free(job, flow, now);
        }
    }

    /// A limit may have room.
    pub(crate) fn wake(&mut self, limit: LimitId, flow: &Flow, now: Timestamp) {
        self.calls.wake(limit, flow, now);
    }

    /// The limits of a function may have changed.
    pub(crate) fn reconsider(
        &mut self,
        function: FunctionId,
        flow: &mut Flow,
        registry: &Registry,
        now: Timestamp,
    ) {
        let overrides = std::mem::take(&mut flow.overrides);
        self.calls
            .reconsider(function, flow, now, |(function, keys)| {
                registry
                    .function(*function)
                    .map_or_else(Vec::new, |it| limits_of(it, keys.as_deref(), &overrides))
            });
        flow.overrides = overrides;
    }

    /// When there will be something to do without further input.
    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        let load = match (self.loading_until, self.horizon) {
            (Some(_), _) => None,
            (None, Some(horizon)) => Some(horizon - HORIZON / 2),
            (None, None) => Some(Timestamp::default()),
        };
        [self.upkeep.next_wakeup(), self.calls.next_wakeup(), load]
            .into_iter()
            .flatten()
            .min()
    }

    /// The portion of jobs that should be loaded now, if any: due after the first time, by the
    /// second one.
    pub(crate) fn begin_load(&mut self, now: Timestamp) -> Option<(Option<Timestamp>, Timestamp)> {
        if self.loading_until.is_some()
            || self
                .horizon
                .is_some_and(|horizon| now < horizon - HORIZON / 2)
        {
            return None;
        }
        let until = now + HORIZON;
        self.loading_until = Some(until);
        Some((self.horizon, until))
    }

    pub(crate) fn end_load(
        &mut self,
        jobs: Vec<LoadedJob>,
        until: Timestamp,
        now: Timestamp,
        flow: &Flow,
        registry: &Registry,
    ) {
        self.loading_until = None;
        self.horizon = self.horizon.max(Some(until));
        for job in jobs {
            self.add(job, now, flow, registry);
        }
    }
}

/// Those of a function that is not known any more are none: its runs are to fail.
fn limits_at((function, keys): &LaneKey, flow: &Flow, registry: &Registry) -> Vec<Limit> {
    registry.function(*function).map_or_else(Vec::new, |it| {
        limits_of(it, keys.as_deref(), &flow.overrides)
    })
}
