//! What one run waits for on an idle machine.

use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::figures::percentile;
use crate::shape::Sequence;
use crate::worker::{RECORDING_PATH, Recording};

/// Between two samples, so that the machine is idle at each.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);
pub(crate) const RUN_TIMEOUT: Duration = Duration::from_secs(30);

/// Percentiles in milliseconds.
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Latency {
    fn of(samples: &[Duration]) -> anyhow::Result<Self> {
        if samples.is_empty() {
            bail!("nothing was measured");
        }
        let mut sorted: Vec<f64> = samples
            .iter()
            .map(|sample| sample.as_secs_f64() * 1000.0)
            .collect();
        sorted.sort_by(f64::total_cmp);
        Ok(Self {
            p50: percentile(&sorted, 50.0),
            p99: percentile(&sorted, 99.0),
        })
    }

    /// From when each event was sent to when the call that it caused arrived, in the same order.
    pub(crate) fn between(sent: &[Duration], arrived: &[Duration]) -> anyhow::Result<Self> {
        if arrived.len() != sent.len() {
            bail!("{} events caused {} calls", sent.len(), arrived.len());
        }
        let latencies: Vec<Duration> = sent
            .iter()
            .zip(arrived)
            .map(|(sent, arrived)| arrived.saturating_sub(*sent))
            .collect();
        Self::of(&latencies)
    }
}

/// Since the Unix epoch.
pub(crate) fn now() -> anyhow::Result<Duration> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?)
}

/// From the worker's reply to the arrival of the run's next call.
pub(crate) async fn step_gap(
    worker: &mut Worker,
    server: &Server,
    runs: usize,
) -> anyhow::Result<Latency> {
    let mut recorder = Recorder::start(worker).await?;
    let mut events = Connection::open(server.port).await?;
    for _ in 0..runs {
        run_one(worker, &mut events, Sequence::LONG).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Latency::of(&recorder.stop().await?.gaps)
}

/// The same for a client loop without a server: what two connections and a wake-up cost here.
pub(crate) async fn step_gap_raw(worker: &Worker, runs: usize) -> anyhow::Result<Latency> {
    let calls = Sequence::LONG.calls();
    let target = Uri::try_from(Sequence::LONG.call_target())?;
    let mut recorder = Recorder::start(worker).await?;
    let mut connection = Connection::open(worker.port).await?;
    for _ in 0..runs {
        for (headers, body) in &calls {
            connection
                .send(Method::POST, &target, headers.clone(), body.clone())
                .await?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Latency::of(&recorder.stop().await?.gaps)
}

/// From the moment an event is sent to the arrival of the first call that it causes.
pub(crate) async fn first_call(
    worker: &mut Worker,
    server: &Server,
    samples: usize,
) -> anyhow::Result<Latency> {
    let mut recorder = Recorder::start(worker).await?;
    let mut events = Connection::open(server.port).await?;
    let mut sent = Vec::with_capacity(samples);
    for _ in 0..samples {
        sent.push(now()?);
        run_one(worker, &mut events, Sequence::NONE).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Latency::between(&sent, &recorder.stop().await?.first_calls)
}

/// One run, from its event to its end.
async fn run_one(
    worker: &mut Worker,
    events: &mut Connection,
    sequence: Sequence,
) -> anyhow::Result<()> {
    while worker.ended_runs.try_recv().is_ok() {}
    events
        .post(&Uri::from_static("/e/bench"), sequence.event())
        .await?;
    let ended = tokio::time::timeout(RUN_TIMEOUT, worker.ended_runs.recv()).await;
    ended.with_context(|| format!("a run of {} steps does not end", sequence.steps))?;
    Ok(())
}

/// The worker records until it is stopped.
pub(crate) struct Recorder {
    control: Connection,
}

impl Recorder {
    pub(crate) async fn start(worker: &Worker) -> anyhow::Result<Self> {
        let mut control = Connection::open(worker.port).await?;
        control
            .send(
                Method::POST,
                &Uri::from_static(RECORDING_PATH),
                HeaderMap::new(),
                Bytes::new(),
            )
            .await?;
        Ok(Self { control })
    }

    pub(crate) async fn stop(&mut self) -> anyhow::Result<Recording> {
        self.control.get(&Uri::from_static(RECORDING_PATH)).await
    }
}
