//! Measures how long commits wait while retention removes history, fsync on:
//!
//! ```text
//! cargo run --release -p everstep-engine --example retention [folder] [runs]
//! ```
//!
//! The database is made in the folder (the current one by default), with ended runs of five steps
//! each and their events; it is removed at the end. A thousand steps a second are committed, at first
//! with nothing else going on, then while an engine removes the runs.

#![expect(clippy::print_stdout, reason = "it prints figures")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use everstep_core::Change;
use everstep_core::effect::Call;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, EventRecord, RunRecord, RunStatus, ShardId, StepKind,
    StepRecord, StepStatus,
};
use everstep_engine::rt::{Clock, SystemClock, SystemRandom};
use everstep_engine::{Caller, Engine, EngineConfig, Gateway, Parts, RetentionConfig};
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::op::ParallelMode;
use everstep_protocol::reply::Reply;
use everstep_protocol::{
    AppId, EventId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp,
};
use everstep_store::{ShardLease, SqliteStore, Store};

type Error = Box<dyn std::error::Error>;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Of a run.
const STEPS: u32 = 5;

/// Between two commits of one step.
const PACE: Duration = Duration::from_millis(1);

/// Another shard than that of the engine: both commit to the same file.
const SHARD: ShardId = ShardId(1);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let runs: u32 = arguments
        .next()
        .map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("retention.db");
    let store = Arc::new(SqliteStore::open(&path)?);
    let lease = store.shard_acquire(SHARD).await?;
    let now = SystemClock.now();
    fill(&store, lease, now - 40 * DAY, runs).await?;
    let before = store.storage().await?;
    println!(
        "{runs} runs of {STEPS} steps: {} MB",
        before.used_bytes >> 20
    );

    let live = run_id(now, u32::MAX);
    let until = Instant::now() + Duration::from_secs(5);
    let took = commits(&store, lease, live, async || Instant::now() < until).await?;
    quantiles("a commit, nothing else", took);

    let retention = RetentionConfig {
        runs: Some(30 * DAY),
        events: Some(30 * DAY),
        ..RetentionConfig::default()
    };
    let parts = Parts {
        store: store.clone(),
        caller: Arc::new(Nobody),
        gateway: Arc::new(Nobody),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    let config = EngineConfig {
        retention: Some(retention),
        ..EngineConfig::default()
    };
    let begun = Instant::now();
    let engine = Engine::start(parts, config).await?;
    let is_at_it = async || engine.retention().looked_at.is_none();
    let took = commits(&store, lease, live, is_at_it).await?;
    quantiles("a commit, with retention", took);
    let removed = engine.retention().removed;
    let passed = begun.elapsed();
    println!(
        "removed {removed} rows in {passed:.1?}, {:.0}/s; in use {} MB of {} MB",
        removed as f64 / passed.as_secs_f64(),
        store.storage().await?.used_bytes >> 20,
        store.storage().await?.file_bytes >> 20,
    );
    engine.shutdown(Duration::ZERO).await;
    Ok(())
}

async fn fill(
    store: &SqliteStore,
    lease: ShardLease,
    from: Timestamp,
    runs: u32,
) -> Result<(), Error> {
    let mut changes = Vec::new();
    for number in 0..runs {
        let at = from + Duration::from_millis(u64::from(number));
        let id = run_id(at, number);
        let event = EventRecord {
            id: EventId::from_parts(at, u128::from(number)),
            name: "app/order.created".into(),
            user_id: None,
            ts: at,
            received_at: at,
            payload: Json::string(&"x".repeat(300)),
        };
        changes.push(Change::PutRunEvents {
            run: id,
            events: vec![event.id],
        });
        changes.push(Change::PutEvent(event));
        for step in 0..STEPS {
            changes.extend(step_commit(id, step, at));
        }
        changes.push(Change::PutRun(ended(id, at)));
        if changes.len() > 2_000 {
            let changes = std::mem::take(&mut changes);
            store.commit(&lease, changes.into()).await?;
        }
    }
    store.commit(&lease, changes.into()).await?;
    Ok(())
}

/// Commit a step at a time as long as the condition holds, and tell how long each took.
async fn commits(
    store: &SqliteStore,
    lease: ShardLease,
    run: RunId,
    goes_on: impl AsyncFn() -> bool,
) -> Result<Vec<Duration>, Error> {
    let mut took = Vec::new();
    let mut pace = tokio::time::interval(PACE);
    let mut step = 0;
    while goes_on().await {
        pace.tick().await;
        step += 1;
        let changes = step_commit(run, step, run.timestamp());
        let begun = Instant::now();
        store.commit(&lease, changes.into()).await?;
        took.push(begun.elapsed());
    }
    Ok(took)
}

fn run_id(at: Timestamp, number: u32) -> RunId {
    RunId::from_parts(at, u128::from(number) << 40)
}

fn ended(id: RunId, at: Timestamp) -> RunRecord {
    RunRecord {
        id,
        function: FunctionId::derive(AppId::derive("app"), "function"),
        function_version: 1,
        status: RunStatus::Completed,
        started_at: Some(at),
        ended_at: Some(at),
        max_attempts: 4,
        request_version: 2,
        parallel: false,
        next_job: 1,
        generation: 0,
        state_bytes: 0,
        steps_done: STEPS,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: Some(Json::string("done")),
    }
}

fn step_commit(run: RunId, step: u32, at: Timestamp) -> [Change; 2] {
    let hash = u128::from(step).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834);
    [
        Change::PutStep(StepRecord {
            run,
            id: StepId::new(format!("{hash:040x}")),
            kind: StepKind::Run,
            status: StepStatus::Completed,
            name: "step".into(),
            step_type: None,
            mode: ParallelMode::Join,
            position: Some(step),
            value: Some(Json::string(&"y".repeat(100))),
            trace: None,
            created_at: at,
            started_at: Some(at),
            ended_at: Some(at),
        }),
        Change::PutAttempt(AttemptRecord {
            job: JobId::discovery(run),
            request: RequestId::from_parts(at, u128::from(step)),
            generation: step,
            attempt: 0,
            step: None,
            outcome: AttemptOutcome::Succeeded,
            due_at: at,
            started_at: at,
            timing: None,
            duration: Duration::from_micros(300),
            http_status: Some(206),
            error: None,
        }),
    ]
}

/// Nothing is called here.
struct Nobody;

#[async_trait]
impl Caller for Nobody {
    async fn call(&self, _: Call) -> Reply {
        Reply::unreachable("there is no app")
    }
}

#[async_trait]
impl Gateway for Nobody {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        unreachable!("no step asks for a request: {request:?}")
    }
}

fn quantiles(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 1_000];
    println!(
        "{what:<26}p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, max {:.1?}, of {}",
        at(500),
        at(990),
        at(999),
        at(1_000),
        took.len()
    );
}
