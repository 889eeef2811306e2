//! Random schedules against a reference that looks at every second, minute or day.
//!
//! The reference shares nothing with the code: it knows an item by its parts instead of its text,
//! and asks of each local time whether the items name it.

use everstep_protocol::Timestamp;
use jiff::civil::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{CronSchedule, zone};
use super::at;

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Zones, each with a Unix second near which its clocks change.
const CHANGES: [(&str, i64); 8] = [
    ("UTC", 1_709_164_800),                 // 2024-02-29, a leap day
    ("Europe/Berlin", 1_743_296_400),       // 2025-03-30, forward
    ("Europe/Berlin", 1_761_440_400),       // 2025-10-26, back
    ("America/New_York", 1_741_503_600),    // 2025-03-09, forward
    ("America/New_York", 1_762_063_200),    // 2025-11-02, back
    ("Australia/Lord_Howe", 1_743_865_200), // 2025-04-06, back by half an hour
    ("America/Havana", 1_741_496_400),      // 2025-03-09, forward at midnight
    ("Pacific/Apia", 1_325_239_200),        // 2011-12-30, a day that was skipped
];

#[derive(Clone, Debug)]
enum Item {
    All { step: i8 },
    One(i8),
    From { start: i8, step: i8 },
    Range { start: i8, end: i8, step: i8 },
}

/// A field by its items, and its least value.
#[derive(Clone, Debug)]
struct Field {
    min: i8,
    items: Vec<Item>,
}

impl Field {
    fn text(&self) -> String {
        let items = self.items.iter().map(|item| match item {
            Item::All { step: 1 } => "*".to_owned(),
            Item::All { step } => format!("*/{step}"),
            Item::One(value) => value.to_string(),
            Item::From { start, step } => format!("{start}/{step}"),
            Item::Range { start, end, step } => format!("{start}-{end}/{step}"),
        });
        items.collect::<Vec<_>>().join(",")
    }

    fn names(&self, value: i8) -> bool {
        self.items.iter().any(|item| match item {
            Item::All { step } => (value - self.min) % step == 0,
            Item::One(one) => value == *one,
            Item::From { start, step } => value >= *start && (value - start) % step == 0,
            Item::Range { start, end, step } => {
                value >= *start && value <= *end && (value - start) % step == 0
            }
        })
    }

    fn is_restricted(&self) -> bool {
        !self
            .items
            .iter()
            .any(|item| matches!(item, Item::All { step: 1 }))
    }
}

fn field(min: i8, max: i8) -> impl Strategy<Value = Field> {
    let item = prop_oneof![
        2 => (1..=20_i8).prop_map(|step| Item::All { step }),
        2 => (min..=max).prop_map(Item::One),
        1 => (min..=max, 1..=20_i8).prop_map(|(start, step)| Item::From { start, step }),
        2 => (min..=max, min..=max, 1..=5_i8).prop_map(|(a, b, step)| Item::Range {
            start: a.min(b),
            end: a.max(b),
            step
        }),
    ];
    let all = Just(vec![Item::All { step: 1 }]);
    prop_oneof![1 => all, 2 => vec(item, 1..4)].prop_map(move |items| Field { min, items })
}

/// Second, minute, hour, day of month, month, weekday.
fn fields() -> impl Strategy<Value = [Field; 6]> {
    (
        field(0, 59),
        field(0, 59),
        field(0, 23),
        field(1, 31),
        field(1, 12),
        field(0, 6),
    )
        .prop_map(|fields| fields.into())
}

fn text(zone: &str, fields: &[Field]) -> String {
    let fields: Vec<String> = fields.iter().map(Field::text).collect();
    format!("TZ={zone} {}", fields.join(" "))
}

fn names_day([_, _, _, day, month, weekday]: &[Field; 6], local: DateTime) -> bool {
    let by_date = day.names(local.day());
    let by_weekday = weekday.names(local.weekday().to_sunday_zero_offset());
    let either = day.is_restricted() && weekday.is_restricted();
    month.names(local.month()) && ((by_date && by_weekday) || (either && (by_date || by_weekday)))
}

fn names_time([second, minute, hour, ..]: &[Field; 6], local: DateTime) -> bool {
    hour.names(local.hour()) && minute.names(local.minute()) && second.names(local.second())
}

/// Every instant in `seconds` (by `step`) whose local time is named.
fn reference(zone: &str, fields: &[Field; 6], seconds: &[i64]) -> Vec<Timestamp> {
    let zone = zone::by_name(zone).unwrap();
    let named = |second: &&i64| {
        let local = zone.to_datetime(jiff::Timestamp::from_second(**second).unwrap());
        names_time(fields, local) && names_day(fields, local)
    };
    let instants = seconds.iter().filter(named);
    instants
        .map(|second| Timestamp::from_millis(second * 1000))
        .collect()
}

/// The ticks from the first to the last of `seconds`, forwards; the same ones are found backwards.
fn ticks(text: &str, seconds: &[i64]) -> Vec<Timestamp> {
    let schedule = CronSchedule::parse(text).unwrap();
    let before = Timestamp::from_millis(seconds[0] * 1000 - 1);
    let after = Timestamp::from_millis(seconds[seconds.len() - 1] * 1000 + 1);
    let forwards: Vec<_> = std::iter::successors(schedule.next_after(before), |tick| {
        schedule.next_after(*tick)
    })
    .take_while(|tick| *tick < after)
    .collect();
    let mut backwards: Vec<_> = std::iter::successors(schedule.last_before(after), |tick| {
        schedule.last_before(*tick)
    })
    .take_while(|tick| *tick > before)
    .collect();
    backwards.reverse();
    assert_eq!(forwards, backwards, "{text}");
    assert!(forwards.is_sorted_by(|a, b| a < b), "{text}");
    forwards
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_minute_of_some_days(
        mut fields in fields(),
        change in 0..CHANGES.len(),
        start in -2 * DAY_SECONDS / 60..0,
    ) {
        let (zone, around) = CHANGES[change];
        fields[0] = Field { min: 0, items: vec![Item::One(0)] };
        // Minutes of every zone in the table begin with those of UTC.
        let first = (around / 60 + start) * 60;
        let seconds: Vec<i64> = (0..3 * 24 * 60).map(|minute| first + 60 * minute).collect();
        let text = text(zone, &fields[1..]);
        prop_assert_eq!(ticks(&text, &seconds), reference(zone, &fields, &seconds), "{}", text);
    }

    #[test]
    fn every_second_around_a_change(
        mut fields in fields(),
        change in 0..CHANGES.len(),
        start in -3600..0_i64,
    ) {
        let (zone, around) = CHANGES[change];
        // Hours and days are seldom met within an hour.
        for field in &mut fields[2..] {
            field.items = vec![Item::All { step: 1 }];
        }
        let seconds: Vec<i64> = (0..3600).map(|second| around + start + second).collect();
        let text = text(zone, &fields);
        prop_assert_eq!(ticks(&text, &seconds), reference(zone, &fields, &seconds), "{}", text);
    }

    #[test]
    fn every_day_of_five_years(mut fields in fields(), start in 0..20_000_i64) {
        for field in &mut fields[..3] {
            field.items = vec![Item::One(0)];
        }
        let seconds: Vec<i64> = (0..5 * 366).map(|day| (start + day) * DAY_SECONDS).collect();
        let text = text("UTC", &fields[1..]);
        prop_assert_eq!(ticks(&text, &seconds), reference("UTC", &fields, &seconds), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(TZ=[A-Za-z/_]{0,9} )?[0-9A-Z*,/?@ -]{0,30}|\\PC{0,300}") {
        if let Ok(schedule) = CronSchedule::parse(&text) {
            let now = at("2026-01-01T00:00:00Z");
            prop_assert!(schedule.next_after(now).is_none_or(|tick| tick > now));
            prop_assert!(schedule.last_before(now).is_none_or(|tick| tick < now));
        }
    }
}
