//! What started a run lately and starts no second one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use everstep_protocol::{RunId, Timestamp};

use crate::change::Change;
use crate::record::{IdempotencyKey, IdempotencyRecord};
use crate::turn::Turn;

/// Rows are deleted when the oldest has been expired for this long: many at a time.
const SWEEP_AFTER: Duration = Duration::from_secs(60 * 60);

#[derive(Default)]
pub(crate) struct Idempotency {
    holders: BTreeMap<IdempotencyKey, (Option<RunId>, Timestamp)>,
    by_expiry: BTreeSet<(Timestamp, IdempotencyKey)>,
}

impl Idempotency {
    pub(crate) fn new(records: Vec<IdempotencyRecord>) -> Self {
        let mut known = Self::default();
        for record in records {
            known.put(record);
        }
        known
    }

    pub(crate) fn put(&mut self, record: IdempotencyRecord) {
        let IdempotencyRecord {
            key,
            run,
            expires_at,
        } = record;
        if let Some((_, before)) = self.holders.insert(key, (run, expires_at)) {
            self.by_expiry.remove(&(before, key));
        }
        self.by_expiry.insert((expires_at, key));
    }

    /// The run that holds the key, if it is held; one that is held back has no id yet.
    #[expect(
        clippy::option_option,
        reason = "not held, held by none yet, and by whom"
    )]
    pub(crate) fn holder(&self, key: IdempotencyKey, now: Timestamp) -> Option<Option<RunId>> {
        let (run, expires_at) = self.holders.get(&key)?;
        (now < *expires_at).then_some(*run)
    }

    /// Delete what has expired, if that is worth a statement.
    pub(crate) fn sweep(&mut self, turn: &mut Turn) {
        let is_due = |(expires_at, _): &(Timestamp, _)| *expires_at + SWEEP_AFTER <= turn.now;
        if !self.by_expiry.first().is_some_and(is_due) {
            return;
        }
        while let Some((expires_at, key)) = self.by_expiry.first().copied() {
            if expires_at > turn.now {
                break;
            }
            self.by_expiry.remove(&(expires_at, key));
            self.holders.remove(&key);
        }
        turn.change(Change::ExpireIdempotency(turn.now));
    }
}
