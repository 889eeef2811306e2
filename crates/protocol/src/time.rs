//! Timestamps and the texts that stand for times: durations, instants, `Retry-After`.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::{RETRY_AFTER_MAX, RETRY_AFTER_MIN};

/// A point in time: Unix milliseconds.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The end of time.
    pub const MAX: Self = Self(i64::MAX);

    /// From Unix milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// As Unix milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// As whole Unix seconds, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` until `self`; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(ms))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// A text that is neither a duration nor an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a duration (such as \"1h30m\") or an RFC 3339 time")]
pub struct TimeError {
    /// The text.
    pub text: String,
}

impl TimeError {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
        }
    }
}

/// Units of duration texts in nanoseconds, largest first. Both letters for micro are accepted.
const UNITS: [(&str, u128); 10] = [
    ("w", 7 * 24 * HOUR),
    ("d", 24 * HOUR),
    ("h", HOUR),
    ("m", 60 * SECOND),
    ("s", SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];
const SECOND: u128 = 1_000_000_000;
const HOUR: u128 = 3600 * SECOND;

/// Reads concatenated numbers with units, such as `1h30m`, `1.5s`, `162w3h12m7s565ms767us112ns`
/// (sdk-protocol §3.3). A lone `0` needs no unit.
///
/// ```
/// # use std::time::Duration;
/// # use everstep_protocol::time::parse_duration;
/// assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
/// ```
///
/// # Errors
///
/// Any other text: empty, negative, without or with an unknown unit, or beyond 2^64 seconds.
pub fn parse_duration(text: &str) -> Result<Duration, TimeError> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let error = || TimeError::new(text);
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (nanos, after) = duration_part(rest).ok_or_else(error)?;
        total = total.checked_add(nanos).ok_or_else(error)?;
        rest = after;
    }
    if text.is_empty() {
        return Err(error());
    }
    let seconds = u64::try_from(total / SECOND).map_err(|_| error())?;
    let nanos = u32::try_from(total % SECOND).map_err(|_| error())?;
    Ok(Duration::new(seconds, nanos))
}

/// One number with its unit, in nanoseconds, and what follows it.
fn duration_part(text: &str) -> Option<(u128, &str)> {
    let digits_end = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let (whole, mut rest) = text.split_at(digits_end(text));
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        (fraction, rest) = after.split_at(digits_end(after));
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unit_end = rest
        .find(|c: char| c.is_ascii_digit() || c == '.')
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    // Eighteen digits are finer than a nanosecond in every unit.
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part: u128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let nanos = whole.checked_mul(*unit)?.checked_add(part * unit / scale)?;
    Some((nanos, rest))
}

/// Prints a duration as [`parse_duration`] reads it: `1h30m`, `500ms`, `0s`.
pub fn format_duration(duration: Duration) -> String {
    use std::fmt::Write as _;

    let mut rest = duration.as_nanos();
    let mut out = String::new();
    for (name, unit) in UNITS.iter().filter(|(name, _)| name.is_ascii()) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(out, "{count}{name}");
        }
    }
    if out.is_empty() {
        out.push_str("0s");
    }
    out
}

/// Reads an RFC 3339 time. Parts of a millisecond are dropped.
///
/// # Errors
///
/// Any other text, a date alone included.
pub fn parse_instant(text: &str) -> Result<Timestamp, TimeError> {
    let at: jiff::Timestamp = text.parse().map_err(|_| TimeError::new(text))?;
    Ok(Timestamp::from_millis(at.as_millisecond()))
}

/// Reads the timeout of a wait, or the length of a sleep: a duration from `now` on, else an
/// instant; an empty text is `now` (sdk-protocol §5.7).
///
/// GO makes a duration of every instant, so that one in the past arrives as a negative duration:
/// that is `now` too.
///
/// # Errors
///
/// A text that is neither.
pub fn parse_timeout(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    if text.is_empty() {
        return Ok(now);
    }
    if let Some(ago) = text.strip_prefix('-') {
        return match parse_duration(ago) {
            Ok(_) => Ok(now),
            Err(_) => Err(TimeError::new(text)),
        };
    }
    match parse_duration(text) {
        Ok(duration) => Ok(now + duration),
        Err(_) => parse_instant(text),
    }
}

/// Longest text that `retry-after` means as seconds from now.
const RETRY_SECONDS_DIGITS: usize = 7;
/// Unix times from here on are milliseconds: as seconds this is the year 5138.
const UNIX_SECONDS_MAX: i64 = 100_000_000_000;

/// Reads a `retry-after` header: seconds from now, a Unix time, an RFC 3339 time or an HTTP date
/// (sdk-protocol §5.3, RT-1). The result is at least [`RETRY_AFTER_MIN`] and at most
/// [`RETRY_AFTER_MAX`] from `now`. `None` if the text is none of these.
pub fn parse_retry_after(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let at = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        if text.len() <= RETRY_SECONDS_DIGITS {
            now + Duration::from_secs(number.unsigned_abs())
        } else if number < UNIX_SECONDS_MAX {
            Timestamp::from_millis(number * 1000)
        } else {
            Timestamp::from_millis(number)
        }
    } else {
        parse_instant(text).ok().or_else(|| parse_http_date(text))?
    };
    Some(at.clamp(now + RETRY_AFTER_MIN, now + RETRY_AFTER_MAX))
}

/// RFC 1123 dates, and the two older forms that HTTP still allows.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    if let Ok(at) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(Timestamp::from_millis(at.as_millisecond()));
    }
    [
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
        "%Y-%m-%d %H:%M:%S",
    ]
    .iter()
    .find_map(|form| {
        let at = jiff::civil::DateTime::strptime(form, text).ok()?;
        let at = jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?;
        Some(Timestamp::from_millis(at.as_millisecond()))
    })
}
