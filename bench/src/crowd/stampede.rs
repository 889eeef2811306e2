//! One event ends the waits of a crowd: how long that takes, and what others notice of it.

use std::time::{Duration, Instant};

use anyhow::ensure;
use http::Uri;

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::latency::PAUSE;
use crate::{shape, waiter};

/// For all runs of the crowd to end.
const CEILING: Duration = Duration::from_secs(300);

pub(super) struct Stampede {
    /// Until the event was acknowledged.
    pub(super) acknowledged: Duration,
    /// The longest time until another event was acknowledged, before all runs had ended.
    pub(super) others_max: Duration,
    pub(super) ended: Duration,
}

/// All of the crowd wait for this key.
pub(super) async fn measure(
    worker: &mut Worker,
    server: &Server,
    crowd: usize,
    key: &str,
) -> anyhow::Result<Stampede> {
    let target = Uri::from_static("/e/bench");
    let mut others = Connection::open(server.port).await?;
    let mut connection = Connection::open(server.port).await?;
    let begun = Instant::now();
    let body = waiter::event_body(waiter::AWAITED_EVENT, key);
    let event = {
        let target = target.clone();
        tokio::spawn(async move {
            connection.post(&target, body).await?;
            anyhow::Ok(begun.elapsed())
        })
    };
    let (mut ended, mut others_max) = (0, Duration::ZERO);
    while ended < crowd {
        ensure!(
            begun.elapsed() < CEILING,
            "only {ended} of {crowd} runs went on within {CEILING:?}"
        );
        tokio::time::sleep(PAUSE).await;
        let asked = Instant::now();
        others.post(&target, shape::unheard_events(1)).await?;
        others_max = others_max.max(asked.elapsed());
        while let Ok(count) = worker.ended_runs.try_recv() {
            ended += count;
        }
    }
    Ok(Stampede {
        acknowledged: event.await??,
        others_max,
        ended: begun.elapsed(),
    })
}
