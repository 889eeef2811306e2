//! What a long history costs those who look at it, and those who write meanwhile.
//!
//! The history is written through the store, as a crowd is. Then the server writes 1,000 steps a second
//! (see [`load`]) while pages of lists, searches and a large trace are read from it over HTTP, one
//! after the other; and it goes on writing while retention removes the history.

mod load;
mod past;
mod reads;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use http::Uri;
use serde::Deserialize;
use tempfile::TempDir;

use self::load::Written;
use self::past::Past;
use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::figures::{Budget, Figure, Unit, percentile};
use crate::idle::MEGABYTE;

pub(crate) struct Effort {
    /// Of ten steps each.
    pub(crate) runs: u32,
    /// How often each read is made.
    pub(crate) rounds: usize,
    /// How long commits are watched, with retention and without.
    pub(crate) watched: Duration,
}

/// For the server to start its first runs, before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// So long a commit may wait for retention, in milliseconds.
const RETENTION_DELAY_MAX: f64 = 50.0;

const RETENTION_FLAGS: [&str; 3] = [
    "--retention-runs",
    "--retention-events",
    "--retention-traces",
];
const NEVER: &str = "never";
/// The least there is: all of the history is older.
const AN_HOUR: &str = "1h";

/// What is read of `GET /v2/system/storage`.
#[derive(Deserialize)]
struct Storage {
    data: StorageData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorageData {
    used_bytes: u64,
    removed_rows: u64,
    /// Set when retention has nothing left to do.
    looked_at: Option<String>,
}

/// A state with a history, and an app that the server knows.
struct Site<'a> {
    binary: &'a Path,
    folder: TempDir,
    worker: Worker,
    past: Past,
}

pub(crate) async fn measure(
    binary: &Path,
    data: &Path,
    effort: &Effort,
) -> anyhow::Result<Vec<Figure>> {
    println!("history: {} runs …", effort.runs);
    let site = Site::new(binary, data, effort.runs).await?;
    println!("history: reads …");
    let mut figures = site.reads(effort).await?;
    println!("history: retention …");
    figures.extend(site.retention(effort.watched).await?);
    Ok(figures)
}

impl<'a> Site<'a> {
    async fn new(binary: &'a Path, data: &Path, runs: u32) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(data)?;
        let worker = Worker::start()?;
        let server = Server::start(binary, folder.path())?;
        server.register(&worker).await?;
        drop(server);
        let past = Past::write(&Server::database(folder.path()), runs).await?;
        Ok(Self {
            binary,
            folder,
            worker,
            past,
        })
    }

    /// A server under load that keeps what has ended for so long.
    async fn start(&self, kept: &str) -> anyhow::Result<Server> {
        let flags = RETENTION_FLAGS.iter().flat_map(|flag| [*flag, kept]);
        let server = Server::start_with(self.binary, self.folder.path(), flags)?;
        self.watch(&server, WARM_UP).await?;
        Ok(server)
    }

    async fn watch(&self, server: &Server, duration: Duration) -> anyhow::Result<Written> {
        let ((), written) =
            load::beside(server, &self.worker, tokio::time::sleep(duration)).await?;
        Ok(written)
    }

    /// Nothing is removed meanwhile.
    async fn reads(&self, effort: &Effort) -> anyhow::Result<Vec<Figure>> {
        let server = self.start(NEVER).await?;
        let used = storage(&server).await?.used_bytes;
        let alone = self.watch(&server, effort.watched).await?;
        let reading = reads::measure(&server, &self.past, effort.rounds);
        let (read, beside) = load::beside(&server, &self.worker, reading).await?;
        let mut figures = vec![
            Figure::new(
                "history, on disk",
                Unit::Megabytes,
                vec![float(used) / MEGABYTE],
            ),
            rate("steps written while it is read", &beside),
        ];
        figures.extend(read?);
        figures.extend(delays("event until acknowledged", &alone));
        figures.extend(delays("  while the history is read", &beside));
        Ok(figures)
    }

    async fn retention(&self, watched: Duration) -> anyhow::Result<Vec<Figure>> {
        let server = self.start(AN_HOUR).await?;
        let before = storage(&server).await?;
        let begun = Instant::now();
        let written = self.watch(&server, watched).await?;
        let seconds = begun.elapsed().as_secs_f64();
        let after = storage(&server).await?;
        let removed = after.removed_rows - before.removed_rows;
        ensure!(
            removed > 0 && after.looked_at.is_none(),
            "retention was not at it all the time that commits were watched"
        );
        let [p50, p99, longest] = delays("  while retention removes", &written);
        Ok(vec![
            p50,
            p99,
            longest.budget(Budget::AtMost(RETENTION_DELAY_MAX)),
            rate("  steps written meanwhile", &written),
            Figure::new(
                "  rows removed meanwhile",
                Unit::PerSecond,
                vec![float(removed) / seconds],
            ),
        ])
    }
}

async fn storage(server: &Server) -> anyhow::Result<StorageData> {
    let target = Uri::from_static("/v2/system/storage?measure=false");
    let storage: Storage = Connection::open(server.port).await?.get(&target).await?;
    Ok(storage.data)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "far fewer than 2^52 of anything"
)]
fn float(count: u64) -> f64 {
    count as f64
}

fn rate(name: &'static str, written: &Written) -> Figure {
    Figure::new(name, Unit::PerSecond, vec![written.steps_per_second])
}

/// Of the middle one, of one in a hundred, and the longest.
fn delays(name: &'static str, written: &Written) -> [Figure; 3] {
    let figure = |name: String, percent| {
        let delay = percentile(&written.acknowledged_ms, percent);
        Figure::new(name, Unit::Milliseconds, vec![delay])
    };
    [
        figure(format!("{name}, p50"), 50.0),
        figure(format!("{name}, p99"), 99.0),
        figure(format!("{name}, longest"), 100.0),
    ]
}
