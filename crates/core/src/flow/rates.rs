//! How far rates are used up: throttles and rate limits.
//!
//! A throttled start may turn out not to have taken place. What it used up is given back then, as far
//! as later starts do not rest on it: see [`Credits`].
//!
//! **Invariant:** the starts that took place are never closer together than the rate admits, whatever
//! was given back in between. (A test here compares with a count made anew from those starts alone.)

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use everstep_protocol::{RunId, Timestamp};

use crate::change::Change;
use crate::flow::credits::Credits;
use crate::flow::gcra::{Gcra, nanos};
use crate::record::{LimitId, RateRecord};
use crate::turn::Turn;

/// Rows are deleted when the oldest has been past for this long: many at a time.
const SWEEP_AFTER: Duration = Duration::from_secs(60 * 60);

#[derive(Default)]
pub(crate) struct Rates {
    tats: BTreeMap<LimitId, u64>,
    by_tat: BTreeSet<(u64, LimitId)>,
    /// Of starts that may yet be undone. Not stored: those of an earlier process took place.
    credits: BTreeMap<LimitId, Credits>,
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

    /// Use up one for the start of a run, which may be undone.
    pub(crate) fn take_for(&mut self, run: RunId, limit: LimitId, rate: Gcra, now: Timestamp) {
        let ahead = self.tat(limit).saturating_sub(nanos(now));
        if self.take(limit, rate, now) {
            let credits = self.credits.entry(limit).or_default();
            credits.cut(ahead);
            credits.put(run, rate.emission());
        }
    }

    /// Nothing decides about the start any more but whoever has what this answers: what could be
    /// [given back](Self::give_back).
    pub(crate) fn settle(&mut self, run: RunId, limit: LimitId) -> u64 {
        let Some(credits) = self.credits.get_mut(&limit) else {
            return 0;
        };
        let credit = credits.take(run);
        if credits.is_empty() {
            self.credits.remove(&limit);
        }
        credit
    }

    /// A start did not take place. `credit` was settled just before.
    pub(crate) fn give_back(&mut self, limit: LimitId, credit: u64) {
        let tat = self.tat(limit).saturating_sub(credit);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_700_000_000_000;
    const LIMIT: LimitId = LimitId([7; 16]);

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(START + i64::try_from(ms).unwrap())
    }

    /// Starts that are taken and may be undone.
    struct Starts {
        rates: Rates,
        rate: Gcra,
        now: u64,
        /// Those that were not undone, in the order in which they were taken.
        taken: Vec<(RunId, u64)>,
        open: Vec<RunId>,
    }

    impl Starts {
        /// So many in ten seconds, and as many at once.
        fn new(limit: u32) -> Self {
            Self {
                rates: Rates::default(),
                rate: Gcra::new(limit, Duration::from_secs(10), limit - 1),
                now: 0,
                taken: Vec::new(),
                open: Vec::new(),
            }
        }

        fn take(&mut self, number: u64) -> Option<RunId> {
            self.rates.check(LIMIT, self.rate, at(self.now)).ok()?;
            let run = RunId::from_parts(at(0), u128::from(number));
            self.rates.take_for(run, LIMIT, self.rate, at(self.now));
            self.taken.push((run, self.now));
            self.open.push(run);
            Some(run)
        }

        fn undo(&mut self, run: RunId) {
            self.open.retain(|it| *it != run);
            self.taken.retain(|(it, _)| *it != run);
            let credit = self.rates.settle(run, LIMIT);
            self.rates.give_back(LIMIT, credit);
        }

        fn confirm(&mut self, run: RunId) {
            self.open.retain(|it| *it != run);
            self.rates.settle(run, LIMIT);
        }

        /// The TAT by the starts that were not undone alone; `None` if they are too close.
        fn reference(&self) -> Option<u64> {
            let mut taken = self.taken.iter();
            taken.try_fold(0, |tat, (_, ms)| self.rate.admit(tat, at(*ms)).ok())
        }

        /// How long the next start has to wait.
        fn ahead(&self) -> u64 {
            let now = nanos(at(self.now));
            self.rates.tat(LIMIT).saturating_sub(now) / 1_000_000
        }
    }

    #[test]
    fn a_start_undone_at_once_used_up_nothing() {
        let mut starts = Starts::new(1);
        let run = starts.take(0).unwrap();
        assert!(starts.take(1).is_none());
        starts.undo(run);
        assert!(starts.take(1).is_some());
    }

    #[test]
    fn a_start_undone_after_the_next_one_brings_none_closer_to_that() {
        let mut starts = Starts::new(1);
        let first = starts.take(0).unwrap();
        starts.now = 10_000;
        starts.take(1).unwrap();
        starts.now = 11_000;
        starts.undo(first);
        assert!(starts.take(2).is_none());
        assert_eq!(starts.ahead(), 9_000);
    }

    #[test]
    fn starts_of_a_burst_are_given_back_in_any_order() {
        let mut starts = Starts::new(2);
        let first = starts.take(0).unwrap();
        let second = starts.take(1).unwrap();
        assert_eq!(starts.ahead(), 10_000);
        starts.undo(first);
        assert_eq!(starts.ahead(), 5_000);
        starts.undo(second);
        assert_eq!(starts.ahead(), 0);
    }

    #[test]
    fn what_the_next_start_rests_on_in_part_is_given_back_in_part() {
        let mut starts = Starts::new(2);
        let first = starts.take(0).unwrap();
        starts.now = 2_000;
        // 3 of the 5 seconds of the first one are still ahead.
        starts.take(1).unwrap();
        assert_eq!(starts.ahead(), 8_000);
        starts.undo(first);
        assert_eq!(starts.ahead(), 5_000);
    }

    #[test]
    fn a_start_that_took_place_gives_nothing_back_and_is_forgotten() {
        let mut starts = Starts::new(1);
        let run = starts.take(0).unwrap();
        starts.confirm(run);
        assert!(starts.rates.credits.is_empty());
        assert_eq!(starts.rates.settle(run, LIMIT), 0);
    }

    proptest! {
        #[test]
        fn those_that_took_place_conform_whatever_is_undone(
            limit in 1..5_u32,
            turns in prop::collection::vec((0..4_u8, 0..6_000_u64, any::<prop::sample::Index>()), 0..60),
        ) {
            let mut starts = Starts::new(limit);
            for (number, (what, ms, which)) in (0..).zip(turns) {
                match what {
                    0 => starts.now += ms,
                    1 if !starts.open.is_empty() => starts.undo(*which.get(&starts.open)),
                    2 if !starts.open.is_empty() => starts.confirm(*which.get(&starts.open)),
                    _ => drop(starts.take(number)),
                }
                let reference = starts.reference();
                prop_assert!(reference.is_some(), "too close: {:?}", starts.taken);
                prop_assert!(starts.rates.tat(LIMIT) >= reference.unwrap());
            }
        }
    }
}
