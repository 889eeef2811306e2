//! Instants, durations, and the texts and numbers that `date` reads.

use super::{Case, check};

#[test]
fn s2_2_the_present() {
    check(&[
        ("now()", "{}", "2026-01-02T03:04:05.678Z"),
        ("now_plus('1h')", "{}", "2026-01-02T04:04:05.678Z"),
        (
            "now_minus(duration('1d'))",
            "{}",
            "2026-01-01T03:04:05.678Z",
        ),
        (
            "now_plus('1 hour')",
            "{}",
            "error: \"1 hour\" is not a duration such as \"1h30m\" at line 1 column 1",
        ),
        (
            "now_plus('4000w') > now() && now_minus('-1s') > now()",
            "{}",
            "true",
        ),
        ("now_plus('3000000h')", "{}", "2368-03-30T03:04:05.678Z"),
        (
            "now_plus('80000000h')",
            "{}",
            "error: the result of now_plus is out of range at line 1 column 1",
        ),
    ]);
}

#[test]
fn s2_2_durations() {
    check(&[
        ("duration('1h30m')", "{}", "5400s"),
        ("duration('-1.5s')", "{}", "-1.5s"),
        ("duration('1ms') + duration('1us')", "{}", "0.001001s"),
        ("duration('1h') - duration('2h')", "{}", "-3600s"),
        ("-duration('1h')", "{}", "-3600s"),
        ("duration('60m') == duration('1h')", "{}", "true"),
        ("duration('1h') > duration('59m')", "{}", "true"),
        ("duration('100m').getHours()", "{}", "1"),
        ("duration('100m').getSeconds()", "{}", "6000"),
        ("duration('1.5s').getMilliseconds()", "{}", "1500"),
        (
            "duration('x')",
            "{}",
            "error: \"x\" is not a duration such as \"1h30m\" at line 1 column 1",
        ),
        (
            "duration('99999999999h')",
            "{}",
            "error: \"99999999999h\" is not a duration such as \"1h30m\" at line 1 column 1",
        ),
        (
            "duration('1h').getMonth()",
            "{}",
            "error: getMonth can't be applied to duration at line 1 column 16",
        ),
        (
            "duration('1h') + 1",
            "{}",
            "error: + can't be applied to duration and int at line 1 column 16",
        ),
    ]);
}

#[test]
fn s2_2_timestamps() {
    check(&[
        (
            "timestamp('2020-01-01T12:00:00+02:00')",
            "{}",
            "2020-01-01T10:00:00Z",
        ),
        ("timestamp(60)", "{}", "1970-01-01T00:01:00Z"),
        ("timestamp(timestamp(60)) == timestamp(60)", "{}", "true"),
        (
            "timestamp('2020-01-01')",
            "{}",
            "error: \"2020-01-01\" is not an RFC 3339 time at line 1 column 1",
        ),
    ]);
}

#[test]
fn s2_2_parts_of_timestamps() {
    check(&[
        (
            "timestamp('2024-02-29T13:14:15.678Z').getFullYear()",
            "{}",
            "2024",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getMonth()",
            "{}",
            "1",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getDate()",
            "{}",
            "29",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getDayOfMonth()",
            "{}",
            "28",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getDayOfWeek()",
            "{}",
            "4",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getDayOfYear()",
            "{}",
            "59",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getHours()",
            "{}",
            "13",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getMinutes()",
            "{}",
            "14",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getSeconds()",
            "{}",
            "15",
        ),
        (
            "timestamp('2024-02-29T13:14:15.678Z').getMilliseconds()",
            "{}",
            "678",
        ),
        (
            "timestamp('2024-07-01T22:30:00Z').getHours('Europe/Berlin')",
            "{}",
            "0",
        ),
        (
            "timestamp('2024-07-01T22:30:00Z').getDate('+02:00')",
            "{}",
            "2",
        ),
        (
            "timestamp('2024-07-01T00:30:00Z').getDate('-01:00')",
            "{}",
            "30",
        ),
        (
            "timestamp('2024-07-01T00:30:00Z').getDate('UTC')",
            "{}",
            "1",
        ),
        (
            "now().getHours('Nowhere')",
            "{}",
            "error: \"Nowhere\" is not a time zone at line 1 column 7",
        ),
        (
            "timestamp(-62135596801)",
            "{}",
            "error: \"-62135596801\" is not a Unix time at line 1 column 1",
        ),
        (
            "timestamp(-62135596800) - duration('1s')",
            "{}",
            "error: the result of - is out of range at line 1 column 25",
        ),
    ]);
}

#[test]
fn s2_2_date_texts() {
    const AT: &str = "2020-03-04T15:16:17Z";
    const CASES: &[Case] = &[
        ("date('2020-03-04T15:16:17Z')", "{}", AT),
        ("date('2020-03-04T17:16:17+02:00')", "{}", AT),
        (
            "date('2020-03-04T15:16:17.25Z')",
            "{}",
            "2020-03-04T15:16:17.25Z",
        ),
        ("date('2020-03-04T15:16:17')", "{}", AT),
        ("date('2020-03-04')", "{}", "2020-03-04T00:00:00Z"),
        ("date('Wed, 04 Mar 2020 15:16:17 UTC')", "{}", AT),
        ("date('Wed, 04 Mar 2020 15:16:17 GMT')", "{}", AT),
        ("date('Wed, 04 Mar 2020 16:16:17 +0100')", "{}", AT),
        ("date('04 Mar 20 15:16 MST')", "{}", "2020-03-04T15:16:00Z"),
        (
            "date('04 Mar 20 16:16 +0100')",
            "{}",
            "2020-03-04T15:16:00Z",
        ),
        ("date('04 Mar 70 15:16 UTC')", "{}", "1970-03-04T15:16:00Z"),
        ("date('Wednesday, 04-Mar-20 15:16:17 UTC')", "{}", AT),
        ("date('Wed Mar 04 16:16:17 +0100 2020')", "{}", AT),
        ("date('Wed Mar  4 15:16:17 UTC 2020')", "{}", AT),
        ("date('Wed Mar  4 15:16:17 2020')", "{}", AT),
        ("date('Mar  4 15:16:17')", "{}", "0001-03-04T15:16:17Z"),
        (
            "date('Mar  4 15:16:17.250')",
            "{}",
            "0001-03-04T15:16:17.25Z",
        ),
        ("date('2020-03-04 15:16:17 +0000 UTC')", "{}", AT),
        (
            "date('2020-03-04 16:16:17.5 +0100 CET')",
            "{}",
            "2020-03-04T15:16:17.5Z",
        ),
        ("date(timestamp('2020-03-04T15:16:17Z'))", "{}", AT),
        (
            "date('yesterday')",
            "{}",
            "error: \"yesterday\" is not a date at line 1 column 1",
        ),
        (
            "date('2020-02-30')",
            "{}",
            "error: \"2020-02-30\" is not a date at line 1 column 1",
        ),
        (
            "date('')",
            "{}",
            "error: \"\" is not a date at line 1 column 1",
        ),
        (
            "date(true)",
            "{}",
            "error: date can't be applied to bool at line 1 column 1",
        ),
    ];
    check(CASES);
}

#[test]
fn s2_2_date_numbers() {
    check(&[
        (
            "date(946684799)",
            "{}",
            "error: \"946684799\" is not a date at line 1 column 1",
        ),
        ("date(946684800)", "{}", "2000-01-01T00:00:00Z"),
        ("date(9999999998)", "{}", "2286-11-20T17:46:38Z"),
        ("date(9999999999)", "{}", "1970-04-26T17:46:39.999Z"),
        ("date(1583334977123)", "{}", "2020-03-04T15:16:17.123Z"),
        ("date(9999999999998)", "{}", "2286-11-20T17:46:39.998Z"),
        (
            "date(9999999999999)",
            "{}",
            "1970-01-01T02:46:39.999999999Z",
        ),
        (
            "date(1583334977123456789)",
            "{}",
            "2020-03-04T15:16:17.123456789Z",
        ),
        ("date(1583334977.0)", "{}", "2020-03-04T15:16:17Z"),
        ("date(event.ts)", "{}", "2023-11-14T22:13:20.123Z"),
        (
            "date(-1)",
            "{}",
            "error: \"-1\" is not a date at line 1 column 1",
        ),
    ]);
}
