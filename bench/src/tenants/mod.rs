//! What tenants notice of each other, and what a run costs that is queued.
//!
//! One function, whose calls are counted for each tenant and in all. The queue is written through the
//! store, as a crowd is; runs go through the whole server, to the app and back.

mod length;
mod noise;

use std::path::Path;
use std::time::SystemTime;

use everstep_protocol::Timestamp;
use tempfile::TempDir;

use crate::child::{Server, Worker};
use crate::crowd::fill::Fill;
use crate::figures::Figure;
use crate::tenant::Tenant;

pub(crate) use self::length::Effort as LengthEffort;
pub(crate) use self::noise::Effort as NoiseEffort;

pub(crate) struct Effort {
    pub(crate) noise: NoiseEffort,
    pub(crate) length: LengthEffort,
}

pub(crate) async fn measure(
    binary: &Path,
    data: &Path,
    effort: &Effort,
) -> anyhow::Result<Vec<Figure>> {
    let mut worker = Worker::start()?;
    let mut figures = noise::measure(binary, data, &effort.noise, &mut worker).await?;
    figures.extend(length::measure(binary, data, &effort.length, &mut worker).await?);
    Ok(figures)
}

/// A state that knows the app. Whoever is queued there was so an hour ago.
struct Site<'a> {
    binary: &'a Path,
    folder: TempDir,
}

impl<'a> Site<'a> {
    async fn new(binary: &'a Path, data: &Path, worker: &Worker) -> anyhow::Result<Self> {
        let site = Self {
            binary,
            folder: tempfile::tempdir_in(data)?,
        };
        site.start()?.register(worker).await?;
        Ok(site)
    }

    fn start(&self) -> anyhow::Result<Server> {
        Server::start(self.binary, self.folder.path())
    }

    /// Queue runs of these tenants, in turn; no server runs meanwhile.
    async fn queue(&self, function: Tenant, runs: u32, tenants: u32) -> anyhow::Result<()> {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let now = Timestamp::from_millis(i64::try_from(since_epoch.as_millis())?);
        let fill = Fill::open(
            &Server::database(self.folder.path()),
            now - crate::crowd::AGE,
        )
        .await?;
        fill.write(runs, |fill, number| {
            Ok(fill.queued(number, function, number % tenants))
        })
        .await
    }
}
