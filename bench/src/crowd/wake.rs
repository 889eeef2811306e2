//! From an event to the call of the run that waited for it.

use anyhow::Context;
use http::Uri;

use super::fill;
use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::latency::{self, Latency, PAUSE, RUN_TIMEOUT, Recorder};
use crate::waiter;

/// Runs of the crowd, far apart: their rows were not read since the server started.
pub(super) async fn members(
    worker: &mut Worker,
    server: &Server,
    crowd: u32,
    samples: u32,
) -> anyhow::Result<Latency> {
    let mut recorder = Recorder::start(worker).await?;
    let mut events = Connection::open(server.port).await?;
    let mut sent = Vec::new();
    for sample in 0..samples {
        let number = u64::from(crowd) * u64::from(sample) / u64::from(samples);
        let key = fill::key(u32::try_from(number)?);
        sent.push(latency::now()?);
        end_wait(worker, &mut events, &key).await?;
    }
    Latency::between(&sent, &recorder.stop().await?.resumptions)
}

/// Runs that begin now, one after the other.
pub(super) async fn newcomers(
    worker: &mut Worker,
    server: &Server,
    samples: u32,
) -> anyhow::Result<Latency> {
    let mut recorder = Recorder::start(worker).await?;
    let mut events = Connection::open(server.port).await?;
    let mut sent = Vec::new();
    for sample in 0..samples {
        let key = format!("newcomer-{sample}");
        let begin = waiter::event_body(waiter::EVENT, &key);
        send(&mut events, begin).await?;
        // Until the first call was answered, and the answer stored.
        tokio::time::sleep(PAUSE).await;
        sent.push(latency::now()?);
        end_wait(worker, &mut events, &key).await?;
    }
    Latency::between(&sent, &recorder.stop().await?.resumptions)
}

async fn end_wait(worker: &mut Worker, events: &mut Connection, key: &str) -> anyhow::Result<()> {
    while worker.ended_runs.try_recv().is_ok() {}
    send(events, waiter::event_body(waiter::AWAITED_EVENT, key)).await?;
    let ended = tokio::time::timeout(RUN_TIMEOUT, worker.ended_runs.recv()).await;
    ended.with_context(|| format!("the run that waits for {key} does not go on"))?;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

async fn send(events: &mut Connection, body: String) -> anyhow::Result<()> {
    events.post(&Uri::from_static("/e/bench"), body).await
}
