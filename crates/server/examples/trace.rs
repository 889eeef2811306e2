//! How long the trace of a run of 10,000 steps takes, over HTTP from a file.
//!
//! ```console
//! cargo run --release -p everstep-server --example trace
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use everstep_core::Change;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, EventRecord, RunRecord, RunStatus, ShardId, StepKind,
    StepRecord, StepStatus, StepTrace,
};
use everstep_core::retry::RetryPolicy;
use everstep_engine::http::{HttpClient, Limits, Request};
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{
    AppId, EventId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp,
};
use everstep_server::cli::LogLevel;
use everstep_server::console::{Detail, Format};
use everstep_server::dev::{Data, DevConfig, DevServer};
use everstep_server::listen::{Host, IfTaken};
use everstep_store::{SqliteStore, Store};
use http::{HeaderMap, Method};

const STEPS: u32 = 10_000;
const ROUNDS: usize = 21;
const START: i64 = 1_700_000_000_000;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is what the program is for")]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let run = RunId::from_parts(at(0), 1);
    fill(&folder.path().join("everstep.db"), run).await?;
    let server = DevServer::start(config(folder.path()), std::io::sink()).await;
    let server = server.map_err(|exit| anyhow::anyhow!("the server does not start: {exit:?}"))?;
    let client = HttpClient::new(Duration::from_secs(5));
    for query in ["", "?includeOutput=true"] {
        let url = format!(
            "http://localhost:{}/v2/runs/{run}/trace{query}",
            server.port
        );
        let mut took = Vec::new();
        let mut size = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let response = client.send(get(&url)?, LIMITS).await?;
            took.push(begun.elapsed());
            anyhow::ensure!(response.status.is_success(), "{:?}", response.body);
            size = response.body.len();
        }
        took.sort();
        let (median, longest) = (took[ROUNDS / 2], took[ROUNDS - 1]);
        println!("{STEPS} steps, {size} bytes: p50 {median:.1?}, longest {longest:.1?}");
    }
    Ok(())
}

const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(60),
    body_max: 256 << 20,
    redirects_max: 0,
    answer_header: None,
};

fn get(url: &str) -> anyhow::Result<Request> {
    Ok(Request {
        method: Method::GET,
        url: url.parse().context("the URL is none")?,
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    })
}

fn config(folder: &Path) -> DevConfig {
    DevConfig {
        urls: Vec::new(),
        host: Host::Loopback,
        port: 0,
        if_taken: IfTaken::Fail,
        discovery: None,
        poll: false,
        poll_interval: Duration::from_secs(60),
        retry: RetryPolicy::Fixed(Duration::from_secs(1)),
        calls_in_flight_max: 1,
        calls_per_app_max: 1,
        data: Data::Folder(folder.to_owned()),
        format: Format::Text { color: false },
        detail: Detail::Normal,
        level: LogLevel::Error,
        notices: Vec::new(),
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

/// A run that has ended, whose steps had one call each.
async fn fill(path: &Path, id: RunId) -> anyhow::Result<()> {
    let store = SqliteStore::open(path)?;
    let lease = store.shard_acquire(ShardId::EMBEDDED).await?;
    let event = EventId::from_parts(at(0), 1);
    let mut changes = vec![
        Change::PutEvent(EventRecord {
            id: event,
            name: "shop/paid".into(),
            user_id: None,
            ts: at(0),
            received_at: at(0),
            payload: Json::from_canonical(r#"{"data":{},"name":"shop/paid"}"#),
        }),
        Change::PutRun(run(id)),
        Change::PutRunEvents {
            run: id,
            events: vec![event],
        },
    ];
    for number in 0..STEPS {
        changes.push(Change::PutStep(step(id, number)));
        changes.push(Change::PutAttempt(attempt(id, number)));
    }
    store.commit(&lease, changes.into()).await?;
    Ok(())
}

fn run(id: RunId) -> RunRecord {
    RunRecord {
        id,
        function: FunctionId::derive(AppId::derive("shop"), "shop-pay"),
        function_version: 1,
        status: RunStatus::Completed,
        started_at: Some(at(1)),
        ended_at: Some(at(10 * i64::from(STEPS))),
        max_attempts: 4,
        request_version: 2,
        parallel: false,
        next_job: 1,
        generation: STEPS,
        state_bytes: 0,
        steps_done: STEPS,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: Some(Json::null()),
    }
}

fn step(run: RunId, number: u32) -> StepRecord {
    let input = Json::from_canonical(r#"[{"amount":1234,"currency":"EUR"}]"#);
    let trace = StepTrace {
        input: Some(input),
        ..StepTrace::default()
    };
    StepRecord {
        run,
        id: StepId::derive("charge the card", number),
        kind: StepKind::Run,
        status: StepStatus::Completed,
        name: "charge the card".into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: Some(number),
        value: Some(Json::from_canonical(
            r#"{"data":{"amount":1234,"currency":"EUR","ok":true}}"#,
        )),
        trace: Some(trace.to_json()),
        created_at: at(10 * i64::from(number) + 8),
        started_at: Some(at(10 * i64::from(number) + 3)),
        ended_at: Some(at(10 * i64::from(number) + 8)),
    }
}

fn attempt(run: RunId, number: u32) -> AttemptRecord {
    AttemptRecord {
        job: JobId::discovery(run),
        request: RequestId::from_parts(at(10 * i64::from(number)), u128::from(number)),
        generation: number + 1,
        attempt: 0,
        step: Some(StepId::derive("charge the card", number)),
        outcome: AttemptOutcome::Succeeded,
        due_at: at(10 * i64::from(number)),
        started_at: at(10 * i64::from(number) + 1),
        duration: Duration::from_millis(8),
        timing: None,
        http_status: Some(206),
        error: None,
    }
}
