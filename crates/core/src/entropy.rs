//! Ids and jitter from the entropy that came with an input.

use std::time::Duration;

use everstep_protocol::{BatchId, EventId, RequestId, RunId, Timestamp};

/// Draws from the 128 random bits of one decision. Ids of one decision increase in the order in
/// which they were drawn, so that what it creates is listed in that order.
pub(crate) struct Entropy {
    bits: u128,
    drawn: u64,
}

impl Entropy {
    pub(crate) fn new(bits: u128) -> Self {
        Self { bits, drawn: 0 }
    }

    pub(crate) fn run_id(&mut self, now: Timestamp) -> RunId {
        RunId::from_parts(now, self.next_ulid_bits())
    }

    pub(crate) fn event_id(&mut self, now: Timestamp) -> EventId {
        EventId::from_parts(now, self.next_ulid_bits())
    }

    pub(crate) fn batch_id(&mut self, now: Timestamp) -> BatchId {
        BatchId::from_parts(now, self.next_ulid_bits())
    }

    pub(crate) fn request_id(&mut self, now: Timestamp) -> RequestId {
        RequestId::from_parts(now, self.next_ulid_bits())
    }

    /// A duration below `max`, in milliseconds.
    pub(crate) fn jitter(&mut self, max: Duration) -> Duration {
        self.drawn += 1;
        let max_ms = u64::try_from(max.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(mix((self.bits >> 64) as u64 ^ mix(self.drawn)) % max_ms)
    }

    /// 80 bits; the top one stays clear so that counting up does not wrap.
    fn next_ulid_bits(&mut self) -> u128 {
        self.drawn += 1;
        (self.bits & ((1 << 79) - 1)) + u128::from(self.drawn)
    }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
