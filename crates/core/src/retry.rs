//! When a failed job is tried again (server-semantics §3.6).

use std::time::Duration;

use everstep_protocol::Timestamp;

use crate::entropy::Entropy;

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// The delay after the n-th failure of a job; the last one holds from there on.
const BACKOFF: [Duration; 10] = [
    Duration::from_secs(15),
    Duration::from_secs(30),
    minutes(1),
    minutes(2),
    minutes(5),
    minutes(10),
    minutes(20),
    minutes(40),
    minutes(60),
    minutes(120),
];

/// Added to each delay of the table, uniformly distributed.
const JITTER_MAX: Duration = Duration::from_secs(30);

/// How long to wait before the next attempt when the app does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RetryPolicy {
    /// The table of server-semantics §3.6, with jitter.
    #[default]
    Backoff,
    /// Always the same delay, without jitter.
    Fixed(Duration),
}

impl RetryPolicy {
    /// When to try again after the failure of attempt `attempt` (zero-based).
    pub(crate) fn next(self, attempt: u32, now: Timestamp, entropy: &mut Entropy) -> Timestamp {
        match self {
            Self::Fixed(delay) => now + delay,
            Self::Backoff => {
                let index = usize::try_from(attempt)
                    .unwrap_or(usize::MAX)
                    .min(BACKOFF.len() - 1);
                now + BACKOFF[index] + entropy.jitter(JITTER_MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_server_semantics_3_6() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let seconds = [
            15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200, 7200, 7200,
        ];
        for (attempt, base) in (0u32..).zip(seconds) {
            for bits in 0..50u128 {
                let mut entropy = Entropy::new(bits << 64 | 7);
                let delay = RetryPolicy::Backoff
                    .next(attempt, now, &mut entropy)
                    .since(now);
                let base = Duration::from_secs(base);
                assert!(
                    delay >= base && delay < base + JITTER_MAX,
                    "attempt {attempt}: {delay:?}"
                );
            }
        }
    }

    #[test]
    fn jitter_differs_between_decisions() {
        let now = Timestamp::from_millis(0);
        let delays: std::collections::BTreeSet<_> = (0..20u128)
            .map(|n| RetryPolicy::Backoff.next(0, now, &mut Entropy::new(n << 64)))
            .collect();
        assert!(delays.len() > 15);
    }

    #[test]
    fn a_fixed_interval_has_no_jitter() {
        let now = Timestamp::from_millis(5);
        let policy = RetryPolicy::Fixed(Duration::from_secs(2));
        assert_eq!(
            policy.next(9, now, &mut Entropy::new(99)),
            Timestamp::from_millis(2005)
        );
    }
}
