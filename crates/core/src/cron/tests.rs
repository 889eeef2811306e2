//! Tables of schedules: what they mean and when they tick.

mod catch_up;
mod clock_changes;
mod properties;
mod refusals;

use everstep_protocol::Timestamp;
use everstep_protocol::time::parse_instant;

use super::CronSchedule;
use crate::limits::CRON_SEARCH_MAX;

fn schedule(text: &str) -> CronSchedule {
    CronSchedule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

/// The ticks after `after`, as many as are expected, printed as `expected` is.
fn check(text: &str, after: &str, expected: &[&str]) {
    let schedule = schedule(text);
    let mut last = at(after);
    for expected in expected {
        let tick = schedule.next_after(last);
        assert_eq!(tick, Some(at(expected)), "{text} after {last}");
        last = at(expected);
    }
}

/// Both texts name the same times.
fn check_same(text: &str, other: &str) {
    let (fields, others) = (schedule(text).fields, schedule(other).fields);
    assert_eq!(fields, others, "{text} is {other}");
}

#[test]
fn cr_1_lists_ranges_steps_and_names() {
    for (text, same) in [
        ("1-5 * * * *", "1,2,3,4,5 * * * *"),
        ("5,1,3,1 * * * *", "1,3,5 * * * *"),
        ("*/15 * * * *", "0,15,30,45 * * * *"),
        ("?/15 * * * *", "0,15,30,45 * * * *"),
        ("5/20 * * * *", "5,25,45 * * * *"),
        ("10-30/10 * * * *", "10,20,30 * * * *"),
        ("0-4,50-59/3 * * * *", "0,1,2,3,4,50,53,56,59 * * * *"),
        ("*/90 * * * *", "0 * * * *"),
        ("*/99999999999999999999999999 * * * *", "0 * * * *"),
        ("7/18446744073709551615 * * * *", "7 * * * *"),
        ("007 07 01 012 00", "7 7 1 12 0"),
        ("0 */8 * * *", "0 0,8,16 * * *"),
        ("0 0 */10 * *", "0 0 1,11,21,31 * *"),
        ("0 0 1 */5 *", "0 0 1 1,6,11 *"),
        ("0 0 1 JAN,jun-Aug *", "0 0 1 1,6,7,8 *"),
        ("0 0 1 3/4 *", "0 0 1 3,7,11 *"),
        ("0 0 * * MON-fri", "0 0 * * 1-5"),
        ("0 0 * * SUN", "0 0 * * 7"),
        ("0 0 * * FRI-SUN", "0 0 * * 5,6,0"),
        ("0 0 * * 5-7", "0 0 * * 5,6,0"),
        ("0 0 * * SUN-TUE", "0 0 * * 0,1,2"),
        ("0 0 * * 0-0", "0 0 * * 0"),
        ("0 0 * * 1/3", "0 0 * * 1,4"),
        ("0 0 * * 1/6", "0 0 * * 1"),
        ("0 0 ? * ?", "0 0 * * *"),
        ("0 0 */1 * *", "0 0 * * *"),
        ("0 * * * * *", "* * * * *"),
        ("  0\t0 * *   * ", "0 0 * * *"),
    ] {
        check_same(text, same);
    }
}

#[test]
fn cr_1_either_day_field_matches_if_both_are_restricted() {
    // 2026-06-01 is a Monday.
    let after = "2026-05-31T12:00:00Z";
    check(
        "0 0 3 * MON",
        after,
        &[
            "2026-06-01T00:00:00Z",
            "2026-06-03T00:00:00Z",
            "2026-06-08T00:00:00Z",
        ],
    );
    check(
        "0 0 */15 * MON",
        after,
        &[
            "2026-06-01T00:00:00Z",
            "2026-06-08T00:00:00Z",
            "2026-06-15T00:00:00Z",
            "2026-06-16T00:00:00Z",
        ],
    );
    check("0 0 31 2 MON", after, &["2027-02-01T00:00:00Z"]);
    for unrestricted in ["*", "?", "*/1", "5,*"] {
        let by_weekday = format!("0 0 {unrestricted} * WED");
        check(
            &by_weekday,
            after,
            &["2026-06-03T00:00:00Z", "2026-06-10T00:00:00Z"],
        );
        let by_date = format!("0 0 9 * {unrestricted}");
        check(
            &by_date,
            after,
            &["2026-06-09T00:00:00Z", "2026-07-09T00:00:00Z"],
        );
    }
}

#[test]
fn cr_1_ticks_of_common_schedules() {
    let after = "2026-01-31T23:59:30.500Z";
    for (text, expected) in [
        (
            "* * * * *",
            ["2026-02-01T00:00:00Z", "2026-02-01T00:01:00Z"],
        ),
        (
            "*/10 * * * *",
            ["2026-02-01T00:00:00Z", "2026-02-01T00:10:00Z"],
        ),
        (
            "30 9 * * MON-FRI",
            ["2026-02-02T09:30:00Z", "2026-02-03T09:30:00Z"],
        ),
        (
            "0 0 31 * *",
            ["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"],
        ),
        (
            "0 0 1 1 *",
            ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"],
        ),
        (
            "59 23 31 1 *",
            ["2027-01-31T23:59:00Z", "2028-01-31T23:59:00Z"],
        ),
        (
            "0 0 29 2 *",
            ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        (
            "* * * * * *",
            ["2026-01-31T23:59:31Z", "2026-01-31T23:59:32Z"],
        ),
        (
            "*/20 * * * * *",
            ["2026-01-31T23:59:40Z", "2026-02-01T00:00:00Z"],
        ),
        (
            "15 30 12 * * *",
            ["2026-02-01T12:30:15Z", "2026-02-02T12:30:15Z"],
        ),
    ] {
        check(text, after, &expected);
    }
}

#[test]
fn a_tick_is_strictly_after_and_strictly_before() {
    let minutely = schedule("* * * * *");
    let tick = at("2026-01-01T00:00:00Z");
    let next = at("2026-01-01T00:01:00Z");
    for ms in [0, 1, 999, 59_999] {
        let inside = Timestamp::from_millis(tick.as_millis() + ms);
        assert_eq!(minutely.next_after(inside), Some(next), "{inside}");
        let inside = Timestamp::from_millis(next.as_millis() - ms);
        assert_eq!(minutely.last_before(inside), Some(tick), "{inside}");
    }
    // Before 1970 seconds are rounded down, too.
    let before = Timestamp::from_millis(-500);
    assert_eq!(minutely.next_after(before), Some(Timestamp::from_millis(0)));
    assert_eq!(
        schedule("* * * * * *").last_before(before),
        Some(Timestamp::from_millis(-1000))
    );
}

#[test]
fn cr_2_zones() {
    let after = "2026-01-15T00:00:00Z";
    for (prefix, tick) in [
        ("", "2026-01-15T12:00:00Z"),
        ("TZ=UTC ", "2026-01-15T12:00:00Z"),
        ("CRON_TZ=Europe/Paris ", "2026-01-15T11:00:00Z"),
        ("TZ=Europe/Paris ", "2026-01-15T11:00:00Z"),
        ("TZ=europe/paris   ", "2026-01-15T11:00:00Z"),
        ("TZ=Asia/Kathmandu ", "2026-01-15T06:15:00Z"),
        ("TZ=Pacific/Kiritimati ", "2026-01-15T22:00:00Z"),
        ("TZ=America/New_York ", "2026-01-15T17:00:00Z"),
        ("TZ=Etc/GMT+8 ", "2026-01-15T20:00:00Z"),
    ] {
        let text = format!("{prefix}0 12 * * *");
        check(&text, after, &[tick]);
        assert_eq!(schedule(&text).as_str(), text);
        assert_eq!(schedule(&text).to_string(), text);
    }
}

#[test]
fn cr_10_what_never_occurs_is_accepted_and_never_fires() {
    for text in [
        "0 0 31 2 *",
        "0 0 30 FEB *",
        "0 0 31 4,6,9,11 *",
        "TZ=Europe/Berlin * * 31 2 *",
    ] {
        let schedule = schedule(text);
        assert_eq!(schedule.next_after(at("2026-01-01T00:00:00Z")), None);
        assert_eq!(schedule.last_before(at("2026-01-01T00:00:00Z")), None);
    }
}

#[test]
fn the_search_reaches_the_rarest_day_and_ends() {
    let leap_day = schedule("0 0 29 2 *");
    let (last, next) = (at("2096-02-29T00:00:00Z"), at("2104-02-29T00:00:00Z"));
    assert_eq!(leap_day.next_after(last), Some(next));
    assert_eq!(leap_day.last_before(next), Some(last));
    assert!(next.since(last) < CRON_SEARCH_MAX / 2);
}

#[test]
fn no_time_is_too_far() {
    for text in ["* * * * *", "TZ=Europe/Berlin 0 0 29 2 *"] {
        let schedule = schedule(text);
        for ms in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
            let far = Timestamp::from_millis(ms);
            assert_eq!(schedule.next_after(far), None);
            assert_eq!(schedule.last_before(far), None);
            assert_eq!(schedule.due(far, far).next, None);
        }
        for year in ["-009990-01-01T00:00:00Z", "9990-01-01T00:00:00Z"] {
            // The calendar ends within the search: whatever is found, nothing breaks.
            schedule.next_after(at(year));
            schedule.last_before(at(year));
        }
    }
}
