//! Schedules: when a function with a cron trigger starts (server-semantics §2.3).
//!
//! Owns what the text of a schedule means and the arithmetic of its ticks. Knows nothing of
//! functions, runs or jobs: whoever owns the pending tick of a schedule stores it, starts the run
//! and asks [`CronSchedule::due`] what follows.
//!
//! # The text
//!
//! `minute hour day-of-month month weekday`, each a list of values, ranges and steps; six fields
//! begin with the second. `TZ=<zone> ` or `CRON_TZ=<zone> ` in front names a zone of the IANA
//! database, without it the zone is UTC. `parse.rs` has the grammar.
//!
//! # Clock changes
//!
//! **A tick is every instant at which a clock on the wall of the zone shows a time that the fields
//! name** (CR-2). Everything else follows:
//!
//! | | clocks go forward | clocks go back |
//! |---|---|---|
//! | a fixed time within the change (`30 2 * * *` in Berlin) | the clock never shows it: no tick on that day | the clock shows it twice: two ticks, an hour apart |
//! | a fixed time outside it | one tick | one tick |
//! | every n minutes or each hour (`*/15 * * * *`, `0 * * * *`) | as far apart as ever | as far apart as ever |
//! | every n hours (`0 */2 * * *`) | by the clock: 0, 4, 6, … as there is no 2 | by the clock: 0, 2, 2, 4, … |
//!
//! Some zones change at midnight (`America/Havana`): there, `0 0 * * *` is such a fixed time. Who
//! must have exactly one tick a day names UTC or a time that the zone never skips or repeats.
//!
//! The two ticks of a repeated time are different instants, so their runs are different runs
//! (CR-8). The zones are compiled in, because two servers with different data would disagree.

mod catch_up;
mod error;
mod fields;
mod jitter;
mod parse;
mod set;
mod validate;
mod zone;

#[cfg(test)]
mod tests;

use std::fmt;

use everstep_protocol::Timestamp;
use jiff::tz::TimeZone;

pub use self::catch_up::{Due, GivenUp};
pub use self::error::{CronError, FieldProblem};
pub use self::jitter::jitter_offset;
pub use self::validate::validate;

use self::fields::Fields;
use self::set::Direction;
use crate::limits::CRON_SEARCH_MAX;

/// A schedule that was read.
///
/// ```
/// # use everstep_core::cron::CronSchedule;
/// # use everstep_protocol::time::parse_instant;
/// let schedule = CronSchedule::parse("TZ=Europe/Berlin 0 9 * * MON-FRI")?;
/// let friday_evening = parse_instant("2026-01-02T18:00:00Z")?;
/// let monday_morning = parse_instant("2026-01-05T08:00:00Z")?;
/// assert_eq!(schedule.next_after(friday_evening), Some(monday_morning));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CronSchedule {
    text: String,
    zone: TimeZone,
    fields: Fields,
}

impl CronSchedule {
    /// Reads a schedule (CR-1 to CR-3).
    ///
    /// # Errors
    ///
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let (zone, fields) = parse::schedule(text)?;
        Ok(Self {
            text: text.to_owned(),
            zone,
            fields,
        })
    }

    /// The text that was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The time zone whose clock it follows, as the IANA database names it.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first tick after an instant. `None`: there is none within [`CRON_SEARCH_MAX`], as of
    /// 31 February (CR-10).
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.search(after.as_seconds().checked_add(1)?, Direction::Forward)
    }

    /// The last tick before an instant. `None`: there is none within [`CRON_SEARCH_MAX`].
    pub fn last_before(&self, before: Timestamp) -> Option<Timestamp> {
        let last_second = before.as_millis().checked_sub(1)?.div_euclid(1000);
        self.search(last_second, Direction::Backward)
    }

    /// The nearest tick from a Unix second on, itself included.
    ///
    /// Between two clock changes local time is UTC plus a constant, so each such stretch is
    /// searched on the calendar alone. Times that a change skips are in no stretch, and those that
    /// it repeats are in two.
    fn search(&self, from: i64, direction: Direction) -> Option<Timestamp> {
        let span = i64::try_from(CRON_SEARCH_MAX.as_secs()).ok()?;
        let limit = from.checked_add(span.checked_mul(direction.sign().into())?)?;
        let mut at = from;
        while direction.reaches(at, limit) {
            let (offset, last) = zone::stretch(&self.zone, at, limit, direction)?;
            let local = |second| {
                let instant = jiff::Timestamp::from_second(second).ok()?;
                Some(offset.to_datetime(instant))
            };
            let tick = self
                .fields
                .nearest(local(at)?, local(last)?, direction)
                .and_then(|found| offset.to_timestamp(found).ok());
            if let Some(tick) = tick {
                return Some(Timestamp::from_millis(tick.as_millisecond()));
            }
            at = last + i64::from(direction.sign());
        }
        None
    }
}

impl fmt::Display for CronSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
