//! The generic cell rate algorithm (ITU-T I.371; server-semantics §4.2): how often something may
//! happen. One number is remembered: the theoretical arrival time, TAT.

use std::time::Duration;

use everstep_protocol::Timestamp;
use everstep_protocol::config::{RateLimit, Throttle};

const NANOS_PER_MILLI: u64 = 1_000_000;

/// A rate. Times are nanoseconds; those of the clock are Unix times in whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    /// Between two admissions at the full rate.
    emission: u64,
    /// How far the TAT may lie ahead, with the admission that it is asked for.
    tolerance: u64,
}

impl Gcra {
    /// `limit` per `period` once the burst is used up, and `burst` + 1 at once from idle.
    pub fn new(limit: u32, period: Duration, burst: u32) -> Self {
        let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
        let emission = period / u64::from(limit.max(1));
        Self {
            emission,
            tolerance: emission.saturating_mul(u64::from(burst) + 1),
        }
    }

    /// A tenth of the limit, rounded down, and one more at once (RL-1).
    pub fn of_rate_limit(rate: &RateLimit) -> Self {
        Self::new(rate.limit, rate.period, rate.limit / 10)
    }

    /// The limit and its burst at once.
    pub fn of_throttle(throttle: &Throttle) -> Self {
        let burst = throttle.limit.saturating_add(throttle.burst);
        Self::new(throttle.limit, throttle.period, burst.saturating_sub(1))
    }

    /// The next TAT if one more is admitted now; else when to ask again.
    pub fn admit(&self, tat: u64, now: Timestamp) -> Result<u64, Timestamp> {
        let now = nanos(now);
        let next = tat.max(now).saturating_add(self.emission);
        let earliest = next.saturating_sub(self.tolerance);
        if now >= earliest {
            return Ok(next);
        }
        let millis = earliest.div_ceil(NANOS_PER_MILLI);
        Err(Timestamp::from_millis(
            i64::try_from(millis).unwrap_or(i64::MAX),
        ))
    }

    /// The TAT without an admission that is in it and did not come to be used.
    pub fn give_back(&self, tat: u64) -> u64 {
        tat.saturating_sub(self.emission)
    }

    /// Between two admissions at the full rate.
    pub fn interval(&self) -> Duration {
        Duration::from_nanos(self.emission)
    }
}

/// A time in Unix nanoseconds.
pub(crate) fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis())
        .unwrap_or(0)
        .saturating_mul(NANOS_PER_MILLI)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000;

    /// When a stream of requests, one each `every` milliseconds, is admitted: milliseconds from the start.
    fn admitted(rate: Gcra, every: i64, until: i64) -> Vec<i64> {
        let mut tat = 0;
        let mut times = Vec::new();
        for ms in (0..=until).step_by(usize::try_from(every).unwrap()) {
            if let Ok(next) = rate.admit(tat, Timestamp::from_millis(START + ms)) {
                tat = next;
                times.push(ms);
            }
        }
        times
    }

    #[test]
    fn rl_1_ten_a_minute_admits_two_at_once_and_then_one_each_six_seconds() {
        let rate = RateLimit {
            limit: 10,
            period: Duration::from_secs(60),
            key: None,
        };
        let mut tat = 0;
        let rate = Gcra::of_rate_limit(&rate);
        let now = Timestamp::from_millis(START);
        tat = rate.admit(tat, now).unwrap();
        tat = rate.admit(tat, now).unwrap();
        assert_eq!(
            rate.admit(tat, now),
            Err(Timestamp::from_millis(START + 6_000))
        );
        assert_eq!(
            admitted(rate, 1_000, 20_000),
            [0, 1_000, 6_000, 12_000, 18_000]
        );
    }

    #[test]
    fn rl_1_one_in_four_hours_admits_exactly_one() {
        let period = Duration::from_secs(4 * 3_600);
        let rate = RateLimit {
            limit: 1,
            period,
            key: None,
        };
        let hour = 3_600_000;
        let times = admitted(Gcra::of_rate_limit(&rate), hour / 2, 9 * hour);
        assert_eq!(times, [0, 4 * hour, 8 * hour]);
    }

    #[test]
    fn a_throttle_admits_its_limit_and_burst_at_once() {
        let throttle = Throttle {
            limit: 1,
            period: Duration::from_secs(5),
            burst: 2,
            key: None,
        };
        let rate = Gcra::of_throttle(&throttle);
        let now = Timestamp::from_millis(START);
        let mut tat = 0;
        for _ in 0..3 {
            tat = rate.admit(tat, now).unwrap();
        }
        assert_eq!(
            rate.admit(tat, now),
            Err(Timestamp::from_millis(START + 5_000))
        );
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let rate = Gcra::new(1, Duration::from_secs(60), 0);
        let now = Timestamp::from_millis(START);
        let tat = rate.admit(0, now).unwrap();
        assert!(rate.admit(tat, now).is_err());
        assert!(rate.admit(rate.give_back(tat), now).is_ok());
    }

    #[test]
    fn a_rate_faster_than_the_clock_still_counts() {
        let rate = Gcra::new(4_000, Duration::from_secs(1), 0);
        let now = Timestamp::from_millis(START);
        let tat = rate.admit(0, now).unwrap();
        assert_eq!(rate.admit(tat, now), Err(Timestamp::from_millis(START + 1)));
    }
}
