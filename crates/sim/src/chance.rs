//! Seeded random numbers, and the clock of the simulation.

use std::sync::{Arc, Mutex, PoisonError};

use everstep_engine::rt::{Clock, Random};
use everstep_protocol::Timestamp;

/// When histories begin: Unix milliseconds.
const BEGIN_MS: i64 = 1_700_000_000_000;

/// SplitMix64 (Steele, Lea, Flood 2014). Cheap to clone; clones draw from the same sequence.
#[derive(Clone, Debug)]
pub struct Chance(Arc<Mutex<u64>>);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    pub fn bits(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&self, end: u64) -> u64 {
        self.bits() % end
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A generator of its own, so that what it decides does not depend on who else draws.
    pub fn split(&self) -> Self {
        Self::new(self.bits())
    }
}

impl Random for Chance {
    fn entropy(&self) -> u128 {
        u128::from(self.bits()) << 64 | u128::from(self.bits())
    }
}

/// Tells the paused time of the runtime.
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    begin: tokio::time::Instant,
}

impl SimClock {
    /// The clock of a history that begins now.
    pub fn begin() -> Self {
        Self {
            begin: tokio::time::Instant::now(),
        }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGIN_MS) + self.begin.elapsed()
    }
}
