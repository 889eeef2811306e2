//! The loop of a shard: drain inputs, decide, commit, act.
//!
//! **Invariant:** an effect is carried out only after the commit of the changes that were decided
//! with it. What `core` has decided is committed before anything else is decided, so its memory is
//! never further ahead of the store than one batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use everstep_core::effect::{Answer, Call, Effect, ReplyTo, Update};
use everstep_core::input::CallEnded;
use everstep_core::record::{DueJob, ShardId};
use everstep_core::{Change, Decision, Input, Moment, Shard};
use everstep_protocol::{EventId, RunId, Timestamp};
use everstep_store::{CommitError, ReadError, ShardLease, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tracing::{error, warn};

use crate::engine::Parts;
use crate::rt;

/// Inputs that are decided on and committed together at most.
const BATCH_MAX: usize = 256;

/// The clock is looked at this often at least, in case it was set.
const NAP_MAX: Duration = Duration::from_secs(60);

/// Delays between attempts to reach a store that is unavailable.
const STORE_RETRY_MIN: Duration = Duration::from_millis(50);
const STORE_RETRY_MAX: Duration = Duration::from_secs(5);

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
    /// Set once the engine is to drain, to the grace period.
    pub(crate) drain: watch::Receiver<Option<Duration>>,
}

pub(crate) struct Driver {
    parts: Parts,
    jobs_per_load: usize,
    shard: Shard,
    lease: ShardLease,
    requests: mpsc::Receiver<Request>,
    /// Inputs that answer effects. Unbounded, because there are no more of them than slots.
    inputs: mpsc::UnboundedReceiver<Input>,
    inputs_tx: mpsc::UnboundedSender<Input>,
    waiting: BTreeMap<ReplyTo, oneshot::Sender<Answer>>,
    updates: broadcast::Sender<Update>,
    drain: watch::Receiver<Option<Duration>>,
    draining: bool,
    calls: usize,
    now: Timestamp,
}

/// The shard has a new owner: nothing more can be committed.
struct Fenced;

/// What there is to do next.
enum Next {
    Decide(Vec<Input>),
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
            lease,
            requests: channels.requests,
            inputs,
            inputs_tx,
            waiting: BTreeMap::new(),
            updates: channels.updates,
            drain: channels.drain,
            draining: false,
            calls: 0,
            now: Timestamp::default(),
        }
    }

    pub(crate) async fn run(mut self) {
        let mut deadline = None;
        loop {
            match self.next(deadline).await {
                Next::Decide(inputs) => {
                    if let Err(Fenced) = self.turn(inputs).await {
                        error!(
                            shard = self.lease.shard.0,
                            "the shard has a new owner; this one stops"
                        );
                        return;
                    }
                }
                Next::Drain(grace) => {
                    self.draining = true;
                    deadline = Some(tokio::time::Instant::now() + grace);
                }
                Next::Stop => return,
            }
        }
    }

    /// Wait until there is something to do, and take all of it.
    async fn next(&mut self, deadline: Option<tokio::time::Instant>) -> Next {
        if self.draining && self.calls == 0 && self.inputs.is_empty() && self.requests.is_empty() {
            return Next::Stop;
        }
        let nap = self
            .shard
            .next_wakeup()
            .map_or(NAP_MAX, |at| at.since(self.parts.clock.now()))
            .min(NAP_MAX);
        let mut batch = Vec::new();
        let draining = self.draining;
        tokio::select! {
            biased;
            Some(input) = self.inputs.recv() => batch.push(input),
            request = self.requests.recv() => match request {
                Some(request) => self.accept(request, &mut batch).await,
                // Every handle is gone.
                None => return Next::Stop,
            },
            grace = wait_for_drain(&mut self.drain), if !draining => return Next::Drain(grace),
            () = until(deadline) => return Next::Stop,
            () = rt::sleep(nap), if !draining => batch.push(Input::Wake),
        }
        while batch.len() < BATCH_MAX {
            if let Ok(input) = self.inputs.try_recv() {
                batch.push(input);
            } else if let Ok(request) = self.requests.try_recv() {
                self.accept(request, &mut batch).await;
            } else {
                break;
            }
        }
        Next::Decide(batch)
    }

    /// Take a request into the batch. Events that are stored already, or are in the batch, are
    /// left out.
    async fn accept(&mut self, mut request: Request, batch: &mut Vec<Input>) {
        if let (true, Input::Events { events, .. }) = (request.retried, &mut request.input) {
            let mut known: BTreeSet<EventId> = batch_events(batch).collect();
            let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
            known.extend(read(|| self.parts.store.events_known(&ids)).await);
            events.retain(|event| known.insert(event.id));
        }
        self.waiting.insert(request.reply_to, request.answer);
        batch.push(request.input);
    }

    /// Decide on a batch of inputs, commit once, act.
    async fn turn(&mut self, inputs: Vec<Input>) -> Result<(), Fenced> {
        let mut batch = Decision::default();
        for input in inputs {
            if matches!(input, Input::CallEnded(_)) {
                self.calls -= 1;
            }
            self.now = self.now.max(self.parts.clock.now());
            let moment = Moment {
                now: self.now,
                entropy: self.parts.random.entropy(),
            };
            let decision = self.shard.handle(input, moment);
            batch.changes.extend(decision.changes);
            batch.effects.extend(decision.effects);
        }
        if !batch.changes.is_empty() {
            self.commit(batch.changes).await?;
        }
        for effect in batch.effects {
            self.act(effect);
        }
        Ok(())
    }

    /// Commit, however long it takes: changes are idempotent, so a commit whose outcome is unknown
    /// is made again.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), Fenced> {
        let changes: Arc<[Change]> = changes.into();
        let mut delay = STORE_RETRY_MIN;
        loop {
            match self.parts.store.commit(&self.lease, changes.clone()).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Refused(_)) => return Err(Fenced),
                Err(error @ (CommitError::Unavailable(_) | CommitError::OutcomeUnknown(_))) => {
                    warn!(error = chain(&error), "a commit failed; it is made again");
                }
            }
            rt::sleep(delay).await;
            delay = (delay * 2).min(STORE_RETRY_MAX);
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call) => {
                // While draining, the job stays as it is; whoever starts next makes the call.
                if !self.draining {
                    self.calls += 1;
                    self.call(*call);
                }
            }
            Effect::LoadRun(run) => self.load_run(run),
            Effect::LoadJobs { after, until } => self.load_jobs(after, until),
            Effect::Reply { to, answer } => {
                if let Some(waiting) = self.waiting.remove(&to) {
                    // The client may have gone away; what it asked for is done all the same.
                    let _ = waiting.send(answer);
                }
            }
            Effect::Publish(update) => {
                // Nobody may be listening.
                let _ = self.updates.send(update);
            }
        }
    }

    fn call(&self, call: Call) {
        let (job, generation) = (call.request.job, call.request.generation);
        let (caller, clock) = (self.parts.caller.clone(), self.parts.clock.clone());
        let inputs = self.inputs_tx.clone();
        rt::spawn(async move {
            let started_at = clock.now();
            let begun = tokio::time::Instant::now();
            let reply = caller.call(call).await;
            let ended = CallEnded {
                job,
                generation,
                reply,
                started_at,
                duration: begun.elapsed(),
            };
            // The driver may have stopped; the job is still in the store.
            let _ = inputs.send(Input::CallEnded(Box::new(ended)));
        });
    }

    fn load_run(&self, run: RunId) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        rt::spawn(async move {
            let snapshot = read(|| store.run_snapshot(run)).await.map(Box::new);
            let _ = inputs.send(Input::RunLoaded { run, snapshot });
        });
    }

    fn load_jobs(&self, after: Option<Timestamp>, until: Timestamp) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        let (shard, limit) = (self.lease.shard, self.jobs_per_load);
        rt::spawn(async move {
            let mut jobs = read(|| store.jobs_due(shard, after, until, limit)).await;
            let until = match jobs.last().copied() {
                Some(last) if jobs.len() == limit => {
                    complete_last_instant(&store, shard, &mut jobs, last.due_at).await;
                    last.due_at
                }
                Some(_) | None => until,
            };
            let _ = inputs.send(Input::JobsLoaded { jobs, until });
        });
    }
}

/// A portion that was cut off may lack jobs that are due at the very instant of its last one.
async fn complete_last_instant(
    store: &Arc<dyn Store>,
    shard: ShardId,
    jobs: &mut Vec<DueJob>,
    instant: Timestamp,
) {
    let before = instant - Duration::from_millis(1);
    jobs.retain(|job| job.due_at != instant);
    jobs.extend(read(|| store.jobs_due(shard, Some(before), instant, usize::MAX)).await);
}

fn batch_events(batch: &[Input]) -> impl Iterator<Item = EventId> + '_ {
    batch
        .iter()
        .filter_map(|input| {
            if let Input::Events { events, .. } = input {
                Some(events)
            } else {
                None
            }
        })
        .flatten()
        .map(|event| event.id)
}

/// Read, however long it takes. What is damaged is reported and counts as not there.
async fn read<T, F>(attempt: impl Fn() -> F) -> T
where
    T: Default,
    F: Future<Output = Result<T, ReadError>>,
{
    let mut delay = STORE_RETRY_MIN;
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error @ ReadError::Corrupt { .. }) => {
                error!(
                    error = chain(&error),
                    "a stored row is damaged; what it belongs to stands still"
                );
                return T::default();
            }
            Err(error @ ReadError::Unavailable(_)) => {
                warn!(error = chain(&error), "a read failed; it is made again")
            }
        }
        rt::sleep(delay).await;
        delay = (delay * 2).min(STORE_RETRY_MAX);
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

/// An error with all its sources, for logs.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
