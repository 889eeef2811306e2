//! What people see in the terminal: what happens to their apps, events and runs.
//!
//! All of it goes to stderr: stdout is for data, and the development server has none. With
//! `--json` the same facts are JSON objects of the shape of log lines.
//!
//! Whoever has something to tell never waits for the terminal. A thread writes; if it falls too
//! far behind, facts are left out, and it says how many.

mod fact;
mod json;
mod names;
mod paint;
mod text;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use everstep_core::effect::Update;
use everstep_engine::rt::{Clock, SystemClock};
use everstep_protocol::Timestamp;
use tokio::sync::{broadcast, oneshot};

pub use self::fact::{Fact, Start};
pub use self::names::Names;
use self::paint::Paint;

/// Facts that may wait for the terminal.
const WAITING_MAX: usize = 4096;
/// Facts that are written at once.
const BATCH_MAX: usize = 256;
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
const FLUSH_RETRY: Duration = Duration::from_millis(5);

/// How facts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text { color: bool },
    Json,
}

/// Which facts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    Problems,
    Normal,
    Everything,
}

/// The way to the terminal. Clones lead to the same one.
#[derive(Clone)]
pub struct Console {
    messages: SyncSender<Message>,
    detail: Detail,
    left_out: Arc<AtomicU64>,
}

enum Message {
    Fact(Timestamp, Box<Fact>),
    Flush(oneshot::Sender<()>),
}

struct Writer<W> {
    sink: W,
    format: Format,
    names: Arc<Names>,
    /// Where to look at a run; its id comes behind it.
    run_links: String,
    left_out: Arc<AtomicU64>,
}

impl Console {
    /// Starts to write to `sink`. A link to a run is its id behind `run_links`.
    pub fn start(
        sink: impl Write + Send + 'static,
        format: Format,
        detail: Detail,
        names: Arc<Names>,
        run_links: String,
    ) -> Self {
        let (messages, inbox) = sync_channel(WAITING_MAX);
        let left_out = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            sink,
            format,
            names,
            run_links,
            left_out: Arc::clone(&left_out),
        };
        std::thread::spawn(move || writer.run(&inbox));
        Self {
            messages,
            detail,
            left_out,
        }
    }

    /// Tells a fact, if it is wanted.
    pub fn tell(&self, fact: Fact) {
        if fact.detail() > self.detail {
            return;
        }
        let message = Message::Fact(SystemClock.now(), Box::new(fact));
        if self.messages.try_send(message).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells what the engine does, until the engine is gone.
    pub async fn follow(self, mut updates: broadcast::Receiver<Update>) {
        loop {
            match updates.recv().await {
                Ok(update) => self.tell(Fact::Update(update)),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    self.left_out.fetch_add(missed, Ordering::Relaxed);
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Waits until all that was told is written, but not for a terminal that has stopped.
    pub async fn flush(&self) {
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, self.flushed()).await;
    }

    async fn flushed(&self) {
        let (done, written) = oneshot::channel();
        let mut message = Message::Flush(done);
        while let Err(error) = self.messages.try_send(message) {
            message = match error {
                TrySendError::Full(message) => message,
                TrySendError::Disconnected(_) => return,
            };
            tokio::time::sleep(FLUSH_RETRY).await;
        }
        let _ = written.await;
    }
}

impl<W: Write> Writer<W> {
    fn run(mut self, inbox: &Receiver<Message>) {
        while let Ok(first) = inbox.recv() {
            let mut out = String::new();
            let mut flushed = Vec::new();
            for message in std::iter::once(first).chain(inbox.try_iter().take(BATCH_MAX)) {
                match message {
                    Message::Fact(at, fact) => self.render(at, &fact, &mut out),
                    Message::Flush(done) => flushed.push(done),
                }
            }
            match self.left_out.swap(0, Ordering::Relaxed) {
                0 => {}
                count => self.render(SystemClock.now(), &Fact::LeftOut { count }, &mut out),
            }
            // A terminal that is gone is no reason to stop serving.
            let _ = self
                .sink
                .write_all(out.as_bytes())
                .and_then(|()| self.sink.flush());
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    fn render(&self, at: Timestamp, fact: &Fact, out: &mut String) {
        match self.format {
            Format::Text { color } => {
                text::render(at, fact, &self.names, &self.run_links, Paint { color }, out);
            }
            Format::Json => json::render(at, fact, &self.names, out),
        }
    }
}

#[cfg(test)]
mod tests;
