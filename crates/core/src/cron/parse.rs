//! Reading a schedule.
//!
//! ```text
//! schedule = [("TZ=" | "CRON_TZ=") zone] [second] minute hour day-of-month month weekday
//! field    = item {"," item}
//! item     = range ["/" step]
//! range    = "*" | "?" | value ["-" value]
//! value    = number | name of a month or weekday, three letters in any case
//! ```
//!
//! `5/15` is `5-<greatest>/15`. A day field is *restricted* if none of its items is `*` or `?`
//! (or `*/1`); `*/2` restricts.

use everstep_protocol::limits::TRIGGER_TEXT_MAX;
use jiff::tz::TimeZone;

use super::error::{CronError, FieldProblem};
use super::fields::Fields;
use super::set::Set;
use super::zone;

/// What a field is made of.
struct Unit {
    name: &'static str,
    min: i8,
    max: i8,
    /// `max + 1` can be written, and means `min` again.
    wraps: bool,
    /// Names of the values from `min` on.
    names: &'static [&'static str],
    /// What a value can be, for messages.
    values: &'static str,
}

const SECOND: Unit = Unit {
    name: "second",
    min: 0,
    max: 59,
    wraps: false,
    names: &[],
    values: "a number",
};
const MINUTE: Unit = Unit {
    name: "minute",
    ..SECOND
};
const HOUR: Unit = Unit {
    name: "hour",
    max: 23,
    ..SECOND
};
const DAY_OF_MONTH: Unit = Unit {
    name: "day of month",
    min: 1,
    max: 31,
    ..SECOND
};
const MONTH: Unit = Unit {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    values: "a number or a name from JAN to DEC",
    ..SECOND
};
/// Sunday is 0 and 7, so that ranges can begin and end with it.
const WEEKDAY: Unit = Unit {
    name: "weekday",
    max: 6,
    wraps: true,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    values: "a number or a name from SUN to SAT",
    ..SECOND
};

impl Unit {
    /// The greatest number that can be written.
    const fn written_max(&self) -> i8 {
        if self.wraps { self.max + 1 } else { self.max }
    }
}

/// Schedules by name, which other cron programs know, and what means the same here.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];
const NICKNAME_INSTEAD: &str = "fields, such as */5 * * * * for every five minutes";

pub(super) fn schedule(text: &str) -> Result<(TimeZone, Fields), CronError> {
    let length = text.chars().count();
    if length > TRIGGER_TEXT_MAX {
        return Err(CronError::TooLong(length));
    }
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    let mut time_zone = TimeZone::UTC;
    if let Some(name) = words.first().and_then(|word| zone_name(word)) {
        time_zone = zone::by_name(name).ok_or_else(|| CronError::TimeZone(name.to_owned()))?;
        words.remove(0);
    }
    if let Some(name) = words.first().filter(|word| word.starts_with('@')) {
        let known = NICKNAMES.iter().find(|(nickname, _)| nickname == name);
        return Err(CronError::Nickname {
            name: (*name).to_owned(),
            instead: known.map_or(NICKNAME_INSTEAD, |(_, instead)| instead),
        });
    }
    Ok((time_zone, fields(&words)?))
}

fn zone_name(word: &str) -> Option<&str> {
    word.strip_prefix("TZ=")
        .or_else(|| word.strip_prefix("CRON_TZ="))
}

fn fields(words: &[&str]) -> Result<Fields, CronError> {
    let (second, [minute, hour, day, month, weekday]) = match *words {
        [minute, hour, day, month, weekday] => ("0", [minute, hour, day, month, weekday]),
        [second, minute, hour, day, month, weekday] => {
            (second, [minute, hour, day, month, weekday])
        }
        _ => return Err(CronError::FieldCount(words.len())),
    };
    let second = field(&SECOND, second)?;
    let minute = field(&MINUTE, minute)?;
    let hour = field(&HOUR, hour)?;
    let day = field(&DAY_OF_MONTH, day)?;
    let month = field(&MONTH, month)?;
    let weekday = field(&WEEKDAY, weekday)?;
    Ok(Fields {
        seconds: second.values,
        minutes: minute.values,
        hours: hour.values,
        days: day.values,
        months: month.values,
        weekdays: weekday.values,
        either_day: day.restricted && weekday.restricted,
    })
}

struct Field {
    values: Set,
    restricted: bool,
}

fn field(unit: &Unit, text: &str) -> Result<Field, CronError> {
    let mut values = Vec::new();
    let mut restricted = true;
    for text in text.split(',') {
        let item = item(unit, text).map_err(|problem| CronError::Field {
            field: unit.name,
            item: text.to_owned(),
            problem,
        })?;
        restricted &= !(item.all && item.step == 1);
        values.extend((item.start..=item.end).step_by(item.step));
    }
    let unwrapped = |value| if value > unit.max { unit.min } else { value };
    Ok(Field {
        values: values.into_iter().map(unwrapped).collect(),
        restricted,
    })
}

struct Item {
    start: i8,
    end: i8,
    step: usize,
    /// Written as `*` or `?`.
    all: bool,
}

fn item(unit: &Unit, text: &str) -> Result<Item, FieldProblem> {
    if text.is_empty() {
        return Err(FieldProblem::Empty);
    }
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(self::step(step)?)),
        None => (text, None),
    };
    let all = matches!(range, "*" | "?");
    let (start, end) = if all {
        (unit.min, unit.max)
    } else if let Some((start, end)) = range.split_once('-') {
        self::range(unit, value(unit, start)?, value(unit, end)?)?
    } else {
        let start = value(unit, range)?;
        (start, if step.is_some() { unit.max } else { start })
    };
    Ok(Item {
        start,
        end,
        step: step.unwrap_or(1),
        all,
    })
}

fn range(unit: &Unit, start: i8, end: i8) -> Result<(i8, i8), FieldProblem> {
    // FRI-SUN ends on the Sunday after its start.
    let end = if unit.wraps && end == unit.min && start > end {
        unit.written_max()
    } else {
        end
    };
    if start > end {
        return Err(FieldProblem::Backwards {
            start,
            end,
            min: unit.min,
            max: unit.max,
        });
    }
    Ok((start, end))
}

fn value(unit: &Unit, text: &str) -> Result<i8, FieldProblem> {
    let named = (unit.min..)
        .zip(unit.names)
        .find(|(_, name)| name.eq_ignore_ascii_case(text));
    if let Some((value, _)) = named {
        return Ok(value);
    }
    if !is_number(text) {
        return Err(FieldProblem::Value {
            value: text.to_owned(),
            expected: unit.values,
        });
    }
    text.parse()
        .ok()
        .filter(|value| (unit.min..=unit.written_max()).contains(value))
        .ok_or_else(|| FieldProblem::OutOfRange {
            value: text.to_owned(),
            min: unit.min,
            max: unit.written_max(),
        })
}

/// A step beyond the field leaves its first value alone, however large the step is.
fn step(text: &str) -> Result<usize, FieldProblem> {
    let step = is_number(text).then(|| text.parse().unwrap_or(usize::MAX));
    step.filter(|step| *step > 0)
        .ok_or_else(|| FieldProblem::Step(text.to_owned()))
}

/// Digits alone: parsing would accept a sign, too.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
