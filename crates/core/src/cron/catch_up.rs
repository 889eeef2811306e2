//! Which ticks fire after a time in which none could.
//!
//! A schedule has one pending tick, and the next one follows from it rather than from the time at
//! which it fired (CR-5). So a server that was down fires what it missed, one tick after the other
//! (CR-6), and it makes no difference where it was stopped in between.
//!
//! **Bound:** of the ticks that have passed, the newest [`CRON_CATCH_UP_TICKS_MAX`] fire. Those
//! before them are [given up](GivenUp), because a server that was down for a week would do nothing
//! else for hours for the sake of a minutely schedule.

use everstep_protocol::Timestamp;
use everstep_protocol::limits::CRON_JITTER_MAX;

use super::CronSchedule;
use crate::limits::CRON_CATCH_UP_TICKS_MAX;

/// Jitter delays ticks, and each waits for the one before. None is given up for that alone.
const _: () = assert!(CRON_CATCH_UP_TICKS_MAX as u64 > CRON_JITTER_MAX.as_secs());

/// What to do with a pending tick whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The tick to fire: the pending one, unless it was given up.
    pub tick: Timestamp,
    /// The tick to wait for after it; it may have passed, too. `None`: there is none.
    pub next: Option<Timestamp>,
    /// Ticks that will not fire, for the record.
    pub given_up: Option<GivenUp>,
}

/// A run of ticks that do not fire, because too many have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
}

impl CronSchedule {
    /// What to do at `now` with the tick that was pending until now.
    ///
    /// After a sync, or if no tick is pending, there is nothing to catch up on: then
    /// [`next_after`](Self::next_after) the present is the tick to wait for (CR-6).
    pub fn due(&self, pending: Timestamp, now: Timestamp) -> Due {
        let next = self.next_after(pending);
        let on_time = Due {
            tick: pending,
            next,
            given_up: None,
        };
        if next.is_none_or(|next| next > now) {
            return on_time;
        }
        let Some(oldest) = self.oldest_kept(pending, now) else {
            return on_time;
        };
        Due {
            tick: oldest,
            next: self.next_after(oldest),
            given_up: Some(GivenUp {
                first: pending,
                last: self.last_before(oldest).unwrap_or(pending),
            }),
        }
    }

    /// The oldest of the newest ticks by `now`; `None` if `pending` is among them.
    fn oldest_kept(&self, pending: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let mut oldest = Timestamp::from_millis(now.as_millis().saturating_add(1));
        for _ in 0..CRON_CATCH_UP_TICKS_MAX {
            oldest = self
                .last_before(oldest)
                .filter(|earlier| *earlier > pending)?;
        }
        Some(oldest)
    }
}
