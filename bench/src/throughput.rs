//! How many sequential steps pass per second, through the server and without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::shape::Sequence;
use crate::worker::{COUNTERS_PATH, Counters};

/// Runs under way at any time.
pub(crate) const IN_FLIGHT: usize = 50;
const SEQUENCE: Sequence = Sequence::SHORT;
/// Long beyond what runs of 20 steps take: they end, or something is broken.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a phase runs before it is measured, and how long it is measured.
#[derive(Clone, Copy)]
pub(crate) struct Phase {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What a phase did.
pub(crate) struct Measured {
    pub(crate) steps_per_second: f64,
    /// CPU time of the server for each step; nothing without a server.
    pub(crate) server_cpu_per_step: Option<f64>,
    /// CPU time of the worker for each step.
    pub(crate) worker_cpu_per_step: f64,
}

/// Readings at one moment.
struct Reading {
    counters: Counters,
    worker_cpu: f64,
    server_cpu: Option<f64>,
}

async fn read(
    control: &mut Connection,
    worker: &Worker,
    server: Option<&Server>,
) -> anyhow::Result<Reading> {
    Ok(Reading {
        counters: control.get(&Uri::from_static(COUNTERS_PATH)).await?,
        worker_cpu: worker.cpu_seconds()?,
        server_cpu: server.map(Server::cpu_seconds).transpose()?,
    })
}

fn between(before: &Reading, after: &Reading) -> anyhow::Result<Measured> {
    let steps =
        u32::try_from(after.counters.steps - before.counters.steps).context("too many steps")?;
    if steps == 0 {
        bail!("no step was done");
    }
    let steps = f64::from(steps);
    let server_cpu = before
        .server_cpu
        .zip(after.server_cpu)
        .map(|(before, after)| after - before);
    Ok(Measured {
        steps_per_second: steps / (after.counters.at - before.counters.at),
        server_cpu_per_step: server_cpu.map(|cpu| cpu / steps),
        worker_cpu_per_step: (after.worker_cpu - before.worker_cpu) / steps,
    })
}

/// The worker's own limit: each lane posts the calls of a run, again and again.
pub(crate) async fn raw(worker: &Worker, phase: Phase) -> anyhow::Result<Measured> {
    let calls: Arc<[(HeaderMap, Bytes)]> = SEQUENCE.calls().into();
    let stop = Arc::new(AtomicBool::new(false));
    let mut lanes = tokio::task::JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let connection = Connection::open(worker.port).await?;
        lanes.spawn(raw_lane(connection, Arc::clone(&calls), Arc::clone(&stop)));
    }
    let measured = measure(worker, None, phase).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    measured
}

async fn raw_lane(
    mut connection: Connection,
    calls: Arc<[(HeaderMap, Bytes)]>,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<()> {
    let target = Uri::try_from(SEQUENCE.call_target())?;
    while !stop.load(Ordering::Relaxed) {
        for (headers, body) in calls.iter() {
            let (status, _) = connection
                .send(Method::POST, &target, headers.clone(), body.clone())
                .await?;
            if !status.is_success() {
                bail!("the worker answered {status}");
            }
        }
    }
    Ok(())
}

async fn measure(
    worker: &Worker,
    server: Option<&Server>,
    phase: Phase,
) -> anyhow::Result<Measured> {
    let mut control = Connection::open(worker.port).await?;
    tokio::time::sleep(phase.warm_up).await;
    let before = read(&mut control, worker, server).await?;
    tokio::time::sleep(phase.measured).await;
    let after = read(&mut control, worker, server).await?;
    between(&before, &after)
}

/// The same through the server: as soon as a run has ended, the next one is asked for.
pub(crate) async fn through_server(
    worker: &mut Worker,
    server: &Server,
    phase: Phase,
) -> anyhow::Result<Measured> {
    // What raw phases left: their runs ended at the worker too.
    while worker.ended_runs.try_recv().is_ok() {}
    let mut events = Connection::open(server.port).await?;
    start_runs(&mut events, IN_FLIGHT).await?;

    // Taken out, so that it can be waited for while the worker is being read.
    let mut ended_runs = std::mem::replace(
        &mut worker.ended_runs,
        tokio::sync::mpsc::unbounded_channel().1,
    );
    let feeding = async {
        while let Some(mut count) = ended_runs.recv().await {
            // All that ended while the request before was under way.
            while let Ok(more) = ended_runs.try_recv() {
                count += more;
            }
            start_runs(&mut events, count).await?;
        }
        bail!("the worker has ended")
    };
    let measured = tokio::select! {
        measured = measure(worker, Some(server), phase) => measured,
        failed = feeding => failed,
    };
    worker.ended_runs = ended_runs;
    drain(worker).await?;
    measured
}

/// Until no run has ended for a while: what was asked for has been done.
async fn drain(worker: &mut Worker) -> anyhow::Result<()> {
    const QUIET: Duration = Duration::from_millis(500);
    let quiet = async {
        while tokio::time::timeout(QUIET, worker.ended_runs.recv())
            .await
            .is_ok_and(|count| count.is_some())
        {}
    };
    tokio::time::timeout(DRAIN_TIMEOUT, quiet)
        .await
        .context("the runs do not end")
}

async fn start_runs(events: &mut Connection, count: usize) -> anyhow::Result<()> {
    let event = SEQUENCE.event();
    let batch = format!("[{}]", vec![event.as_str(); count].join(","));
    events.post(&Uri::from_static("/e/bench"), batch).await
}
