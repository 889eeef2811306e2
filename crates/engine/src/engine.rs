//! The engine as the server sees it.

mod cancellations;
mod control;
mod endpoints;
mod operations;
mod reruns;
mod retention;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use everstep_core::effect::{Answer, CheckpointRefusal, MetadataRefusal, ReplyTo, Update};
use everstep_core::input::Checkpoint;
use everstep_core::record::{EventRecord, MetadataTarget, ShardId, SpanRecord};
use everstep_core::{Change, Input, Shard, ShardConfig};
use everstep_protocol::event::{EventInput, EventSeed};
use everstep_protocol::metadata::MetadataUpdate;
use everstep_protocol::op::Op;
use everstep_protocol::sync::AppSync;
use everstep_protocol::{AppId, EventId, Json, RunId, Ticket, Timestamp};
use everstep_store::{CommitError, ReadError, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use self::cancellations::BulkCancellation;
use self::cancellations::Cancelling;
pub use self::control::ControlError;
use self::operations::Operating;
pub use self::operations::{BulkError, BulkOperation, asked_filter};
pub use self::reruns::{Asker, RerunError};
use self::retention::SharedReport;
pub use self::retention::{LastPortion, RetentionConfig, RetentionReport};
use self::worker::Worker;
use crate::driver::{Channels, Driver, Request};
use crate::meter::{Counts, Meter};
use crate::rt::{self, Clock, Random};
use crate::{Caller, Gateway, Searcher};

/// Updates that a slow subscriber may fall behind before it misses some.
const UPDATES_BEHIND_MAX: usize = 4096;

/// Commits that a slow subscriber may fall behind before it misses some. Their changes are kept in
/// memory until then.
const COMMITS_BEHIND_MAX: usize = 256;

/// Inputs of clients that may wait for the driver, unless configured otherwise.
const INPUTS_WAITING_MAX_DEFAULT: usize = 1024;

/// Jobs that are read from the store at a time, unless configured otherwise.
const JOBS_PER_LOAD_DEFAULT: usize = 100_000;

/// What an engine is made of.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub caller: Arc<dyn Caller>,
    pub gateway: Arc<dyn Gateway>,
    pub searcher: Arc<dyn Searcher>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// How an engine behaves.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub shard: ShardConfig,
    /// Inputs of clients that may wait for the driver; beyond, clients are told that the server
    /// is busy.
    pub inputs_waiting_max: usize,
    /// Jobs that are read from the store at a time.
    pub jobs_per_load: usize,
    /// History is kept for ever and as it is, if `None`.
    pub retention: Option<RetentionConfig>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            shard: ShardConfig::default(),
            inputs_waiting_max: INPUTS_WAITING_MAX_DEFAULT,
            jobs_per_load: JOBS_PER_LOAD_DEFAULT,
            retention: None,
        }
    }
}

/// Runs the embedded shard. Cheap to clone; all clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Parts,
    requests: mpsc::Sender<Request>,
    updates: broadcast::Sender<Update>,
    commits: broadcast::Sender<Arc<[Change]>>,
    /// Wakes the worker that carries out bulk cancellations.
    cancellations: watch::Sender<()>,
    /// The same of bulk operations.
    operations: watch::Sender<()>,
    next_reply: AtomicU64,
    /// The last id that was given to an event or an entry of the audit log, as a number.
    last_id: Mutex<u128>,
    retention: SharedReport,
    meter: Arc<Meter>,
    drain: watch::Sender<Option<Duration>>,
    stopped: watch::Receiver<bool>,
}

impl Shared {
    /// Ids for `count` events or entries of the audit log: ULIDs of this time, above every one given
    /// before, so that they are listed in the order in which they came, also within a millisecond.
    /// The ids are those that follow the number returned.
    fn reserve_ids(&self, now: Timestamp, count: usize) -> u128 {
        // The top bit of the entropy stays clear, so that counting up does not touch the time.
        let entropy = self.parts.random.entropy() & ((1 << 79) - 1);
        let fresh = u128::from_be_bytes(EventId::from_parts(now, entropy).to_bytes());
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        let first = fresh.max(*last);
        *last = first + count as u128;
        first
    }
}

/// The outcome of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synced {
    pub app: AppId,
    pub modified: bool,
}

/// Why an engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the shard can't be acquired")]
    Acquire(#[from] CommitError),
    #[error("the shard can't be loaded")]
    Load(#[from] ReadError),
}

/// Why an input was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Too many inputs wait; nothing was taken.
    #[error("the server is overloaded")]
    Overloaded,
    /// The engine has stopped. What was asked for may have been done.
    #[error("the server is shutting down")]
    Stopped,
}

/// Why a checkpoint was not stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    Refused(CheckpointRefusal),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why metadata was not noted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error(transparent)]
    Refused(MetadataRefusal),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Acquire the embedded shard, load it, and go on where it stopped.
    pub async fn start(parts: Parts, config: EngineConfig) -> Result<Self, StartError> {
        let lease = parts.store.shard_acquire(ShardId::EMBEDDED).await?;
        let state = parts.store.shard_load(&lease).await?;
        let shard = Shard::new(config.shard, lease.epoch, state);

        let (requests, requests_rx) = mpsc::channel(config.inputs_waiting_max);
        let (updates, _) = broadcast::channel(UPDATES_BEHIND_MAX);
        let (commits, _) = broadcast::channel(COMMITS_BEHIND_MAX);
        let (drain, drain_rx) = watch::channel(None);
        let (cancellations, cancellations_asked) = watch::channel(());
        let (operations, operations_asked) = watch::channel(());
        let (stopped_tx, stopped) = watch::channel(false);
        let meter = Arc::new(Meter::default());
        let channels = Channels {
            requests: requests_rx,
            updates: updates.clone(),
            commits: commits.clone(),
            drain: drain_rx.clone(),
            meter: Arc::clone(&meter),
        };
        let driver = Driver::new(parts.clone(), config.jobs_per_load, shard, lease, channels);
        rt::spawn(async move {
            // Dropped when the driver ends, however it ends: the channel closes with it.
            let _stopped = stopped_tx;
            driver.run().await;
        });
        let report = SharedReport::new(config.retention);
        if let Some(retention) = config.retention {
            let (store, clock) = (parts.store.clone(), parts.clock.clone());
            let drain = drain_rx.clone();
            let worker = retention::Worker::new(store, clock, retention, report.clone(), drain);
            rt::spawn(worker.run());
        }
        let shared = Arc::new(Shared {
            parts,
            requests,
            updates,
            commits,
            cancellations,
            operations,
            next_reply: AtomicU64::new(0),
            last_id: Mutex::new(0),
            retention: report,
            meter,
            drain,
            stopped,
        });
        let cancelling = Worker {
            engine: Arc::downgrade(&shared),
            arrivals: cancellations_asked,
            drain: drain_rx.clone(),
            work: Cancelling,
        };
        rt::spawn(cancelling.run());
        let operating = Worker {
            engine: Arc::downgrade(&shared),
            arrivals: operations_asked,
            drain: drain_rx,
            work: Operating::default(),
        };
        rt::spawn(operating.run());
        Ok(Self { shared })
    }

    /// Take in events; they are durable when this returns. Their ids are in the order given. With
    /// a seed, ids are derived from it, and an event that is stored already is left alone
    /// (sdk-protocol §8.4).
    pub async fn events_send(
        &self,
        events: Vec<EventInput>,
        seed: Option<EventSeed>,
    ) -> Result<Vec<EventId>, EngineError> {
        let now = self.shared.parts.clock.now();
        let first = self.shared.reserve_ids(now, events.len());
        let records: Vec<EventRecord> = (1u32..)
            .zip(events)
            .map(|(index, event)| {
                let id = match &seed {
                    Some(seed) => seed.id(index),
                    None => EventId::from_bytes((first + u128::from(index)).to_be_bytes()),
                };
                record(id, &event, now)
            })
            .collect();
        let ids = records.iter().map(|event| event.id).collect();
        if !records.is_empty() {
            let retried = seed.is_some();
            self.ask(retried, |reply_to| Input::Events {
                events: records,
                reply_to,
            })
            .await?;
        }
        Ok(ids)
    }

    /// Register the functions of an app.
    pub async fn app_sync(&self, app: AppSync) -> Result<Synced, EngineError> {
        let app = Box::new(app);
        match self
            .ask(false, |reply_to| Input::Sync { app, reply_to })
            .await?
        {
            Answer::AppSynced { app, modified } => Ok(Synced { app, modified }),
            other => unreachable!("a sync is answered as a sync, not as {other:?}"),
        }
    }

    /// Store steps that an app reports while its call is in flight; they are durable when this
    /// returns (sdk-protocol §7.3).
    pub async fn checkpoint(
        &self,
        run: RunId,
        ticket: Option<Ticket>,
        generation: Option<u32>,
        ops: Vec<Op>,
    ) -> Result<(), CheckpointError> {
        let input = |reply_to| {
            Input::Checkpoint(Box::new(Checkpoint {
                run,
                ticket,
                generation,
                ops,
                reply_to,
            }))
        };
        match self.ask(false, input).await? {
            Answer::Checkpoint(result) => result.map_err(CheckpointError::Refused),
            other => unreachable!("a checkpoint is answered as a checkpoint, not as {other:?}"),
        }
    }

    /// Start a function, named by its slug or id, with an event whose `data` is given to it; the
    /// event is durable when this returns. That there is no such function shows as an event
    /// (http-api §2.2).
    pub async fn invoke(
        &self,
        function: &str,
        event: EventInput,
        seed: Option<EventSeed>,
    ) -> Result<EventId, EngineError> {
        let now = self.shared.parts.clock.now();
        let id = match &seed {
            Some(seed) => seed.id(0),
            None => {
                let first = self.shared.reserve_ids(now, 1);
                EventId::from_bytes((first + 1).to_be_bytes())
            }
        };
        let input = |reply_to| Input::Invoke {
            function: function.to_owned(),
            event: Box::new(record(id, &event, now)),
            reply_to,
        };
        self.ask(seed.is_some(), input).await?;
        Ok(id)
    }

    /// Send a signal. The run that it resumes, if one waits for it; that is durable then
    /// (server-semantics §3.10).
    pub async fn signal_send(&self, name: &str, data: Json) -> Result<Option<RunId>, EngineError> {
        let input = |reply_to| Input::Signal {
            name: name.to_owned(),
            data,
            reply_to,
        };
        match self.ask(false, input).await? {
            Answer::Signalled(run) => Ok(run),
            other => unreachable!("a signal is answered as a signal, not as {other:?}"),
        }
    }

    /// Cancel a run. False if there is none, or it has ended (server-semantics §3.11).
    pub async fn run_cancel(&self, run: RunId) -> Result<bool, EngineError> {
        let input = |reply_to| Input::Cancel { run, reply_to };
        match self.ask(false, input).await? {
            Answer::Cancelled(is_cancelled) => Ok(is_cancelled),
            other => unreachable!("a cancellation is answered as one, not as {other:?}"),
        }
    }

    /// Note something of a run, which may have ended: all of the updates or none, durable when this
    /// returns (connect-realtime §5.1). That there is such a run is not looked up.
    pub async fn metadata_update(
        &self,
        run: RunId,
        updates: Vec<(MetadataTarget, MetadataUpdate)>,
    ) -> Result<(), MetadataError> {
        let input = |reply_to| Input::UpdateMetadata {
            run,
            updates,
            reply_to,
        };
        match self.ask(false, input).await? {
            Answer::Metadata(result) => result.map_err(MetadataError::Refused),
            other => unreachable!("metadata is answered as metadata, not as {other:?}"),
        }
    }

    /// Keep spans that user code opened; they are durable when this returns. One that is stored stays
    /// as it is. That there are such runs, and room for the spans, is not looked up.
    pub async fn spans_put(&self, spans: Vec<SpanRecord>) -> Result<(), EngineError> {
        match self
            .ask(false, |reply_to| Input::PutSpans { spans, reply_to })
            .await?
        {
            Answer::SpansPut => Ok(()),
            other => unreachable!("spans are answered as spans, not as {other:?}"),
        }
    }

    /// What happens from now on. A subscriber that falls too far behind misses some.
    pub fn updates(&self) -> broadcast::Receiver<Update> {
        self.shared.updates.subscribe()
    }

    /// What is committed from now on, in order; each commit after every read sees it. A subscriber
    /// that falls too far behind misses some, and is told so.
    pub fn commits(&self) -> broadcast::Receiver<Arc<[Change]>> {
        self.shared.commits.subscribe()
    }

    /// What was done since the engine started.
    pub fn counts(&self) -> Counts {
        self.shared.meter.counts()
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.parts.store
    }

    /// Make no more calls, wait for those in flight for at most `grace`, commit, stop. Events and
    /// checkpoints are taken until then.
    pub async fn shutdown(&self, grace: Duration) {
        self.shared.drain.send_replace(Some(grace));
        self.stopped().await;
    }

    /// Returns when the engine has stopped: it was shut down, or it lost its shard.
    pub async fn stopped(&self) {
        let mut stopped = self.shared.stopped.clone();
        while stopped.changed().await.is_ok() {}
    }

    async fn ask(
        &self,
        retried: bool,
        input: impl FnOnce(ReplyTo) -> Input,
    ) -> Result<Answer, EngineError> {
        let reply_to = ReplyTo(self.shared.next_reply.fetch_add(1, Ordering::Relaxed));
        let (answer, answered) = oneshot::channel();
        let request = Request {
            input: input(reply_to),
            reply_to,
            retried,
            answer,
        };
        self.shared
            .requests
            .try_send(request)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => EngineError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => EngineError::Stopped,
            })?;
        answered.await.map_err(|_| EngineError::Stopped)
    }
}

fn record(id: EventId, event: &EventInput, now: Timestamp) -> EventRecord {
    EventRecord {
        id,
        name: event.name.as_str().into(),
        user_id: event.user_id.as_deref().map(Into::into),
        ts: event.ts.unwrap_or(now),
        received_at: now,
        payload: event.payload(id, now),
    }
}
