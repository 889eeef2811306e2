//! One WebSocket: what its client asks for, and what it is told.
//!
//! A client that does not take what it is sent is not waited for: its mailbox overflows, which it
//! is told of, and after a while it is let go.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, close_code};
use everstep_engine::rt::Clock;
use tokio::time::{Instant, MissedTickBehavior};

use super::hub::Connection;
use super::message::{Refusal, Request, heartbeat};

/// Bytes of a message of a client. It is told, if one is longer.
pub(crate) const REQUEST_MAX: usize = 4096;
/// Bytes of a message for which the connection is closed before it is read.
pub(crate) const FRAME_MAX: usize = 64 * 1024;
/// Between signs of life.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);
/// A client of which nothing is heard for so long, not even the answer to a ping, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// How long a client may take to take in a message.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// A client is let go.
struct Gone;

/// Serves a client until it goes, or the server stops.
pub(crate) async fn serve(
    mut socket: WebSocket,
    connection: Connection,
    clock: Arc<dyn Clock>,
    stopped: impl Future<Output = ()>,
) {
    let mut feed = Feed {
        socket: &mut socket,
        connection,
        clock,
    };
    tokio::select! {
        Gone = feed.run() => return,
        () = stopped => {}
    }
    let goodbye = CloseFrame {
        code: close_code::AWAY,
        reason: Utf8Bytes::from_static("the server stops"),
    };
    // Whoever does not take it has gone.
    let _ = send(&mut socket, Frame::Close(Some(goodbye))).await;
}

struct Feed<'a> {
    socket: &'a mut WebSocket,
    connection: Connection,
    clock: Arc<dyn Clock>,
}

impl Feed<'_> {
    async fn run(&mut self) -> Gone {
        let mut beats = tokio::time::interval(HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard_at = Instant::now();
        loop {
            let sent = tokio::select! {
                frame = self.socket.recv() => {
                    heard_at = Instant::now();
                    match frame {
                        Some(Ok(frame)) => self.answer(frame).await,
                        Some(Err(_)) | None => Err(Gone),
                    }
                }
                message = self.connection.next() => self.tell(message.text.clone()).await,
                _ = beats.tick() => {
                    if heard_at.elapsed() > SILENCE_MAX {
                        return Gone;
                    }
                    self.beat().await
                }
            };
            if let Err(gone) = sent {
                return gone;
            }
        }
    }

    async fn answer(&mut self, frame: Frame) -> Result<(), Gone> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(_) => {
                let refusal = Refusal::Form("it is binary".to_owned());
                return self.tell(refusal.text()).await;
            }
            // Answered when the next one is read, if there is an answer.
            Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_) => return Ok(()),
        };
        match self.request(&text).await {
            Ok(Some(text)) => self.tell(text).await,
            Ok(None) => Ok(()),
            Err(refusal) => self.tell(refusal.text()).await,
        }
    }

    async fn request(&mut self, text: &str) -> Result<Option<Utf8Bytes>, Refusal> {
        if text.len() > REQUEST_MAX {
            return Err(Refusal::TooLong {
                size: text.len(),
                limit: REQUEST_MAX,
            });
        }
        match Request::parse(text)? {
            Request::Follow(topic, cursor) => {
                let first = self.connection.follow(topic, cursor).await?;
                Ok(Some(first.text))
            }
            Request::Leave(topic) => {
                self.connection.leave(topic);
                Ok(None)
            }
        }
    }

    /// The message is for pages, which see no pings; the ping is answered by the browser itself.
    async fn beat(&mut self) -> Result<(), Gone> {
        self.tell(heartbeat(self.clock.now())).await?;
        send(self.socket, Frame::Ping(bytes::Bytes::new())).await
    }

    async fn tell(&mut self, text: Utf8Bytes) -> Result<(), Gone> {
        send(self.socket, Frame::Text(text)).await
    }
}

async fn send(socket: &mut WebSocket, frame: Frame) -> Result<(), Gone> {
    let sent = tokio::time::timeout(SEND_TIMEOUT, socket.send(frame)).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}
