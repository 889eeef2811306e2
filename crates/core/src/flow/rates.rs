//! How far rates are used up: throttles and rate limits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use everstep_protocol::Timestamp;

use crate::change::Change;
use crate::flow::gcra::{Gcra, nanos};
use crate::record::{LimitId, RateRecord};
use crate::turn::Turn;

/// Rows are deleted when the oldest has been past for this long: many at a time.
const SWEEP_AFTER: Duration = Duration::from_secs(60 * 60);

#[derive(Default)]
pub(crate) struct Rates {
    used: BTreeMap<LimitId, Used>,
    by_tat: BTreeSet<(u64, LimitId)>,
}

/// How far a rate is used up.
#[derive(Clone, Copy, Default)]
struct Used {
    tat: u64,
    /// What was admitted since then is in the TAT, one interval for each; what was before is past.
    busy_since: Timestamp,
}

impl Rates {
    pub(crate) fn new(records: Vec<RateRecord>) -> Self {
        let mut rates = Self::default();
        for record in records {
            let RateRecord { limit, tat } = record;
            let busy_since = Timestamp::default();
            rates.put(limit, Used { tat, busy_since });
        }
        rates
    }

    pub(crate) fn tat(&self, limit: LimitId) -> u64 {
        self.used(limit).tat
    }

    fn used(&self, limit: LimitId) -> Used {
        self.used.get(&limit).copied().unwrap_or_default()
    }

    /// Whether one more may happen now; else when.
    pub(crate) fn check(
        &self,
        limit: LimitId,
        rate: Gcra,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        rate.admit(self.tat(limit), now).map(|_| ())
    }

    /// Use up one, in memory. False if none is left.
    pub(crate) fn take(&mut self, limit: LimitId, rate: Gcra, now: Timestamp) -> bool {
        let used = self.used(limit);
        let Ok(tat) = rate.admit(used.tat, now) else {
            return false;
        };
        let busy_since = if used.tat <= nanos(now) {
            now
        } else {
            used.busy_since
        };
        self.put(limit, Used { tat, busy_since });
        true
    }

    /// Undo a [`take`](Self::take) of then. If the rate was idle since, nothing of it is left: whoever
    /// came later did not have to wait for it.
    pub(crate) fn give_back(&mut self, limit: LimitId, rate: Gcra, taken_at: Timestamp) {
        let used = self.used(limit);
        if taken_at >= used.busy_since {
            let tat = rate.give_back(used.tat);
            self.put(limit, Used { tat, ..used });
        }
    }

    /// How far the rate is used up, to be stored.
    pub(crate) fn record(&self, limit: LimitId) -> RateRecord {
        RateRecord {
            limit,
            tat: self.tat(limit),
        }
    }

    /// Forget what is past, if that is worth a statement.
    pub(crate) fn sweep(&mut self, turn: &mut Turn) {
        let old = nanos(turn.now - SWEEP_AFTER);
        if self.by_tat.first().is_none_or(|(tat, _)| *tat > old) {
            return;
        }
        let past = nanos(turn.now);
        while let Some((tat, limit)) = self.by_tat.first().copied() {
            if tat > past {
                break;
            }
            self.by_tat.remove(&(tat, limit));
            self.used.remove(&limit);
        }
        turn.change(Change::ExpireRates(past));
    }

    fn put(&mut self, limit: LimitId, used: Used) {
        if let Some(before) = self.used.insert(limit, used) {
            self.by_tat.remove(&(before.tat, limit));
        }
        self.by_tat.insert((used.tat, limit));
    }
}
