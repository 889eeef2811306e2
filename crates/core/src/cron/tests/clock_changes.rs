//! CR-2: what happens when clocks go forward and back.
//!
//! Europe/Berlin changes at 01:00 UTC: on 2025-03-30 from 02:00 to 03:00, on 2025-10-26 from 03:00
//! to 02:00. America/New_York changes at 02:00 local time: on 2025-03-09 to 03:00, on 2025-11-02
//! to 01:00. America/Havana changes at midnight in spring, and at 01:00 to midnight in autumn.

use super::{at, check, schedule};

#[test]
fn cr_2_spring_a_skipped_time_has_no_tick() {
    check(
        "TZ=Europe/Berlin 30 2 * * *",
        "2025-03-28T12:00:00Z",
        &["2025-03-29T01:30:00Z", "2025-03-31T00:30:00Z"],
    );
    check(
        "TZ=America/New_York 30 2 * * *",
        "2025-03-07T12:00:00Z",
        &["2025-03-08T07:30:00Z", "2025-03-10T06:30:00Z"],
    );
    check(
        "TZ=America/Havana 0 0 * * *",
        "2025-03-07T12:00:00Z",
        &["2025-03-08T05:00:00Z", "2025-03-10T04:00:00Z"],
    );
    // The first skipped second, and the first one after.
    check(
        "TZ=Europe/Berlin 0 2,3 30 3 *",
        "2025-03-01T00:00:00Z",
        &["2025-03-30T01:00:00Z", "2026-03-30T00:00:00Z"],
    );
    check(
        "TZ=Europe/Berlin 59 59 1 30 3 *",
        "2025-03-01T00:00:00Z",
        &["2025-03-30T00:59:59Z", "2026-03-29T23:59:59Z"],
    );
}

#[test]
fn cr_2_autumn_a_repeated_time_has_two_ticks() {
    check(
        "TZ=Europe/Berlin 30 2 * * *",
        "2025-10-24T12:00:00Z",
        &[
            "2025-10-25T00:30:00Z",
            "2025-10-26T00:30:00Z",
            "2025-10-26T01:30:00Z",
            "2025-10-27T01:30:00Z",
        ],
    );
    check(
        "TZ=America/New_York 30 1 * * *",
        "2025-10-31T12:00:00Z",
        &[
            "2025-11-01T05:30:00Z",
            "2025-11-02T05:30:00Z",
            "2025-11-02T06:30:00Z",
            "2025-11-03T06:30:00Z",
        ],
    );
    check(
        "TZ=America/Havana 0 0 * * *",
        "2025-10-31T12:00:00Z",
        &[
            "2025-11-01T04:00:00Z",
            "2025-11-02T04:00:00Z",
            "2025-11-02T05:00:00Z",
            "2025-11-03T05:00:00Z",
        ],
    );
    // The hour after the repeated one occurs once.
    check(
        "TZ=Europe/Berlin 0 3 * * *",
        "2025-10-24T12:00:00Z",
        &["2025-10-25T01:00:00Z", "2025-10-26T02:00:00Z"],
    );
}

#[test]
fn cr_2_every_few_minutes_stays_as_far_apart_as_ever() {
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    for zone in zones {
        for (fields, minutes) in [("*/15 * * * *", 15), ("0,30 * * * *", 30)] {
            let schedule = schedule(&format!("TZ={zone} {fields}"));
            let mut tick = at("2025-01-01T00:00:00Z");
            while tick < at("2026-01-01T00:00:00Z") {
                let next = schedule.next_after(tick).unwrap();
                assert_eq!(next.since(tick).as_secs(), 60 * minutes, "{zone} {tick}");
                tick = next;
            }
        }
    }
}

#[test]
fn cr_2_each_hour_stays_as_far_apart_as_ever() {
    check(
        "TZ=Europe/Berlin 0 * * * *",
        "2025-03-29T23:00:00Z",
        &[
            "2025-03-30T00:00:00Z",
            "2025-03-30T01:00:00Z",
            "2025-03-30T02:00:00Z",
        ],
    );
    check(
        "TZ=America/New_York 0 * * * *",
        "2025-11-02T04:00:00Z",
        &[
            "2025-11-02T05:00:00Z",
            "2025-11-02T06:00:00Z",
            "2025-11-02T07:00:00Z",
        ],
    );
}

#[test]
fn cr_2_every_few_hours_goes_by_the_clock() {
    // 00:00, then 04:00 as there is no 02:00.
    check(
        "TZ=Europe/Berlin 0 */2 * * *",
        "2025-03-29T22:30:00Z",
        &[
            "2025-03-29T23:00:00Z",
            "2025-03-30T02:00:00Z",
            "2025-03-30T04:00:00Z",
        ],
    );
    // 00:00, 02:00, 02:00, 04:00.
    check(
        "TZ=Europe/Berlin 0 */2 * * *",
        "2025-10-25T21:30:00Z",
        &[
            "2025-10-25T22:00:00Z",
            "2025-10-26T00:00:00Z",
            "2025-10-26T01:00:00Z",
            "2025-10-26T03:00:00Z",
        ],
    );
}

#[test]
fn cr_2_seconds_change_clocks_as_minutes_do() {
    check(
        "TZ=Europe/Berlin */30 * * * * *",
        "2025-03-30T00:59:00Z",
        &[
            "2025-03-30T00:59:30Z",
            "2025-03-30T01:00:00Z",
            "2025-03-30T01:00:30Z",
        ],
    );
    check(
        "TZ=America/New_York 59 59 1 * * *",
        "2025-11-02T00:00:00Z",
        &[
            "2025-11-02T05:59:59Z",
            "2025-11-02T06:59:59Z",
            "2025-11-03T06:59:59Z",
        ],
    );
}

/// A zone that moves across the date line has no such day at all.
#[test]
fn cr_2_a_skipped_day_has_no_tick() {
    check(
        "TZ=Pacific/Apia 0 12 * * *",
        "2011-12-29T00:00:00Z",
        &["2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"],
    );
    check(
        "TZ=Pacific/Apia 0 12 30 12 *",
        "2010-12-31T00:00:00Z",
        &["2012-12-29T22:00:00Z"],
    );
}

#[test]
fn cr_2_searches_that_begin_at_the_change() {
    // 01:00:00 UTC is the first second of summer time in Berlin.
    let schedule = schedule("TZ=Europe/Berlin 30 1,3 * * *");
    for now in [
        "2025-03-30T00:59:59Z",
        "2025-03-30T01:00:00Z",
        "2025-03-30T01:00:01Z",
    ] {
        let (last, next) = (at("2025-03-30T00:30:00Z"), at("2025-03-30T01:30:00Z"));
        assert_eq!(schedule.last_before(at(now)), Some(last), "{now}");
        assert_eq!(schedule.next_after(at(now)), Some(next), "{now}");
    }
}

/// Far in the future only the rules of a zone are known, not a list of its changes.
#[test]
fn cr_2_rules_hold_in_every_future_year() {
    // Clocks go forward on 2060-03-28 and back on 2060-10-31.
    check(
        "TZ=Europe/Berlin 30 2 * * *",
        "2060-03-27T12:00:00Z",
        &["2060-03-29T00:30:00Z", "2060-03-30T00:30:00Z"],
    );
    check(
        "TZ=Europe/Berlin 30 2 31 10 *",
        "2060-10-01T00:00:00Z",
        &["2060-10-31T00:30:00Z", "2060-10-31T01:30:00Z"],
    );
}
