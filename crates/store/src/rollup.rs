//! Rollups: what happened to the runs of a function in a minute, and later in an hour.
//!
//! They follow from the rows of runs. Each run is scheduled, starts and ends once, whatever commits
//! are repeated: what was counted of it is kept beside its row, and only that is added which was not
//! counted before ([`tally`]). Both implementations add the same; they differ in where they keep it.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use everstep_core::record::{RunRecord, RunStatus};
use everstep_protocol::{FunctionId, Timestamp};

/// What a rollup is of, at first.
pub const MINUTE: Duration = Duration::from_secs(60);

/// What it is of when minutes are of no interest any more.
pub const HOUR: Duration = Duration::from_secs(60 * 60);

/// How long minutes are told apart.
pub const MINUTES_KEPT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How long rollups are kept.
pub const ROLLUPS_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What happened to runs in some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    pub scheduled: u64,
    pub started: u64,
    pub completed: u64,
    pub failed: u64,
    pub cancelled: u64,
    /// Were not to start. They do not count as scheduled.
    pub skipped: u64,
    /// From when runs were scheduled until they started, of those that started.
    pub delay: Spread,
    /// From when runs started until they ended, of those that ended.
    pub duration: Spread,
}

/// How long something took, of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    pub sum_ms: u64,
    pub max_ms: u64,
    /// How many there were by [`bucket`].
    pub(crate) buckets: BTreeMap<u8, u32>,
}

/// Which rollups to sum up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupFilter {
    /// All functions, if `None`.
    pub functions: Option<Vec<FunctionId>>,
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    /// The width of each sum, which begins at a multiple of it.
    pub bucket: Duration,
}

impl AddAssign<&Rollup> for Rollup {
    fn add_assign(&mut self, other: &Self) {
        self.scheduled += other.scheduled;
        self.started += other.started;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.skipped += other.skipped;
        self.delay.add(&other.delay);
        self.duration.add(&other.duration);
    }
}

impl Spread {
    fn note(&mut self, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.sum_ms = self.sum_ms.saturating_add(ms);
        self.max_ms = self.max_ms.max(ms);
        *self.buckets.entry(bucket(ms)).or_default() += 1;
    }

    fn add(&mut self, other: &Self) {
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
        for (bucket, count) in &other.buckets {
            let known = self.buckets.entry(*bucket).or_default();
            *known = known.saturating_add(*count);
        }
    }

    pub fn count(&self) -> u64 {
        self.buckets.values().copied().map(u64::from).sum()
    }

    /// So many thousandths took no longer than this, give or take a quarter.
    pub fn quantile_ms(&self, thousandths: u64) -> Option<u64> {
        let rank = (self.count() * thousandths).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += u64::from(*count);
            if seen >= rank {
                return Some(bucket_max(*bucket).min(self.max_ms));
            }
        }
        None
    }
}

/// Four buckets for each doubling; below four milliseconds, one for each.
fn bucket(ms: u64) -> u8 {
    let Some(exponent @ 2..) = ms.checked_ilog2() else {
        return u8::try_from(ms).expect("it is below four");
    };
    let quarter = (ms >> (exponent - 2)) & 3;
    u8::try_from(u64::from(exponent - 1) * 4 + quarter).expect("62 doublings of four each")
}

/// The longest time of a bucket.
fn bucket_max(bucket: u8) -> u64 {
    if bucket < 4 {
        return bucket.into();
    }
    let (doublings, quarter) = (u32::from(bucket / 4 - 1), u128::from(bucket % 4));
    u64::try_from(((5 + quarter) << doublings) - 1).unwrap_or(u64::MAX)
}

/// The beginning of the minute, hour or other width that a time is in.
pub fn start_of(width: Duration, at: Timestamp) -> Timestamp {
    let width = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    let ms = at.as_millis();
    Timestamp::from_millis(ms.saturating_sub(ms.rem_euclid(width)))
}

/// What was counted of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted(pub(crate) u8);

impl Counted {
    const SCHEDULED: u8 = 1;
    const STARTED: u8 = 2;
    const ENDED: u8 = 4;

    /// What there is to count of a run of which the row says this.
    fn of(run: &RunRecord) -> Self {
        let started = match run.started_at {
            Some(_) => Self::SCHEDULED | Self::STARTED,
            None => Self::SCHEDULED,
        };
        Self(match run.status {
            RunStatus::Queued => Self::SCHEDULED,
            RunStatus::Running => Self::SCHEDULED | Self::STARTED,
            RunStatus::Completed | RunStatus::Failed | RunStatus::Cancelled => {
                started | Self::ENDED
            }
            RunStatus::Skipped => Self::ENDED,
        })
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What the row of a run adds to the rollups, each to the minute it belongs to, and what is counted
/// of the run then.
pub(crate) fn tally(run: &RunRecord, counted: Counted) -> (Counted, Vec<(Timestamp, Rollup)>) {
    let of_row = Counted::of(run);
    if counted.has(of_row) {
        return (counted, Vec::new());
    }
    let new = of_row.0 & !counted.0;
    let scheduled_at = run.id.timestamp();
    let started_at = run.started_at.unwrap_or(scheduled_at);
    let mut added = Vec::new();
    let mut add = |at, rollup| added.push((start_of(MINUTE, at), rollup));
    if new & Counted::SCHEDULED != 0 {
        let scheduled = Rollup {
            scheduled: 1,
            ..Rollup::default()
        };
        add(scheduled_at, scheduled);
    }
    if new & Counted::STARTED != 0 {
        let mut started = Rollup {
            started: 1,
            ..Rollup::default()
        };
        started.delay.note(started_at.since(scheduled_at));
        add(started_at, started);
    }
    if new & Counted::ENDED != 0 {
        let ended_at = run.ended_at.unwrap_or(started_at);
        add(ended_at, ended(run, ended_at));
    }
    (Counted(counted.0 | of_row.0), added)
}

fn ended(run: &RunRecord, ended_at: Timestamp) -> Rollup {
    let mut ended = Rollup::default();
    match run.status {
        RunStatus::Queued | RunStatus::Running => {}
        RunStatus::Completed => ended.completed = 1,
        RunStatus::Failed => ended.failed = 1,
        RunStatus::Cancelled => ended.cancelled = 1,
        RunStatus::Skipped => ended.skipped = 1,
    }
    if let Some(started_at) = run.started_at
        && run.status != RunStatus::Skipped
    {
        ended.duration.note(ended_at.since(started_at));
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_a_quarter_wide() {
        let mut before = 0;
        for ms in (0..5_000).chain((13..63).map(|bits| 1 << bits)) {
            let index = bucket(ms);
            assert!(index >= before, "{ms}");
            before = index;
            let max = bucket_max(index);
            assert!(max >= ms && max - ms <= ms / 4, "{ms} {max}");
            assert!(bucket(max) == index && bucket(max + 1) == index + 1, "{ms}");
        }
        assert_eq!(bucket_max(bucket(u64::MAX)), u64::MAX);
    }

    #[test]
    fn quantiles_are_of_the_bucket_and_no_more_than_the_longest() {
        let mut spread = Spread::default();
        assert_eq!(spread.quantile_ms(500), None);
        for ms in [1, 2, 100, 1_000] {
            spread.note(Duration::from_millis(ms));
        }
        let of = |thousandths| spread.quantile_ms(thousandths);
        assert_eq!((of(0), of(250), of(500)), (Some(1), Some(1), Some(2)));
        assert_eq!((of(750), of(1000)), (Some(111), Some(1_000)));
    }
}
