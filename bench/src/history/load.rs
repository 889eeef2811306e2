//! A steady load on the server: runs of ten steps, started one at a time.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::Uri;

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::shape::Sequence;
use crate::worker::{COUNTERS_PATH, Counters};

/// Between the events that start runs: 1,000 steps a second.
const PACE: Duration = Duration::from_millis(10);

/// What the load was.
pub(super) struct Written {
    pub(super) steps_per_second: f64,
    /// From when each event was due until it was acknowledged, sorted.
    pub(super) acknowledged_ms: Vec<f64>,
}

/// Writes as long as `other` takes.
pub(super) async fn beside<T>(
    server: &Server,
    worker: &Worker,
    other: impl Future<Output = T>,
) -> anyhow::Result<(T, Written)> {
    let mut control = Connection::open(worker.port).await?;
    let mut events = Connection::open(server.port).await?;
    let before: Counters = control.get(&Uri::from_static(COUNTERS_PATH)).await?;
    let mut acknowledged_ms = Vec::new();
    let other = tokio::select! {
        other = other => other,
        failed = write(&mut events, &mut acknowledged_ms) => match failed? {},
    };
    let after: Counters = control.get(&Uri::from_static(COUNTERS_PATH)).await?;
    acknowledged_ms.sort_by(f64::total_cmp);
    let steps = super::float(after.steps - before.steps);
    let written = Written {
        steps_per_second: steps / (after.at - before.at),
        acknowledged_ms,
    };
    Ok((other, written))
}

/// Until something fails. An event that comes late because the one before took long counts from when
/// it was due.
async fn write(
    events: &mut Connection,
    acknowledged_ms: &mut Vec<f64>,
) -> anyhow::Result<Infallible> {
    let target = Uri::from_static("/e/bench");
    let event = Sequence::STEADY.event();
    let mut ticks = tokio::time::interval(PACE);
    loop {
        let due = ticks.tick().await;
        events.post(&target, event.clone()).await?;
        acknowledged_ms.push(due.elapsed().as_secs_f64() * 1e3);
    }
}
