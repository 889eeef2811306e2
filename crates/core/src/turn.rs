//! A turn: one decision in the making.

use std::collections::BTreeSet;

use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, JobId, RunId, Timestamp};

use crate::change::Change;
use crate::effect::{Answer, Effect, ReplyTo, Update};
use crate::entropy::Entropy;
use crate::record::{DueCall, Epoch, EventRecord, LoadedJob};

/// When an input is handled, and the random bits for what it decides. `now` never decreases from
/// one input to the next; `entropy` is fresh for each, but its lower bits, which ids are made of, may
/// count up within a millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub now: Timestamp,
    pub entropy: u128,
}

/// What an input led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// To be committed, in order, in one transaction.
    pub changes: Vec<Change>,
    /// To be carried out after the commit, in order.
    pub effects: Vec<Effect>,
}

/// What the schedule is to learn.
#[derive(Debug)]
pub(crate) enum Due {
    Add(LoadedJob),
    /// A job that makes no call is due, whatever its row says.
    Hasten(JobId),
    /// One that makes no call and outlived its job is harmless.
    Forget(DueCall),
}

/// One decision in the making.
pub(crate) struct Turn {
    pub(crate) now: Timestamp,
    pub(crate) epoch: Epoch,
    pub(crate) entropy: Entropy,
    pub(crate) changes: Vec<Change>,
    pub(crate) effects: Vec<Effect>,
    /// What the schedule is to learn, in order.
    pub(crate) due: Vec<Due>,
    /// Runs whose row is to be written.
    pub(crate) dirty: BTreeSet<RunId>,
    /// Runs that may have become idle.
    pub(crate) touched: BTreeSet<RunId>,
    /// Waits that nothing is to be found by any more.
    pub(crate) ended_waits: Vec<JobId>,
}

impl Turn {
    pub(crate) fn new(moment: Moment, epoch: Epoch) -> Self {
        Self {
            now: moment.now,
            epoch,
            entropy: Entropy::new(moment.entropy),
            changes: Vec::new(),
            effects: Vec::new(),
            due: Vec::new(),
            dirty: BTreeSet::new(),
            touched: BTreeSet::new(),
            ended_waits: Vec::new(),
        }
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) fn reply(&mut self, to: ReplyTo, answer: Answer) {
        self.effects.push(Effect::Reply { to, answer });
    }

    pub(crate) fn publish(&mut self, update: Update) {
        self.effects.push(Effect::Publish(update));
    }

    pub(crate) fn load_run(&mut self, run: RunId) {
        self.effects.push(Effect::LoadRun(run));
    }

    /// An event that the server itself makes.
    pub(crate) fn event(&mut self, input: EventInput) -> EventRecord {
        let id = self.entropy.event_id(self.now);
        self.event_with_id(id, input)
    }

    /// An event that the server itself makes, whose id follows from what it is about.
    pub(crate) fn event_with_id(&self, id: EventId, input: EventInput) -> EventRecord {
        EventRecord {
            id,
            name: input.name.as_str().into(),
            user_id: input.user_id.as_deref().map(Into::into),
            ts: input.ts.unwrap_or(self.now),
            received_at: self.now,
            payload: input.payload(id, self.now),
        }
    }

    /// The schedule learns of the job when the decision is complete.
    pub(crate) fn schedule(&mut self, job: LoadedJob) {
        self.due.push(Due::Add(job));
    }

    /// What the job waited for is there.
    pub(crate) fn hasten(&mut self, id: JobId) {
        self.due.push(Due::Hasten(id));
    }

    /// The job is not to be taken any more.
    pub(crate) fn unschedule(&mut self, job: LoadedJob) {
        if let LoadedJob::Call(call) = job {
            self.due.push(Due::Forget(call));
        }
    }

    /// The run may have become idle.
    pub(crate) fn touch(&mut self, run: RunId) {
        self.touched.insert(run);
    }

    /// The row of the run is written when the decision is complete.
    pub(crate) fn dirty(&mut self, run: RunId) {
        self.dirty.insert(run);
        self.touched.insert(run);
    }
}
