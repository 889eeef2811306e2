//! What a queued run takes, and what it costs to get one through a queue of some length.
//!
//! The queue keeps its length while it is measured: for each run that has ended, one is queued.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use http::Uri;

use super::Site;
use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::figures::{Figure, Unit};
use crate::idle;
use crate::tenant::Tenant;

pub(crate) struct Effort {
    /// Lengths of the queue, the shortest first.
    pub(crate) lengths: &'static [u32],
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

const FUNCTION: Tenant = Tenant::QUICK;
const TENANTS: u32 = 100;
const IDLE: Duration = Duration::from_secs(1);

/// Of one length.
struct Seen {
    runs: u32,
    bytes_per_run: f64,
    cold_start: f64,
    cpu_per_run: f64,
    runs_per_second: f64,
}

pub(super) async fn measure(
    binary: &Path,
    data: &Path,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<Vec<Figure>> {
    let mut all = Vec::new();
    for runs in effort.lengths {
        println!("tenants: {runs} runs queued …");
        all.push(of_length(binary, data, *runs, effort, worker).await?);
    }
    let shortest = all.first().context("no length was asked for")?.cpu_per_run;
    Ok(all.iter().flat_map(|seen| seen.figures(shortest)).collect())
}

impl Seen {
    fn figures(&self, cpu_of_shortest: f64) -> [Figure; 5] {
        let figure = |name: String, unit, value| Figure::new(name, unit, vec![value]);
        let cpu = self.cpu_per_run;
        [
            figure(
                format!("server CPU of a run through a queue of {}", self.runs),
                Unit::Microseconds,
                cpu * 1e6,
            ),
            figure(
                "  of that of the shortest".to_owned(),
                Unit::Times,
                cpu / cpu_of_shortest,
            ),
            figure("  runs".to_owned(), Unit::PerSecond, self.runs_per_second),
            figure(
                "  memory of a queued run".to_owned(),
                Unit::Bytes,
                self.bytes_per_run,
            ),
            figure(
                "  start to first request served".to_owned(),
                Unit::Seconds,
                self.cold_start,
            ),
        ]
    }
}

async fn of_length(
    binary: &Path,
    data: &Path,
    runs: u32,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<Seen> {
    let site = Site::new(binary, data, worker).await?;
    let server = site.start()?;
    control(&server, "pause", r#"{"newRuns":"queue","running":"hold"}"#).await?;
    let empty = idle::measure(&server, IDLE).await?;
    drop(server);
    site.queue(FUNCTION, runs, TENANTS).await?;
    let server = site.start()?;
    let full = idle::measure(&server, IDLE).await?;
    while worker.ended_runs.try_recv().is_ok() {}
    control(&server, "resume", "{}").await?;
    let (cpu_per_run, runs_per_second) = through(worker, &server, effort).await?;
    Ok(Seen {
        runs,
        bytes_per_run: (full.resident_bytes - empty.resident_bytes) / f64::from(runs),
        cold_start: server.cold_start.as_secs_f64(),
        cpu_per_run,
        runs_per_second,
    })
}

async fn control(server: &Server, verb: &str, body: &'static str) -> anyhow::Result<()> {
    let target = format!("/v2/functions/{}/{verb}", FUNCTION.slug());
    let mut connection = Connection::open(server.port).await?;
    connection.post(&Uri::try_from(target)?, body).await
}

/// Seconds of the server's CPU for each run that has ended, and how many have in a second.
async fn through(
    worker: &mut Worker,
    server: &Server,
    effort: &Effort,
) -> anyhow::Result<(f64, f64)> {
    let mut events = Connection::open(server.port).await?;
    let mut queued = 0;
    go_on(worker, &mut events, &mut queued, effort.warm_up).await?;
    let (begun, before) = (Instant::now(), server.cpu_seconds()?);
    let ended = go_on(worker, &mut events, &mut queued, effort.measured).await?;
    let used = server.cpu_seconds()? - before;
    let ended = f64::from(ended);
    Ok((used / ended, ended / begun.elapsed().as_secs_f64()))
}

/// Queue a run for each one that ends, for a while. How many have.
async fn go_on(
    worker: &mut Worker,
    events: &mut Connection,
    queued: &mut u32,
    duration: Duration,
) -> anyhow::Result<u32> {
    let until = Instant::now() + duration;
    let mut ended = 0;
    while Instant::now() < until {
        let Some(mut count) = worker.ended_runs.recv().await else {
            bail!("the worker has ended");
        };
        // All that ended while the request before was under way.
        while let Ok(more) = worker.ended_runs.try_recv() {
            count += more;
        }
        ended += u32::try_from(count)?;
        let next = (0..count).map(|_| {
            *queued += 1;
            FUNCTION.event_body(*queued % TENANTS, None)
        });
        let batch = format!("[{}]", next.collect::<Vec<_>>().join(","));
        events.post(&Uri::from_static("/e/bench"), batch).await?;
    }
    Ok(ended)
}
