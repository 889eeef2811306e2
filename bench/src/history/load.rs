//! A steady load on the server: runs of ten steps, started one after the other.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::Uri;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::shape::Sequence;
use crate::worker::{COUNTERS_PATH, Counters};

/// Between the events that start runs: 1,000 steps a second.
const PACE: Duration = Duration::from_millis(10);
/// They send in turn, so that an event which takes long does not hold up the next ones.
const SENDERS: u32 = 20;

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
    let (acknowledged, mut delays) = unbounded_channel();
    let mut senders = JoinSet::new();
    let begun = Instant::now();
    for sender in 0..SENDERS {
        let events = Connection::open(server.port).await?;
        senders.spawn(send(events, begun + PACE * sender, acknowledged.clone()));
    }
    let before: Counters = control.get(&Uri::from_static(COUNTERS_PATH)).await?;
    let other = tokio::select! {
        other = other => other,
        Some(failed) = senders.join_next() => match failed?? {},
    };
    let after: Counters = control.get(&Uri::from_static(COUNTERS_PATH)).await?;
    senders.shutdown().await;
    let mut acknowledged_ms: Vec<f64> = std::iter::from_fn(|| delays.try_recv().ok()).collect();
    acknowledged_ms.sort_by(f64::total_cmp);
    let steps = super::float(after.steps - before.steps);
    let written = Written {
        steps_per_second: steps / (after.at - before.at),
        acknowledged_ms,
    };
    Ok((other, written))
}

/// Until something fails. An event that is sent late because the one before took long counts from
/// when it was due.
async fn send(
    mut events: Connection,
    first: Instant,
    acknowledged_ms: UnboundedSender<f64>,
) -> anyhow::Result<Infallible> {
    let target = Uri::from_static("/e/bench");
    let event = Sequence::STEADY.event();
    let mut ticks = tokio::time::interval_at(first, PACE * SENDERS);
    loop {
        let due = ticks.tick().await;
        events.post(&target, event.clone()).await?;
        // Whoever listens has all that was acknowledged before it stopped.
        let _ = acknowledged_ms.send(due.elapsed().as_secs_f64() * 1e3);
    }
}
