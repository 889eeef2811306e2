//! How long a run of a quiet tenant waits for its first call, alone and behind a noisy one.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use http::Uri;

use super::Site;
use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::figures::{Figure, Unit};
use crate::latency::{self, Latency, Recorder};
use crate::tenant::Tenant;

pub(crate) struct Effort {
    /// Runs of the noisy tenant that are queued when the quiet ones come.
    pub(crate) runs: u32,
    /// Runs of each quiet tenant.
    pub(crate) samples: u32,
}

const NOISY: u32 = 0;
const QUIET: u32 = 99;
const FUNCTION: Tenant = Tenant::BUSY;
/// Between two runs of quiet tenants.
const PAUSE: Duration = Duration::from_millis(20);
/// For the last of their calls to arrive.
const REST: Duration = Duration::from_secs(1);

pub(super) async fn measure(
    binary: &Path,
    data: &Path,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<Vec<Figure>> {
    println!(
        "tenants: {QUIET} quiet ones beside {} runs of another …",
        effort.runs
    );
    let site = Site::new(binary, data, worker).await?;
    let server = site.start()?;
    let alone = delays(worker, &server, effort.samples).await?;
    drop(server);
    site.queue(FUNCTION, effort.runs, NOISY + 1).await?;
    let server = site.start()?;
    while worker.ended_runs.try_recv().is_ok() {}
    let behind = delays(worker, &server, effort.samples).await?;
    let mut ended = 0;
    while let Ok(count) = worker.ended_runs.try_recv() {
        ended += count;
    }
    ensure!(
        ended < effort.runs as usize,
        "the noise was over before the quiet tenants were served: nothing was measured"
    );
    let ratio = |name: &'static str, value| Figure::new(name, Unit::Times, vec![value]);
    let delay = |name: &'static str, value| Figure::new(name, Unit::Milliseconds, vec![value]);
    Ok(vec![
        delay(
            "event to first call of a quiet tenant, alone, p50",
            alone.p50,
        ),
        delay("  p99", alone.p99),
        delay("  behind a noisy tenant, p50", behind.p50),
        delay("  p99", behind.p99),
        ratio("  p50 of that of alone", behind.p50 / alone.p50),
        ratio("  p99 of that of alone", behind.p99 / alone.p99),
    ])
}

/// Of quiet tenants that start a run now and then, in turn.
async fn delays(worker: &Worker, server: &Server, samples: u32) -> anyhow::Result<Latency> {
    let mut recorder = Recorder::start(worker).await?;
    let mut events = Connection::open(server.port).await?;
    let mut sent = Vec::new();
    for sample in 0..samples * QUIET {
        let tenant = NOISY + 1 + sample % QUIET;
        let event = FUNCTION.event_body(tenant, Some(sample));
        sent.push(latency::now()?);
        events.post(&Uri::from_static("/e/bench"), event).await?;
        tokio::time::sleep(PAUSE).await;
    }
    tokio::time::sleep(REST).await;
    let mut arrived = recorder.stop().await?.samples;
    arrived.sort_unstable();
    let arrived: Vec<Duration> = arrived.into_iter().map(|(_, at)| at).collect();
    Latency::between(&sent, &arrived)
}
