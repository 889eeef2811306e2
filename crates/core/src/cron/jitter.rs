//! Jitter: the delay of a tick, so that schedules of many functions do not fire all at once.

use std::time::Duration;

use everstep_protocol::limits::CRON_JITTER_MIN;

use crate::entropy::mix;

/// How long after its tick a schedule fires: nothing without jitter, else whole milliseconds from
/// 1 s up to the jitter, which itself is not reached (CR-4).
///
/// The same seed gives the same delay on every server and in every version, so the seed must name
/// the tick as well as function and schedule. Bounds of the jitter are checked where functions are
/// read; one of 1 s or less is a delay of 1 s.
pub fn jitter_offset(jitter: Option<Duration>, seed: &[u8]) -> Duration {
    let Some(jitter) = jitter else {
        return Duration::ZERO;
    };
    let span = jitter.saturating_sub(CRON_JITTER_MIN);
    let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
    let hash = seed
        .iter()
        .fold(0, |hash, byte| mix(hash ^ u64::from(*byte)));
    CRON_JITTER_MIN + Duration::from_millis(hash % span_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset_ms(jitter_ms: u64, seed: &str) -> u128 {
        jitter_offset(Some(Duration::from_millis(jitter_ms)), seed.as_bytes()).as_millis()
    }

    #[test]
    fn cr_4_offsets_are_from_a_second_up_to_the_jitter() {
        for jitter_ms in [1_001, 1_002, 1_500, 30_000, 300_000] {
            let offsets: Vec<u128> = (0..2_000)
                .map(|tick| offset_ms(jitter_ms, &format!("shop-report/{tick}")))
                .collect();
            let inside = 1_000..u128::from(jitter_ms);
            assert!(offsets.iter().all(|offset| inside.contains(offset)));
            let mean = offsets.iter().sum::<u128>() / 2_000;
            let middle = u128::from((jitter_ms + 1_000) / 2);
            assert!(
                mean.abs_diff(middle) <= u128::from(jitter_ms / 20),
                "{jitter_ms}: {mean}"
            );
        }
    }

    #[test]
    fn cr_4_no_jitter_no_offset() {
        assert_eq!(jitter_offset(None, b"any"), Duration::ZERO);
        assert_eq!(offset_ms(1_000, "any"), 1_000);
        assert_eq!(offset_ms(0, "any"), 1_000);
    }

    /// Offsets that change between two versions of the server would move pending ticks.
    #[test]
    fn cr_4_offsets_are_the_same_for_ever() {
        let offsets = ["", "a", "b", "2026-01-01T00:00:00Z"].map(|seed| offset_ms(300_000, seed));
        assert_eq!(offsets, [1_000, 66_505, 110_373, 294_775]);
    }
}
