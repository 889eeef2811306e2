//! Retention in the background: history that is old, or that there is no room for, is removed a
//! portion at a time.
//!
//! A portion is one transaction, in which no commit is made. How many rows it has follows from how
//! long the ones before took; in between the store is left alone for a multiple of that.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use everstep_protocol::Timestamp;
use everstep_store::rollup::{HOUR, MINUTES_KEPT, ROLLUPS_KEPT, start_of};
use everstep_store::{History, Place, Prune, Pruned, Store};
use tokio::sync::watch;
use tracing::{info, warn};

use super::Engine;
use crate::rt::{self, Clock};

/// How often there is a look at what is old.
const AGE_EVERY: Duration = Duration::from_secs(10 * 60);

/// How often there is a look at how much room is taken.
const SIZE_EVERY: Duration = Duration::from_secs(60);

/// A portion that takes longer than this is followed by smaller ones.
const PORTION_TIME_MAX: Duration = Duration::from_millis(8);

/// One that takes no longer than this is followed by larger ones.
const PORTION_TIME_MIN: Duration = Duration::from_millis(3);

const ROWS_FIRST: usize = 64;
const ROWS_MIN: usize = 8;
const ROWS_MAX: usize = 1_000;

/// So many times as long as a portion took, the store is left alone.
const REST_FACTOR: u32 = 4;

/// No shorter than this, so that a reader of an idle store is not kept busy either.
const REST_MIN: Duration = Duration::from_millis(2);

/// What is younger stays, however little room there is.
const AGE_MIN: Duration = Duration::from_secs(60);

/// To make room, history goes in this many steps of age, the oldest first.
const ROOM_STEPS: u32 = 16;

/// How long history is kept, and how much room it may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionConfig {
    /// After they ended; for ever, if `None`, here and below.
    pub runs: Option<Duration>,
    /// After they were received.
    pub events: Option<Duration>,
    /// After their runs ended.
    pub traces: Option<Duration>,
    /// Bytes that the database may hold before history goes whatever its age.
    pub size: Option<u64>,
}

/// What retention has done since the server started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionReport {
    pub config: Option<RetentionConfig>,
    /// The last portion that removed something.
    pub last: Option<LastPortion>,
    /// Rows that are gone.
    pub removed: u64,
    /// When everything that was old had been looked at.
    pub looked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPortion {
    pub history: History,
    pub at: Timestamp,
    pub removed: usize,
    /// How long it held up commits.
    pub took: Duration,
}

/// The report, as the worker writes it and others read it.
#[derive(Clone)]
pub(super) struct SharedReport(Arc<Mutex<RetentionReport>>);

impl SharedReport {
    pub(super) fn new(config: Option<RetentionConfig>) -> Self {
        Self(Arc::new(Mutex::new(RetentionReport {
            config,
            ..RetentionReport::default()
        })))
    }

    fn change(&self, change: impl FnOnce(&mut RetentionReport)) {
        // Plain assignments can't leave it half changed.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Engine {
    /// What retention has done.
    pub fn retention(&self) -> RetentionReport {
        let report = &self.shared.retention.0;
        *report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes history until the engine drains or its last handle is gone.
pub(super) struct Worker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: RetentionConfig,
    report: SharedReport,
    drain: watch::Receiver<Option<Duration>>,
    /// Of the next portion.
    rows: usize,
    /// Rollups before are of hours already.
    hours_until: Option<Place>,
}

impl Worker {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        config: RetentionConfig,
        report: SharedReport,
        drain: watch::Receiver<Option<Duration>>,
    ) -> Self {
        Self {
            store,
            clock,
            config,
            report,
            drain,
            rows: ROWS_FIRST,
            hours_until: None,
        }
    }

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
        let mut age_next = Timestamp::default();
        loop {
            let now = self.clock.now();
            if now >= age_next {
                self.remove_old(now).await;
                age_next = now + AGE_EVERY;
            }
            if let Some(size) = self.config.size {
                self.make_room(now, size).await;
            }
            rt::sleep(SIZE_EVERY).await;
        }
    }

    /// Traces first: there are fewer rows then when their runs go.
    async fn remove_old(&mut self, now: Timestamp) {
        let RetentionConfig {
            runs,
            events,
            traces,
            ..
        } = self.config;
        for (history, kept) in [
            (
                History::Traces,
                traces.filter(|kept| runs.is_none_or(|runs| *kept < runs)),
            ),
            (History::Runs, runs),
            (History::Errors, runs),
            (History::Events, events),
            (History::Rollups, Some(ROLLUPS_KEPT)),
        ] {
            if let Some(kept) = kept {
                self.remove(history, now - kept, None).await;
            }
        }
        let hour = start_of(HOUR, now - MINUTES_KEPT);
        self.hours_until = self.remove(History::Minutes, hour, self.hours_until).await;
        self.report.change(|report| report.looked_at = Some(now));
    }

    /// Remove the oldest runs and events until the rest fits.
    async fn make_room(&mut self, now: Timestamp, size: u64) {
        let newest = now - AGE_MIN;
        let mut before: Option<Timestamp> = None;
        loop {
            let storage = match self.store.storage().await {
                Ok(storage) => storage,
                Err(error) => return warn!(%error, "how much is stored can't be read"),
            };
            if storage.used_bytes <= size {
                return;
            }
            if before.is_some_and(|before| before >= newest) {
                warn!(
                    used = storage.used_bytes,
                    size, "what is left is live or young, and takes more room than history may"
                );
                return;
            }
            let oldest = storage.oldest_run.into_iter().chain(storage.oldest_event);
            let oldest = before.or(oldest.min()).unwrap_or(newest);
            let step = (newest.since(oldest) / ROOM_STEPS).max(AGE_MIN);
            let until = (oldest + step).min(newest);
            for history in [History::Runs, History::Events] {
                self.remove(history, until, None).await;
            }
            before = Some(until);
        }
    }

    /// Remove all that is from before a time. The place after which nothing was left.
    async fn remove(
        &mut self,
        history: History,
        before: Timestamp,
        after: Option<Place>,
    ) -> Option<Place> {
        let mut after = after;
        loop {
            let prune = Prune {
                history,
                before,
                after,
                rows: self.rows,
            };
            let pruned = match self.store.prune(&prune).await {
                Ok(pruned) => pruned,
                Err(error) => {
                    warn!(%error, ?history, "nothing was removed; it is tried again later");
                    return after;
                }
            };
            self.note(history, &pruned);
            rt::sleep((pruned.took * REST_FACTOR).max(REST_MIN)).await;
            match pruned.next {
                None => return after,
                next => after = next,
            }
        }
    }

    fn note(&mut self, history: History, pruned: &Pruned) {
        if pruned.took > PORTION_TIME_MAX {
            self.rows = (self.rows / 2).max(ROWS_MIN);
        } else if pruned.took < PORTION_TIME_MIN && pruned.next.is_some() {
            self.rows = (self.rows * 2).min(ROWS_MAX);
        }
        if pruned.removed == 0 {
            return;
        }
        let at = self.clock.now();
        self.report.change(|report| {
            report.removed += pruned.removed as u64;
            report.last = Some(LastPortion {
                history,
                at,
                removed: pruned.removed,
                took: pruned.took,
            });
        });
        if pruned.next.is_none() {
            info!(?history, "history was removed");
        }
    }
}
