//! What the server takes when it has nothing to do, and how long it takes to be there.

use std::path::Path;
use std::time::Duration;

use crate::child::Server;

/// After a start, before anything is called idle.
const SETTLE: Duration = Duration::from_secs(1);
const MEGABYTE: f64 = 1_000_000.0;

pub(crate) struct Idle {
    pub(crate) resident_megabytes: f64,
    /// Of one core.
    pub(crate) cpu_percent: f64,
}

pub(crate) async fn measure(server: &Server, duration: Duration) -> anyhow::Result<Idle> {
    tokio::time::sleep(SETTLE).await;
    let before = server.cpu_seconds()?;
    tokio::time::sleep(duration).await;
    let used = server.cpu_seconds()? - before;
    Ok(Idle {
        resident_megabytes: server.resident_bytes()? / MEGABYTE,
        cpu_percent: used / duration.as_secs_f64() * 100.0,
    })
}

/// From the start of the process, without any state, to its first good answer; in milliseconds.
pub(crate) fn cold_starts(binary: &Path, data: &Path, count: usize) -> anyhow::Result<Vec<f64>> {
    (0..count)
        .map(|_| {
            let folder = tempfile::tempdir_in(data)?;
            let server = Server::start(binary, folder.path())?;
            Ok(server.cold_start.as_secs_f64() * 1000.0)
        })
        .collect()
}
