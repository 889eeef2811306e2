//! How many events per second are accepted, each durable before its batch is answered.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Uri;

use crate::child::Server;
use crate::client::Connection;
use crate::shape;

const BATCH: u32 = 100;
/// Senders at the same time.
const SENDERS: usize = 8;

/// Events per second.
pub(crate) async fn events_per_second(server: &Server, duration: Duration) -> anyhow::Result<f64> {
    let body = shape::unheard_events(BATCH as usize);
    let start = Instant::now();
    let deadline = start + duration;
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..SENDERS {
        let connection = Connection::open(server.port).await?;
        senders.spawn(send_until(connection, body.clone(), deadline));
    }
    let mut batches = 0;
    while let Some(sender) = senders.join_next().await {
        batches += sender??;
    }
    Ok(f64::from(batches * BATCH) / start.elapsed().as_secs_f64())
}

async fn send_until(
    mut connection: Connection,
    body: Bytes,
    deadline: Instant,
) -> anyhow::Result<u32> {
    let target = Uri::from_static("/e/bench");
    let mut batches = 0;
    while Instant::now() < deadline {
        connection.post(&target, body.clone()).await?;
        batches += 1;
    }
    Ok(batches)
}
