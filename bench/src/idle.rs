//! What the server takes when it has nothing to do, and how long it takes to be there.

use std::path::Path;
use std::time::Duration;

use crate::child::Server;

/// A server is settled once it has done next to nothing for this long …
const QUIET: Duration = Duration::from_secs(1);
/// … which is no more than this, in seconds of CPU time: a tick of `/proc` may belong to anything.
const QUIET_CPU_SECONDS: f64 = 0.011;
/// A server that is never quiet is measured as it is after this many looks; its CPU time tells.
const LOOKS_MAX: usize = 30;
pub(crate) const MEGABYTE: f64 = 1_000_000.0;

pub(crate) struct Idle {
    pub(crate) resident_bytes: f64,
    /// Of one core.
    pub(crate) cpu_percent: f64,
}

/// Memory once the server has settled, and CPU time from then on.
pub(crate) async fn measure(server: &Server, duration: Duration) -> anyhow::Result<Idle> {
    settle(server).await?;
    let before = server.cpu_seconds()?;
    tokio::time::sleep(duration).await;
    let used = server.cpu_seconds()? - before;
    Ok(Idle {
        resident_bytes: server.resident_bytes()?,
        cpu_percent: used / duration.as_secs_f64() * 100.0,
    })
}

/// Until the server has done what it does after a start or under load.
async fn settle(server: &Server) -> anyhow::Result<()> {
    let mut before = server.cpu_seconds()?;
    for _ in 0..LOOKS_MAX {
        tokio::time::sleep(QUIET).await;
        let now = server.cpu_seconds()?;
        if now - before < QUIET_CPU_SECONDS {
            break;
        }
        before = now;
    }
    Ok(())
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
