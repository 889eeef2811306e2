//! The loop of a shard: drain inputs, decide, commit, act.
//!
//! Deciding goes on while a commit is under way: what is decided meanwhile is the next batch, so
//! the busier the shard, the larger its commits, and neither the apps nor the disk wait for the
//! other. Commits are made one after the other.
//!
//! **Invariant:** an effect is carried out only after the commit of the changes that were decided
//! with it, and of all that was decided before. So the memory of `core` is never further ahead of
//! the store than two batches, and nobody outside knows of what is not durable.
//!
//! | to find | open |
//! |---|---|
//! | what waits to be decided on | `intake.rs` |
//! | how effects are carried out | `act.rs` |
//! | what happens while the store can't be reached | `patience.rs` |

mod act;
mod intake;
pub(crate) mod patience;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use everstep_core::effect::{Answer, Effect, ReplyTo, Update};
use everstep_core::{Change, Input, Moment, Shard};
use everstep_protocol::{EventId, Timestamp};
use everstep_store::ShardLease;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tracing::error;

use self::intake::HELD_MAX;
use self::patience::commit;
use crate::engine::Parts;
use crate::meter::Meter;
use crate::rt;

/// Inputs that are decided on and committed together at most.
const BATCH_MAX: usize = 256;

/// The bits of the entropy that ids are made of.
const ID_BITS: u128 = (1 << 79) - 1;

/// More ids than one decision draws.
const IDS_PER_DECISION: u128 = 1 << 32;

/// The clock is looked at this often at least, in case it was set.
const NAP_MAX: Duration = Duration::from_secs(60);

/// An input of a client that waits for the answer.
pub(crate) struct Request {
    pub(crate) input: Input,
    pub(crate) reply_to: ReplyTo,
    /// It may repeat an earlier request, so its events are looked up first.
    pub(crate) retried: bool,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// The driver's side of the handle.
pub(crate) struct Channels {
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) updates: broadcast::Sender<Update>,
    pub(crate) commits: broadcast::Sender<Arc<[Change]>>,
    /// Set once the engine is to drain, to the grace period.
    pub(crate) drain: watch::Receiver<Option<Duration>>,
    pub(crate) meter: Arc<Meter>,
}

pub(crate) struct Driver {
    parts: Parts,
    jobs_per_load: usize,
    shard: Shard,
    meter: Arc<Meter>,
    lease: ShardLease,
    requests: mpsc::Receiver<Request>,
    /// Inputs that answer effects. Unbounded, because there are no more of them than slots.
    inputs: mpsc::UnboundedReceiver<Input>,
    inputs_tx: mpsc::UnboundedSender<Input>,
    /// Requests that bring events, while others are on their way in.
    held: VecDeque<Request>,
    /// The events that are, as far as a repeated request may name them again.
    receiving: BTreeSet<EventId>,
    /// Decided on, and not handed to the store yet.
    decided: Batch,
    committing: Option<Committing>,
    waiting: BTreeMap<ReplyTo, oneshot::Sender<Answer>>,
    updates: broadcast::Sender<Update>,
    commits: broadcast::Sender<Arc<[Change]>>,
    drain: watch::Receiver<Option<Duration>>,
    draining: bool,
    calls: usize,
    /// Loads of metadata. Ends of calls may wait for them, which are not to be lost.
    metadata_loads: usize,
    /// Of the last decision.
    now: Timestamp,
    entropy: u128,
}

/// What is committed together.
#[derive(Default)]
struct Batch {
    inputs: usize,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    /// Events among the changes that a repeated request may name again.
    events: BTreeSet<EventId>,
}

/// A commit that is under way, and what depends on it.
struct Committing {
    commit: Pin<Box<dyn Future<Output = CommitOutcome> + Send>>,
    effects: Vec<Effect>,
    events: BTreeSet<EventId>,
}

/// The shard has a new owner: nothing more can be committed.
struct Fenced;

/// What was committed.
type CommitOutcome = Result<Arc<[Change]>, Fenced>;

/// What there is to do next.
enum Next {
    Decide(Input),
    Accept(Request),
    Committed(CommitOutcome),
    Drain(Duration),
    Stop,
}

impl Driver {
    pub(crate) fn new(
        parts: Parts,
        jobs_per_load: usize,
        shard: Shard,
        lease: ShardLease,
        channels: Channels,
    ) -> Self {
        let (inputs_tx, inputs) = mpsc::unbounded_channel();
        Self {
            parts,
            jobs_per_load,
            shard,
            meter: channels.meter,
            lease,
            requests: channels.requests,
            inputs,
            inputs_tx,
            held: VecDeque::new(),
            receiving: BTreeSet::new(),
            decided: Batch::default(),
            committing: None,
            waiting: BTreeMap::new(),
            updates: channels.updates,
            commits: channels.commits,
            drain: channels.drain,
            draining: false,
            calls: 0,
            metadata_loads: 0,
            now: Timestamp::default(),
            entropy: 0,
        }
    }

    pub(crate) async fn run(mut self) {
        if let Err(Fenced) = self.drive().await {
            error!(
                shard = self.lease.shard.0,
                "the shard has a new owner; this one stops"
            );
        }
    }

    async fn drive(&mut self) -> Result<(), Fenced> {
        let mut deadline = None;
        loop {
            match self.next(deadline).await {
                Next::Decide(input) => self.decide(input),
                Next::Accept(request) => self.accept(request).await,
                Next::Committed(outcome) => self.committed(outcome)?,
                Next::Drain(grace) => {
                    self.draining = true;
                    deadline = Some(tokio::time::Instant::now() + grace);
                }
                Next::Stop => return self.flush().await,
            }
            self.decide_what_is_there().await;
            self.receive().await;
            self.begin_commit();
        }
    }

    /// Wait until there is something to do.
    async fn next(&mut self, deadline: Option<tokio::time::Instant>) -> Next {
        let is_receiving = self.is_receiving();
        let is_idle = self.committing.is_none()
            && self.calls == 0
            && self.metadata_loads == 0
            && !is_receiving
            && self.inputs.is_empty()
            && self.requests.is_empty();
        if self.draining && is_idle {
            return Next::Stop;
        }
        let nap = match self.shard.next_wakeup() {
            _ if is_receiving => Duration::ZERO,
            Some(at) => at.since(self.parts.clock.now()).min(NAP_MAX),
            None => NAP_MAX,
        };
        let draining = self.draining;
        // A full batch leaves only when the one before it is durable.
        let has_room = self.decided.inputs < BATCH_MAX;
        tokio::select! {
            biased;
            outcome = end_of(&mut self.committing) => Next::Committed(outcome),
            Some(input) = self.inputs.recv(), if has_room => Next::Decide(input),
            request = self.requests.recv(), if has_room && self.held.len() < HELD_MAX => match request {
                Some(request) => Next::Accept(request),
                // Every handle is gone.
                None => Next::Stop,
            },
            grace = wait_for_drain(&mut self.drain), if !draining => Next::Drain(grace),
            () = until(deadline) => Next::Stop,
            () = rt::sleep(nap), if (!draining || is_receiving) && has_room => Next::Decide(Input::Wake),
        }
    }

    /// Decide on what has come in already, as far as the batch has room.
    async fn decide_what_is_there(&mut self) {
        while self.decided.inputs < BATCH_MAX {
            if let Ok(input) = self.inputs.try_recv() {
                self.decide(input);
            } else if self.held.len() < HELD_MAX
                && let Ok(request) = self.requests.try_recv()
            {
                self.accept(request).await;
            } else {
                break;
            }
        }
    }

    fn decide(&mut self, input: Input) {
        match &input {
            Input::CallEnded(_) | Input::RequestEnded(_) => self.calls -= 1,
            Input::MetadataLoaded { .. } => self.metadata_loads -= 1,
            _ => {}
        }
        let moment = self.moment();
        let decision = self.shard.handle(input, moment);
        self.meter.decided(&decision);
        self.decided.inputs += 1;
        if !self.shard.is_receiving() {
            self.decided.events.append(&mut self.receiving);
        }
        self.decided.changes.extend(decision.changes);
        self.decided.effects.extend(decision.effects);
    }

    /// When a decision is made, and its entropy. Ids are made of the lower bits: within a millisecond
    /// these count up, so that what is decided later is listed later.
    fn moment(&mut self) -> Moment {
        let now = self.now.max(self.parts.clock.now());
        let fresh = self.parts.random.entropy();
        let lower = if now == self.now {
            (self.entropy & ID_BITS) + IDS_PER_DECISION
        } else {
            // Half of them: there is room to count up.
            fresh & (ID_BITS >> 1)
        };
        self.now = now;
        self.entropy = (fresh & !ID_BITS) | (lower & ID_BITS);
        Moment {
            now,
            entropy: self.entropy,
        }
    }

    /// Hand what is decided to the store, unless it is busy with the batch before. A batch that
    /// changes nothing has nothing to wait for.
    fn begin_commit(&mut self) {
        if self.committing.is_some() {
            return;
        }
        let batch = std::mem::take(&mut self.decided);
        if batch.changes.is_empty() {
            return self.act_all(batch.effects);
        }
        let (store, meter) = (self.parts.store.clone(), Arc::clone(&self.meter));
        let commit = commit(store, self.lease, batch.changes.into(), meter);
        self.committing = Some(Committing {
            commit: Box::pin(commit),
            effects: batch.effects,
            events: batch.events,
        });
    }

    fn committed(&mut self, outcome: CommitOutcome) -> Result<(), Fenced> {
        let changes = outcome?;
        if let Some(done) = self.committing.take() {
            // The store should not wait for what is to be done.
            if !self.decided.changes.is_empty() {
                self.begin_commit();
            }
            // Nobody may be listening.
            let _ = self.commits.send(changes);
            self.act_all(done.effects);
        }
        Ok(())
    }

    /// Make everything durable that was decided on.
    async fn flush(&mut self) -> Result<(), Fenced> {
        self.draining = true;
        self.begin_commit();
        while self.committing.is_some() {
            let outcome = end_of(&mut self.committing).await;
            self.committed(outcome)?;
            self.begin_commit();
        }
        Ok(())
    }
}

/// The outcome of the commit under way; never, if there is none.
async fn end_of(committing: &mut Option<Committing>) -> CommitOutcome {
    match committing {
        Some(under_way) => under_way.commit.as_mut().await,
        None => std::future::pending().await,
    }
}

async fn wait_for_drain(drain: &mut watch::Receiver<Option<Duration>>) -> Duration {
    match drain
        .wait_for(Option::is_some)
        .await
        .ok()
        .and_then(|grace| *grace)
    {
        Some(grace) => grace,
        // The handle is gone: its request channel says so too.
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
