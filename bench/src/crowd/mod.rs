//! What runs cost that do nothing for now: a crowd asleep, and a crowd that waits for events of one
//! name, each for its own.
//!
//! The state is written through the store, because the way through the API takes many minutes. The
//! rows are those that the server itself writes, but for the history of calls, which it does not
//! read here. Files were just written, so they are in the cache of the system when a server starts.

pub(crate) mod fill;
mod stampede;
mod wake;

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::bail;
use everstep_protocol::Timestamp;
use tempfile::TempDir;

use self::fill::Fill;
use crate::child::{Server, Worker};
use crate::figures::{Budget, Figure, Unit};
use crate::idle::{self, Idle, MEGABYTE};

/// How large the crowd is, and how often things are measured.
pub(crate) struct Effort {
    pub(crate) runs: u32,
    pub(crate) starts: usize,
    pub(crate) idle: Duration,
    /// Waits that are ended, of each kind.
    pub(crate) wakes: u32,
    /// Runs that wait for the same event.
    pub(crate) alike: u32,
}

/// Of the runs.
pub(crate) const AGE: Duration = Duration::from_secs(60 * 60);
/// Jobs that are due so late are not loaded while this runs.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);
/// Jobs that are due so soon are loaded at once, all of them; and none comes due while this runs.
const NEAR: Duration = Duration::from_secs(4 * 60);
const NEAR_SPREAD: Duration = Duration::from_secs(50);

/// A state folder, and the binary that is started on it.
struct Site<'a> {
    binary: &'a Path,
    folder: TempDir,
    effort: &'a Effort,
    /// When the runs of the crowd began.
    begun_at: Timestamp,
}

impl<'a> Site<'a> {
    /// A state that knows the app, and no runs.
    async fn new(
        binary: &'a Path,
        data: &Path,
        effort: &'a Effort,
        worker: &Worker,
    ) -> anyhow::Result<Self> {
        let site = Self {
            binary,
            folder: tempfile::tempdir_in(data)?,
            effort,
            begun_at: now()? - AGE,
        };
        site.start()?.register(worker).await?;
        Ok(site)
    }

    fn start(&self) -> anyhow::Result<Server> {
        Server::start(self.binary, self.folder.path())
    }

    /// Open the state for writing; no server runs meanwhile.
    async fn fill(&self) -> anyhow::Result<Fill> {
        Fill::open(&Server::database(self.folder.path()), self.begun_at).await
    }

    /// Start the server several times, and let the last one settle.
    async fn observe(&self) -> anyhow::Result<(Server, Observed)> {
        let mut starts = Vec::new();
        for _ in 1..self.effort.starts {
            starts.push(self.start()?.cold_start.as_secs_f64());
        }
        let server = self.start()?;
        starts.push(server.cold_start.as_secs_f64());
        let idle = idle::measure(&server, self.effort.idle).await?;
        let peak_bytes = server.peak_resident_bytes()?;
        let observed = Observed {
            starts,
            idle,
            peak_bytes,
        };
        Ok((server, observed))
    }
}

struct Observed {
    /// In seconds.
    starts: Vec<f64>,
    idle: Idle,
    peak_bytes: f64,
}

impl Observed {
    /// What a run of the crowd takes, over a server that has none, and the server as a whole.
    fn figures(self, memory: &'static str, without: &Self, runs: u32) -> [Figure; 4] {
        let more = self.idle.resident_bytes - without.idle.resident_bytes;
        let bytes_per_run = vec![more / f64::from(runs)];
        let cpu = vec![self.idle.cpu_percent];
        let peak = vec![self.peak_bytes / MEGABYTE];
        [
            Figure::new(memory, Unit::Bytes, bytes_per_run),
            Figure::new(
                "  peak of the server's, at the start",
                Unit::Megabytes,
                peak,
            ),
            Figure::new(
                "  start to first request served",
                Unit::Seconds,
                self.starts,
            ),
            Figure::new("  idle CPU, of one core", Unit::Percent, cpu).budget(Budget::AtMost(0.5)),
        ]
    }
}

/// None is set for runs that wait.
fn with_budgets_of_sleepers([memory, peak, start, cpu]: [Figure; 4]) -> [Figure; 4] {
    [
        memory.budget(Budget::AtMost(300.0)),
        peak,
        start.budget(Budget::AtMost(5.0)),
        cpu,
    ]
}

pub(crate) async fn measure(
    binary: &Path,
    data: &Path,
    effort: &Effort,
) -> anyhow::Result<Vec<Figure>> {
    let mut worker = Worker::start()?;
    let mut figures = sleepers(binary, data, effort, &mut worker).await?;
    figures.extend(waiters(binary, data, effort, &mut worker).await?);
    figures.extend(alike(binary, data, effort, &mut worker).await?);
    Ok(figures)
}

async fn sleepers(
    binary: &Path,
    data: &Path,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<Vec<Figure>> {
    println!("crowd: {} runs asleep …", effort.runs);
    let site = Site::new(binary, data, effort, worker).await?;
    let (_, empty) = site.observe().await?;

    let fill = site.fill().await?;
    let wakes_at = now()? + FAR;
    fill.write(effort.runs, |fill, number| {
        Ok(fill.sleeper(number, wakes_at))
    })
    .await?;
    drop(fill);
    let (server, far) = site.observe().await?;
    let beside = wake::newcomers(worker, &server, effort.wakes).await?;
    drop(server);

    let fill = site.fill().await?;
    let first_wake = now()? + NEAR;
    fill.write(effort.runs, |fill, number| {
        let wakes_at = first_wake + NEAR_SPREAD.mul_f64(f64::from(number) / f64::from(effort.runs));
        Ok(vec![fill.wake_up(number, wakes_at)])
    })
    .await?;
    drop(fill);
    let (server, near) = site.observe().await?;
    drop(server);
    if now()? >= first_wake {
        bail!(
            "runs woke up before all was measured: this machine is too slow for so large a crowd"
        );
    }

    let far = far.figures("a run asleep until tomorrow", &empty, effort.runs);
    let far = with_budgets_of_sleepers(far);
    let near = near.figures("a run asleep for minutes", &empty, effort.runs);
    let near = with_budgets_of_sleepers(near);
    let beside = milliseconds(
        "  event to the call of a run that waits beside them, p50",
        beside.p50,
    );
    Ok(far.into_iter().chain([beside]).chain(near).collect())
}

async fn waiters(
    binary: &Path,
    data: &Path,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<Vec<Figure>> {
    println!("crowd: {} runs that wait …", effort.runs);
    let site = Site::new(binary, data, effort, worker).await?;
    let (server, empty) = site.observe().await?;
    let alone = wake::newcomers(worker, &server, effort.wakes).await?;
    drop(server);

    let fill = site.fill().await?;
    let expires_at = now()? + FAR;
    fill.write(effort.runs, |fill, number| {
        fill.waiter(number, &fill::key(number), expires_at)
    })
    .await?;
    drop(fill);
    let (server, crowd) = site.observe().await?;
    let newcomers = wake::newcomers(worker, &server, effort.wakes).await?;
    let members = wake::members(worker, &server, effort.runs, effort.wakes).await?;

    let figures = crowd.figures("a run that waits for an event", &empty, effort.runs);
    Ok(figures
        .into_iter()
        .chain([
            milliseconds("  event to the call of its run, p50", members.p50),
            milliseconds("  the same, of a run that began just now", newcomers.p50),
            milliseconds("  the same, with no other run there", alone.p50),
        ])
        .collect())
}

/// One event ends all waits.
async fn alike(
    binary: &Path,
    data: &Path,
    effort: &Effort,
    worker: &mut Worker,
) -> anyhow::Result<[Figure; 3]> {
    const KEY: &str = "alike";
    println!("crowd: {} runs that wait for one event …", effort.alike);
    let site = Site::new(binary, data, effort, worker).await?;
    let fill = site.fill().await?;
    let expires_at = now()? + FAR;
    fill.write(effort.alike, |fill, number| {
        fill.waiter(number, KEY, expires_at)
    })
    .await?;
    drop(fill);
    let server = site.start()?;
    idle::measure(&server, effort.idle).await?;
    let seen = stampede::measure(worker, &server, effort.alike as usize, KEY).await?;
    let in_milliseconds = |duration: Duration| duration.as_secs_f64() * 1e3;
    Ok([
        milliseconds(
            "an event that ends the waits of a crowd, until acknowledged",
            in_milliseconds(seen.acknowledged),
        ),
        milliseconds(
            "  another event meanwhile, at worst",
            in_milliseconds(seen.others_max),
        ),
        Figure::new(
            "  until the last run of them has ended",
            Unit::Seconds,
            vec![seen.ended.as_secs_f64()],
        ),
    ])
}

fn milliseconds(name: &'static str, value: f64) -> Figure {
    Figure::new(name, Unit::Milliseconds, vec![value])
}

fn now() -> anyhow::Result<Timestamp> {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(i64::try_from(
        since_epoch.as_millis(),
    )?))
}
