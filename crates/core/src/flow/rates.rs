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
    tats: BTreeMap<LimitId, u64>,
    by_tat: BTreeSet<(u64, LimitId)>,
}

impl Rates {
    pub(crate) fn new(records: Vec<RateRecord>) -> Self {
        let mut rates = Self::default();
        for record in records {
            rates.put(record);
        }
        rates
    }

    pub(crate) fn tat(&self, limit: LimitId) -> u64 {
        self.tats.get(&limit).copied().unwrap_or(0)
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
        match rate.admit(self.tat(limit), now) {
            Ok(tat) => {
                self.put(RateRecord { limit, tat });
                true
            }
            Err(_) => false,
        }
    }

    /// Undo the last [`take`](Self::take).
    pub(crate) fn give_back(&mut self, limit: LimitId, rate: Gcra) {
        let tat = rate.give_back(self.tat(limit));
        self.put(RateRecord { limit, tat });
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
            self.tats.remove(&limit);
        }
        turn.change(Change::ExpireRates(past));
    }

    fn put(&mut self, record: RateRecord) {
        let RateRecord { limit, tat } = record;
        if let Some(before) = self.tats.insert(limit, tat) {
            self.by_tat.remove(&(before, limit));
        }
        self.by_tat.insert((tat, limit));
    }
}
