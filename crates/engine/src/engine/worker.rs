//! What an engine does in the background: rounds of work, as long as there is some.

use std::sync::Weak;
use std::time::Duration;

use async_trait::async_trait;
use everstep_protocol::Timestamp;
use tokio::sync::watch;

use super::{Engine, EngineError, Shared};
use crate::rt;

/// Clients go first: while their inputs fill the queue, a worker waits so long each time.
const OVERLOAD_PAUSE: Duration = Duration::from_millis(50);

/// Something to do in the background.
#[async_trait]
pub(super) trait Work: Send + 'static {
    /// Do a portion of whatever there is to do.
    async fn round(&mut self, engine: &Engine) -> Result<Round, EngineError>;
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// There is more to do at once.
    Busy,
    /// What there is has been done as far as time has come.
    Until(Timestamp),
    /// There is nothing to do.
    Idle,
}

impl Round {
    /// There is something to do then, besides.
    pub(super) fn or_until(self, at: Timestamp) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Until(other) => Self::Until(other.min(at)),
            Self::Idle => Self::Until(at),
        }
    }
}

/// Makes rounds until the engine drains or its last handle is gone.
pub(super) struct Worker<W> {
    pub(super) engine: Weak<Shared>,
    /// Changes when there is something new to do.
    pub(super) arrivals: watch::Receiver<()>,
    pub(super) drain: watch::Receiver<Option<Duration>>,
    pub(super) work: W,
}

impl<W: Work> Worker<W> {
    pub(super) async fn run(mut self) {
        let mut drain = self.drain.clone();
        tokio::select! {
            biased;
            // An error means that every handle is gone.
            _ = drain.wait_for(Option::is_some) => {}
            () = self.work() => {}
        }
    }

    async fn work(&mut self) {
        loop {
            self.arrivals.mark_unchanged();
            let Some(shared) = self.engine.upgrade() else {
                return;
            };
            let engine = Engine { shared };
            let Ok(round) = self.work.round(&engine).await else {
                return;
            };
            let now = engine.shared.parts.clock.now();
            // While it waits, the worker does not keep the engine going.
            drop(engine);
            let arrived = match round {
                Round::Busy => Ok(()),
                Round::Idle => self.arrivals.changed().await,
                Round::Until(at) => tokio::select! {
                    arrived = self.arrivals.changed() => arrived,
                    () = rt::sleep(at.since(now)) => Ok(()),
                },
            };
            if arrived.is_err() {
                return;
            }
        }
    }
}

/// Ask until there is room.
pub(super) async fn insist<T, F>(ask: impl Fn() -> F) -> Result<T, EngineError>
where
    F: Future<Output = Result<T, EngineError>>,
{
    loop {
        match ask().await {
            Err(EngineError::Overloaded) => make_room().await,
            Ok(answer) => return Ok(answer),
            Err(EngineError::Stopped) => return Err(EngineError::Stopped),
        }
    }
}

/// Wait before asking once more.
pub(super) async fn make_room() {
    rt::sleep(OVERLOAD_PAUSE).await;
}
