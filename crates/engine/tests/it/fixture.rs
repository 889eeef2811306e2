//! An engine with a fake app, over a store that can be made to stall and fail.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_core::record::{self, RunRecord, StepStatus};
use everstep_core::{Change, ShardConfig};
use everstep_engine::rt::{Clock, SystemRandom};
use everstep_engine::{
    Caller, Engine, EngineConfig, Gateway, NoSearch, NoSearcher, Parts, RetentionConfig, Searcher,
};
use everstep_protocol::call::CallRequest;
use everstep_protocol::event::EventInput;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::op::Op;
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::sync::RegisterRequest;
use everstep_protocol::{
    CancellationId, EventId, FunctionId, Json, OperationId, RunId, StepId, Timestamp,
};
use everstep_store::memory::MemoryStore;
use everstep_store::{CommitError, ReadError, RunPage, RunQuery, ShardLease, Store};
use tokio::sync::{Notify, watch};

pub(crate) const INPUTS_WAITING_MAX: usize = 8;

/// Jobs per load, so small that a test exceeds it.
const JOBS_PER_LOAD: usize = 70;

pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<ShakyStore>,
    clock: PausedClock,
}

impl Fixture {
    pub(crate) async fn start(app: Arc<App>) -> Self {
        let clock = PausedClock(tokio::time::Instant::now());
        Self::over(MemoryStore::default(), clock, app, None).await
    }

    pub(crate) async fn with_retention(app: Arc<App>, retention: RetentionConfig) -> Self {
        let clock = PausedClock(tokio::time::Instant::now());
        Self::over(MemoryStore::default(), clock, app, Some(retention)).await
    }

    /// A new engine over what this one stored.
    pub(crate) async fn restart(self, app: Arc<App>) -> Self {
        self.engine.shutdown(Duration::ZERO).await;
        Self::over(self.store.inner.clone(), self.clock, app, None).await
    }

    async fn over(
        inner: MemoryStore,
        clock: PausedClock,
        app: Arc<App>,
        retention: Option<RetentionConfig>,
    ) -> Self {
        let store = Arc::new(ShakyStore {
            inner: inner.clone(),
            stalled: watch::channel(false).0,
            failures: AtomicUsize::new(0),
        });
        let parts = Parts {
            clock: Arc::new(clock),
            searcher: Arc::new(EvenRuns(inner)),
            ..parts(store.clone(), app)
        };
        let config = EngineConfig {
            inputs_waiting_max: INPUTS_WAITING_MAX,
            jobs_per_load: JOBS_PER_LOAD,
            retention,
            // An event is compared with one wait at a time.
            shard: ShardConfig {
                search_steps_per_turn: 1,
                ..ShardConfig::default()
            },
        };
        let engine = Engine::start(parts, config).await.unwrap();
        engine.app_sync(app_sync()).await.unwrap();
        Self {
            engine,
            store,
            clock,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The run of an event, once it has ended.
    pub(crate) async fn ended(&self, event: EventId) -> RunRecord {
        for _ in 0..100_000 {
            let runs = self.store.event_runs(event).await.unwrap();
            if let [run] = runs.as_slice()
                && run.status.is_final()
            {
                return run.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the run of {event} does not end");
    }

    pub(crate) async fn all_sleeping(&self, events: &[EventId]) {
        for event in events {
            let run = self.store.event_runs(*event).await.unwrap()[0].id;
            while self
                .store
                .run_steps(run)
                .await
                .unwrap()
                .first()
                .is_none_or(|step| step.status != StepStatus::Sleeping)
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

/// With the clock of the tests, which stands at its beginning.
pub(crate) fn parts(store: Arc<dyn Store>, app: Arc<App>) -> Parts {
    Parts {
        store,
        caller: app,
        gateway: Arc::new(NoGateway),
        searcher: Arc::new(NoSearcher),
        clock: Arc::new(PausedClock(tokio::time::Instant::now())),
        random: Arc::new(SystemRandom),
    }
}

pub(crate) fn event(name: &str) -> EventInput {
    EventInput::new(name, Json::from_canonical("{}"))
}

fn app_sync() -> everstep_protocol::sync::AppSync {
    let body = r#"{"url":"http://app.test/api","appName":"t","deployType":"ping","sdk":"js:v4.24.0",
        "functions":[{"id":"t-go","name":"go","triggers":[{"event":"t/go"}],"steps":{"step":{
        "id":"step","name":"step","runtime":{"type":"http","url":"http://app.test/api"}}}}]}"#;
    RegisterRequest::parse(body.as_bytes())
        .and_then(RegisterRequest::into_app_sync)
        .unwrap()
}

#[derive(Clone, Copy)]
struct PausedClock(tokio::time::Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000) + self.0.elapsed()
    }
}

/// Answers calls from a list, or as it is told.
pub(crate) struct App {
    answers: Mutex<VecDeque<String>>,
    then: Mutex<Option<String>>,
    delay: Duration,
    calls: Mutex<VecDeque<CallRequest>>,
    made: AtomicUsize,
    called: Notify,
}

impl App {
    pub(crate) fn answering(answers: &[&str]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(|answer| (*answer).to_owned()).collect()),
            then: Mutex::new(None),
            delay: Duration::from_millis(5),
            calls: Mutex::default(),
            made: AtomicUsize::new(0),
            called: Notify::new(),
        })
    }

    /// Never answers.
    pub(crate) fn hanging() -> Arc<Self> {
        Self::slow(Duration::from_secs(1_000_000), "[]")
    }

    /// Takes its time for its only answer.
    pub(crate) fn slow(delay: Duration, answer: &str) -> Arc<Self> {
        let app = Arc::into_inner(Self::answering(&[answer])).unwrap();
        Arc::new(Self { delay, ..app })
    }

    /// What to answer when the list is used up.
    pub(crate) fn always(&self, answer: &str) {
        *self.then.lock().unwrap() = Some(answer.to_owned());
    }

    pub(crate) async fn next_call(&self) -> CallRequest {
        loop {
            let called = self.called.notified();
            if let Some(call) = self.calls.lock().unwrap().pop_front() {
                return call;
            }
            called.await;
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Caller for App {
    async fn call(&self, call: Call) -> Reply {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.calls.lock().unwrap().push_back(call.request);
        self.called.notify_one();
        tokio::time::sleep(self.delay).await;
        let listed = self.answers.lock().unwrap().pop_front();
        let Some(answer) = listed.or_else(|| self.then.lock().unwrap().clone()) else {
            return Reply::unreachable("the fake app has no answer left");
        };
        Reply {
            outcome: Outcome::Ops(Op::parse_all(answer.as_bytes()).unwrap()),
            request_version: Some(2),
            no_retry: None,
            retry_at: None,
            status: Some(206),
            turned_away: None,
            timing: None,
        }
    }
}

/// Knows one search, [`EVEN`]: runs whose id is an even number. It looks at a few at a
/// time.
struct EvenRuns(MemoryStore);

/// The search that the engine's searcher knows.
pub(crate) const EVEN: &str = "even";

/// Whether [`EVEN`] holds for it.
pub(crate) fn is_even(run: RunId) -> bool {
    run.to_bytes()[15].is_multiple_of(2)
}

#[async_trait]
impl Searcher for EvenRuns {
    async fn runs(
        &self,
        search: &str,
        _asked_at: Timestamp,
        query: &RunQuery,
    ) -> Result<Result<RunPage, NoSearch>, ReadError> {
        if search != EVEN {
            return Ok(Err(NoSearch(format!("{search:?} is not known"))));
        }
        let few = RunQuery {
            limit: query.limit.min(3),
            ..query.clone()
        };
        let mut page = self.0.run_list(&few).await?;
        page.runs.retain(|run| is_even(run.id));
        Ok(Ok(page))
    }
}

/// For apps whose steps make no requests.
struct NoGateway;

#[async_trait]
impl Gateway for NoGateway {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        panic!("no request is expected here: {request:?}")
    }
}

/// A memory store whose commits can be made to wait and to fail.
pub(crate) struct ShakyStore {
    inner: MemoryStore,
    stalled: watch::Sender<bool>,
    failures: AtomicUsize,
}

impl ShakyStore {
    /// Commits wait.
    pub(crate) fn stall(&self) {
        self.stalled.send_replace(true);
    }

    pub(crate) fn go_on(&self) {
        self.stalled.send_replace(false);
    }

    /// The next commits fail: by turns nothing is written, or it is not said.
    pub(crate) fn fail(&self, times: usize) {
        self.failures.store(times, Ordering::Relaxed);
    }

    pub(crate) fn failures_left(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }

    pub(crate) async fn commit_shaky(
        &self,
        lease: &ShardLease,
        changes: Arc<[Change]>,
    ) -> Result<(), CommitError> {
        let mut stalled = self.stalled.subscribe();
        stalled.wait_for(|stalled| !stalled).await.unwrap();
        let left = self.failures.load(Ordering::Relaxed);
        if left == 0 {
            return self.inner.commit(lease, changes).await;
        }
        self.failures.store(left - 1, Ordering::Relaxed);
        let cause = Arc::new(std::io::Error::other("simulated"));
        if left.is_multiple_of(2) {
            return Err(CommitError::Unavailable(cause));
        }
        self.inner.commit(lease, changes).await?;
        Err(CommitError::OutcomeUnknown(cause))
    }
}

macro_rules! delegate {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        #[async_trait]
        impl Store for ShakyStore {
            async fn shard_acquire(&self, shard: record::ShardId) -> Result<ShardLease, CommitError> {
                self.inner.shard_acquire(shard).await
            }

            async fn commit(&self, lease: &ShardLease, changes: Arc<[Change]>) -> Result<(), CommitError> {
                self.commit_shaky(lease, changes).await
            }

            async fn prune(&self, prune: &everstep_store::Prune) -> Result<everstep_store::Pruned, CommitError> {
                self.inner.prune(prune).await
            }

            $(async fn $name(&self, $($arg: $type),*) -> Result<$result, everstep_store::ReadError> {
                self.inner.$name($($arg),*).await
            })*
        }
    };
}

delegate! {
    shard_load(lease: &ShardLease) -> record::ShardState;
    jobs_due(shard: record::ShardId, after: Option<Timestamp>, until: Timestamp, limit: usize) -> Vec<record::LoadedJob>;
    run_snapshot(run: RunId) -> Option<record::RunSnapshot>;
    events_known(events: &[EventId]) -> Vec<EventId>;
    events_by_id(events: &[EventId]) -> Vec<record::EventRecord>;
    app_list() -> Vec<record::AppRecord>;
    function_list() -> Vec<record::FunctionRecord>;
    event_list(filter: &everstep_store::EventFilter) -> everstep_store::EventPage;
    event_view(event: EventId) -> Option<record::EventRecord>;
    event_runs(event: EventId) -> Vec<RunRecord>;
    event_skips(event: EventId) -> Vec<record::SkipRecord>;
    run_view(run: RunId) -> Option<RunRecord>;
    run_events(run: RunId) -> Vec<record::EventRecord>;
    run_steps(run: RunId) -> Vec<record::StepRecord>;
    run_jobs(run: RunId) -> Vec<record::JobRecord>;
    run_attempts(run: RunId) -> Vec<record::AttemptRecord>;
    run_waits(run: RunId) -> Vec<record::WaitRecord>;
    run_defers(run: RunId) -> Vec<record::DeferRecord>;
    run_metadata(run: RunId) -> Vec<record::MetadataRecord>;
    run_spans(run: RunId) -> Vec<record::SpanRecord>;
    run_span_ids(run: RunId) -> Vec<everstep_protocol::SpanId>;
    triggered_runs(events: &[EventId], per_event: usize) -> Vec<everstep_store::TriggeredRun>;
    steps_known(run: RunId, steps: &[StepId]) -> Vec<StepId>;
    runs_live(shard: record::ShardId, from: RunId, before: RunId, limit: usize) -> Vec<(RunId, FunctionId)>;
    cancellation_list(before: Option<CancellationId>, limit: usize) -> Vec<record::CancellationRecord>;
    cancellation_view(cancellation: CancellationId) -> Option<record::CancellationRecord>;
    audit_list(filter: &everstep_store::AuditFilter) -> everstep_store::AuditPage;
    run_list(query: &everstep_store::RunQuery) -> everstep_store::RunPage;
    run_count(filter: &everstep_store::RunFilter, max: usize) -> everstep_store::RunCount;
    event_counts(events: &[EventId]) -> Vec<everstep_store::EventCounts>;
    run_triggers(runs: &[RunId], events_max: usize) -> Vec<everstep_store::RunTrigger>;
    run_rerun(run: RunId) -> Option<record::RerunRecord>;
    rerun_list(source: RunId, before: Option<RunId>, limit: usize) -> Vec<record::RerunRecord>;
    operation_list(before: Option<OperationId>, limit: usize) -> Vec<record::OperationRecord>;
    operation_view(operation: OperationId) -> Option<record::OperationRecord>;
    rollup_sums(filter: &everstep_store::RollupFilter) -> Vec<(Timestamp, everstep_store::Rollup)>;
    rollup_sums_by_function(filter: &everstep_store::RollupFilter) -> Vec<(FunctionId, Timestamp, everstep_store::Rollup)>;
    storage() -> everstep_store::Storage;
    storage_tables() -> Vec<everstep_store::TableUse>;
    error_list(filter: &everstep_store::ErrorFilter) -> Vec<everstep_store::ErrorGroup>;
    error_view(group: record::ErrorGroupId) -> Option<everstep_store::ErrorGroup>;
    error_counts(groups: &[record::ErrorGroupId], buckets: &everstep_store::ErrorBuckets) -> Vec<Vec<u64>>;
    error_runs(group: record::ErrorGroupId, before: Option<RunId>, limit: usize) -> Vec<RunRecord>;
    attribute_list() -> Vec<record::AttributeRecord>;
    run_attributes(runs: &[RunId]) -> Vec<record::RunAttributes>;
}
