//! Durations, instants, `Retry-After`.

use std::time::Duration;

use everstep_protocol::Timestamp;
use everstep_protocol::time::{
    format_duration, parse_duration, parse_instant, parse_retry_after, parse_timeout,
};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn durations() {
    let ms = Duration::from_millis;
    let hour = ms(3_600_000);
    let cases = [
        ("0", Duration::ZERO),
        ("0s", Duration::ZERO),
        ("1h30m", hour + hour / 2),
        ("1d", hour * 24),
        ("2w", hour * 24 * 14),
        ("1w2d3h4m5s6ms", hour * 24 * 9 + hour * 3 + ms(245_006)),
        ("500ms", ms(500)),
        ("1.5s", ms(1500)),
        (".5m", ms(30_000)),
        ("1.h", hour),
        ("0.000001w", Duration::from_nanos(604_800_000)),
        ("1.0000000000000000000000001s", ms(1000)),
        ("7us", Duration::from_micros(7)),
        ("7µs", Duration::from_micros(7)),
        ("7μs", Duration::from_micros(7)),
        ("9ns", Duration::from_nanos(9)),
        ("1s1s", ms(2000)),
        // GO emits such durations for sleeps until an instant.
        (
            "162w3h12m7s565ms767us112ns",
            hour * 24 * 7 * 162 + hour * 3 + ms(727_565) + Duration::from_nanos(767_112),
        ),
    ];
    for (text, duration) in cases {
        assert_eq!(parse_duration(text), Ok(duration), "{text}");
        assert_eq!(
            parse_duration(&format_duration(duration)),
            Ok(duration),
            "{text}"
        );
    }
}

#[test]
fn not_durations() {
    let too_long = "9".repeat(40) + "w";
    let cases = [
        "",
        " ",
        "1",
        "1.5",
        "s",
        "1x",
        "1 h",
        "1h ",
        "-1h",
        "+1h",
        "1h-30m",
        "1h30",
        ".s",
        "1..5s",
        "1e3s",
        "1y",
        "1M",
        "1H",
        "h1",
        "٣s",
        "40000000000000w",
        &too_long,
    ];
    for text in cases {
        assert!(parse_duration(text).is_err(), "{text}");
    }
}

#[test]
fn durations_print_in_their_largest_units() {
    let cases = [
        (Duration::ZERO, "0s"),
        (Duration::from_secs(5400), "1h30m"),
        (Duration::from_secs(86_400), "1d"),
        (Duration::from_millis(90_061_001), "1d1h1m1s1ms"),
        (Duration::from_nanos(1_001), "1us1ns"),
        (Duration::from_secs(7205), "2h5s"),
    ];
    for (duration, text) in cases {
        assert_eq!(format_duration(duration), text);
    }
    let longest = format_duration(Duration::MAX);
    assert_eq!(parse_duration(&longest), Ok(Duration::MAX));
}

#[test]
fn instants() {
    let cases = [
        ("2030-01-01T00:00:00.000Z", 1_893_456_000_000),
        ("2030-01-01T00:00:00Z", 1_893_456_000_000),
        ("2030-01-01T01:00:00+01:00", 1_893_456_000_000),
        ("2026-11-23T22:13:52.300Z", 1_795_472_032_300),
        ("2026-11-23T22:13:52.3009Z", 1_795_472_032_300),
        ("1969-12-31T23:59:59Z", -1000),
    ];
    for (text, ms) in cases {
        assert_eq!(
            parse_instant(text),
            Ok(Timestamp::from_millis(ms)),
            "{text}"
        );
    }
    for text in [
        "",
        "2030-01-01",
        "2030-01-01T00:00:00",
        "tomorrow",
        "1893456000000",
        "99999-01-01T00:00:00Z",
    ] {
        assert!(parse_instant(text).is_err(), "{text}");
    }
    assert_eq!(
        Timestamp::from_millis(1_893_456_000_007).to_string(),
        "2030-01-01T00:00:00.007Z"
    );
    assert_eq!(Timestamp::MAX.to_string(), format!("{} ms", i64::MAX));
}

#[test]
fn timeouts() {
    let at = |ms| Ok(Timestamp::from_millis(NOW.as_millis() + ms));
    assert_eq!(parse_timeout("", NOW), at(0));
    assert_eq!(parse_timeout("0", NOW), at(0));
    assert_eq!(parse_timeout("2d", NOW), at(172_800_000));
    assert_eq!(parse_timeout("1ms999us", NOW), at(1));
    // Recorded from GO: the time left until an instant of the year 2020.
    assert_eq!(parse_timeout("-359w6d13h39m59s156ms555us908ns", NOW), at(0));
    assert_eq!(parse_timeout("-0s", NOW), at(0));
    for text in ["-", "--1s", "-1", "-2020-01-01T00:00:00Z"] {
        assert_eq!(parse_timeout(text, NOW).unwrap_err().text, text);
    }
    let past = Ok(Timestamp::from_millis(0));
    assert_eq!(parse_timeout("1970-01-01T00:00:00Z", NOW), past);
    let error = parse_timeout("soon", NOW).unwrap_err();
    let text = "\"soon\" is not a duration (such as \"1h30m\") or an RFC 3339 time";
    assert_eq!(error.to_string(), text);
    assert_eq!(
        parse_timeout("30000000w", NOW),
        Ok(NOW + Duration::from_secs(30_000_000 * 604_800))
    );
}

#[test]
fn retry_after() {
    const DAY_MS: i64 = 86_400_000;
    let after = |ms| Some(Timestamp::from_millis(NOW.as_millis() + ms));
    let cases = [
        ("90", after(90_000)),
        (" 90 ", after(90_000)),
        ("0", after(1000)),
        ("86400", after(DAY_MS)),
        ("9999999", after(DAY_MS)),
        // More digits are a Unix time, in seconds or in milliseconds.
        ("1700000060", after(60_000)),
        ("1700000060500", after(60_500)),
        ("99999999", after(1000)),
        ("99999999999999999999999", None),
        // TS, GO, PY.
        ("2023-11-14T22:14:20.000Z", after(60_000)),
        ("2023-11-14T22:14:20Z", after(60_000)),
        ("2023-11-14T23:14:20+01:00", after(60_000)),
        ("2030-01-01T00:00:00.000Z", after(DAY_MS)),
        ("2000-01-01T00:00:00Z", after(1000)),
        // HTTP dates: RFC 1123, RFC 850, asctime.
        ("Tue, 14 Nov 2023 22:14:20 GMT", after(60_000)),
        ("Tue, 14 Nov 2023 23:14:20 +0100", after(60_000)),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", after(60_000)),
        ("Tue Nov 14 22:14:20 2023", after(60_000)),
        ("Thu Nov  2 22:14:20 2023", after(1000)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("5s", None),
        ("null", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_retry_after(text, NOW), expected, "{text}");
    }
}

#[test]
fn timestamps_saturate() {
    assert_eq!(Timestamp::MAX + Duration::MAX, Timestamp::MAX);
    assert_eq!(
        (Timestamp::from_millis(i64::MIN) - Duration::MAX).as_millis(),
        i64::MIN
    );
    assert_eq!(NOW.since(NOW + Duration::from_secs(1)), Duration::ZERO);
    assert_eq!(
        (NOW + Duration::from_secs(1)).since(NOW),
        Duration::from_secs(1)
    );
    assert_eq!(Timestamp::from_millis(-1).as_seconds(), -1);
}
