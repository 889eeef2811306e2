//! Deterministic event ids (sdk-protocol §8.4, EV-11).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::{EventId, Timestamp};

/// The header `x-inngest-event-id-seed`: `<unix ms>,<base64 of 10 bytes>`. A request that is sent
/// again has the same seed, so that its events get the same ids.
///
/// ```
/// # use everstep_protocol::event::EventSeed;
/// let seed = EventSeed::parse("1700000000000,AQIDBAUGBwgJCg==").unwrap();
/// assert_eq!(seed.id(1).to_string(), "01HF7YAT00041061050R3GG28B");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSeed {
    ms: u64,
    entropy: [u8; 10],
}

impl EventSeed {
    /// Reads the header. `None` if it is malformed: then ids are random, which is no error.
    pub fn parse(header: &str) -> Option<Self> {
        let (ms, entropy) = header.trim().split_once(',')?;
        let ms: u64 = ms.parse().ok()?;
        let entropy = BASE64_STANDARD.decode(entropy).ok()?;
        // A ULID has 48 bits of time.
        (ms < 1 << 48).then_some(Self {
            ms,
            entropy: entropy.try_into().ok()?,
        })
    }

    /// The id of the event at `index`, counted from 1. The invoke endpoint uses 0.
    pub fn id(&self, index: u32) -> EventId {
        let [head @ .., a, b, c, d] = self.entropy;
        let tail = u32::from_be_bytes([a, b, c, d]).wrapping_add(index);
        let mut entropy: u128 = 0;
        for byte in head {
            entropy = entropy << 8 | u128::from(byte);
        }
        let at = Timestamp::from_millis(i64::try_from(self.ms).unwrap_or(i64::MAX));
        EventId::from_parts(at, entropy << 32 | u128::from(tail))
    }
}
