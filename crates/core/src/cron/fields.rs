//! What the fields of a schedule name, and the search for it on the calendar.
//!
//! Knows nothing of time zones: every day here has 24 hours.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};

use super::set::{Direction, Set};

/// The times that a schedule names. No set is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) seconds: Set,
    pub(super) minutes: Set,
    pub(super) hours: Set,
    pub(super) days: Set,
    pub(super) months: Set,
    /// From Sunday, which is 0.
    pub(super) weekdays: Set,
    /// A day is named if one of the two day fields names it, instead of both (CR-1).
    pub(super) either_day: bool,
}

impl Fields {
    /// The named time that is nearest to `from` in that direction, `from` itself included; `None`
    /// if it is beyond `bound`.
    pub(super) fn nearest(
        &self,
        from: DateTime,
        bound: DateTime,
        direction: Direction,
    ) -> Option<DateTime> {
        let (today, time) = (from.date(), from.time());
        let rest_of_today = self
            .days_of(today.first_of_month())
            .contains(today.day())
            .then(|| self.time(time, direction))
            .flatten();
        let found = match rest_of_today {
            Some(time) => today.to_datetime(time),
            None => {
                let day = self.day_beyond(today, bound.date(), direction)?;
                let all_day = match direction {
                    Direction::Forward => Time::MIN,
                    Direction::Backward => Time::MAX,
                };
                day.to_datetime(self.time(all_day, direction)?)
            }
        };
        direction.reaches(found, bound).then_some(found)
    }

    /// The named day nearest to `day`, which itself is not meant; of the months up to that of
    /// `bound`.
    fn day_beyond(&self, day: Date, bound: Date, direction: Direction) -> Option<Date> {
        let last_month = bound.first_of_month();
        let mut month = day.first_of_month();
        let mut from = day.day() + direction.sign();
        while direction.reaches(month, last_month) {
            if let Some(found) = self.days_of(month).nearest(from, direction) {
                return Date::new(month.year(), month.month(), found).ok();
            }
            month = month.checked_add(direction.sign().months()).ok()?;
            from = direction.edge();
        }
        None
    }

    /// The named days of a month, given by its first day.
    fn days_of(&self, first: Date) -> Set {
        if !self.months.contains(first.month()) {
            return Set::default();
        }
        let first_weekday = first.weekday().to_sunday_zero_offset();
        (1..=first.days_in_month())
            .filter(|day| {
                let by_date = self.days.contains(*day);
                let by_weekday = self.weekdays.contains((first_weekday + day - 1) % 7);
                if self.either_day {
                    by_date || by_weekday
                } else {
                    by_date && by_weekday
                }
            })
            .collect()
    }

    /// The named time of day that is nearest to `from`, `from` itself included.
    fn time(&self, from: Time, direction: Direction) -> Option<Time> {
        let edge = direction.edge();
        let (hour, minute, second) = (from.hour(), from.minute(), from.second());
        let same_hour = self.hours.contains(hour);
        let in_minute = || {
            let second = self.seconds.nearest(second, direction)?;
            (same_hour && self.minutes.contains(minute)).then_some((hour, minute, second))
        };
        let in_hour = || {
            let minute = self.minutes.nearest(minute + direction.sign(), direction)?;
            let second = self.seconds.nearest(edge, direction)?;
            same_hour.then_some((hour, minute, second))
        };
        let in_day = || {
            let hour = self.hours.nearest(hour + direction.sign(), direction)?;
            let minute = self.minutes.nearest(edge, direction)?;
            Some((hour, minute, self.seconds.nearest(edge, direction)?))
        };
        let (hour, minute, second) = in_minute().or_else(in_hour).or_else(in_day)?;
        Time::new(hour, minute, second, 0).ok()
    }
}
