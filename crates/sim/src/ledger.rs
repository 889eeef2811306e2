//! What clients asked for and were told: what the verdict holds the server to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everstep_protocol::{EventId, RunId, Timestamp};

/// Clones share it.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Acknowledged events, and when the first answer was given.
    events: BTreeMap<EventId, Timestamp>,
    signals: BTreeMap<String, Vec<SignalAttempt>>,
    cancellations: BTreeMap<RunId, Vec<CancelAttempt>>,
    /// Waits of which clients have heard.
    heard: BTreeSet<String>,
    /// Clients that are not done.
    busy: usize,
    /// A client panicked.
    broken: bool,
}

/// One request to send a signal.
#[derive(Clone, Debug)]
pub struct SignalAttempt {
    pub begun_at: Timestamp,
    pub ended_at: Timestamp,
    /// Whether it found a wait; `None` if nobody knows.
    pub found: Option<bool>,
}

/// One request to cancel a run.
#[derive(Clone, Copy, Debug)]
pub struct CancelAttempt {
    pub ended_at: Timestamp,
    /// Whether it found the run; `None` if nobody knows.
    pub found: Option<bool>,
}

/// A client that is not done, until it is dropped.
pub struct Busy(Ledger);

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn busy(&self) -> Busy {
        self.lock().busy += 1;
        Busy(self.clone())
    }

    pub fn is_idle(&self) -> bool {
        self.lock().busy == 0
    }

    pub fn is_broken(&self) -> bool {
        self.lock().broken
    }

    pub fn event_acknowledged(&self, event: EventId, at: Timestamp) {
        self.lock().events.entry(event).or_insert(at);
    }

    pub fn events(&self) -> BTreeMap<EventId, Timestamp> {
        self.lock().events.clone()
    }

    /// True for the first time only.
    pub fn hear(&self, wait: &str) -> bool {
        self.lock().heard.insert(wait.to_owned())
    }

    pub fn signal_attempted(&self, name: &str, attempt: SignalAttempt) {
        let mut entries = self.lock();
        let attempts = entries.signals.entry(name.to_owned()).or_default();
        attempts.push(attempt);
    }

    pub fn signal_attempts(&self, name: &str) -> Vec<SignalAttempt> {
        self.lock().signals.get(name).cloned().unwrap_or_default()
    }

    pub fn cancel_attempted(&self, run: RunId, attempt: CancelAttempt) {
        let mut entries = self.lock();
        entries.cancellations.entry(run).or_default().push(attempt);
    }

    pub fn cancel_attempts(&self, run: RunId) -> Vec<CancelAttempt> {
        let entries = self.lock();
        entries.cancellations.get(&run).cloned().unwrap_or_default()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut entries = self.0.lock();
        entries.busy -= 1;
        entries.broken |= std::thread::panicking();
    }
}
