//! Which ticks fire after a time in which none could (CR-5, CR-6).

use everstep_protocol::Timestamp;

use super::super::{CronSchedule, Due, GivenUp};
use super::{at, schedule};
use crate::limits::CRON_CATCH_UP_TICKS_MAX;

#[test]
fn cr_5_the_next_tick_follows_from_the_pending_one() {
    let hourly = schedule("0 * * * *");
    let pending = at("2026-01-01T00:00:00Z");
    let next = Some(at("2026-01-01T01:00:00Z"));
    let due = |now: &str| hourly.due(pending, at(now));
    let fires = Due {
        tick: pending,
        next,
        given_up: None,
    };
    assert_eq!(due("2025-12-31T23:59:59.990Z"), fires);
    assert_eq!(due("2026-01-01T00:00:00Z"), fires);
    assert_eq!(due("2026-01-01T00:59:59Z"), fires);
    assert_eq!(due("2026-01-08T00:30:00Z"), fires);
}

/// Fires until nothing is due, as the owner of a pending tick does.
fn catch_up(
    schedule: &CronSchedule,
    pending: Timestamp,
    now: Timestamp,
) -> (Vec<Timestamp>, Vec<GivenUp>) {
    let (mut fired, mut given_up) = (Vec::new(), Vec::new());
    let mut pending = Some(pending);
    while let Some(tick) = pending.filter(|tick| *tick <= now) {
        let due = schedule.due(tick, now);
        fired.push(due.tick);
        given_up.extend(due.given_up);
        pending = due.next;
    }
    assert_eq!(pending, schedule.next_after(now));
    (fired, given_up)
}

#[test]
fn cr_6_missed_ticks_fire_one_by_one() {
    let daily = schedule("TZ=Europe/Berlin 0 9 * * *");
    let (fired, given_up) = catch_up(
        &daily,
        at("2026-03-28T08:00:00Z"),
        at("2026-03-30T12:00:00Z"),
    );
    let expected = [
        "2026-03-28T08:00:00Z",
        "2026-03-29T07:00:00Z",
        "2026-03-30T07:00:00Z",
    ];
    assert_eq!(fired, expected.map(at));
    assert_eq!(given_up, []);
}

#[test]
fn divergence_8_beyond_the_bound_the_oldest_ticks_are_given_up() {
    let minutely = schedule("* * * * *");
    let first = at("2026-01-01T00:00:00Z");
    let minute = |n: usize| Timestamp::from_millis(first.as_millis() + 60_000 * n as i64);
    for missed in [
        1,
        2,
        CRON_CATCH_UP_TICKS_MAX - 1,
        CRON_CATCH_UP_TICKS_MAX,
        CRON_CATCH_UP_TICKS_MAX + 1,
        CRON_CATCH_UP_TICKS_MAX + 2,
        10 * CRON_CATCH_UP_TICKS_MAX,
    ] {
        let (fired, given_up) = catch_up(&minutely, first, minute(missed - 1));
        let over = missed.saturating_sub(CRON_CATCH_UP_TICKS_MAX);
        let expected: Vec<_> = (over..missed).map(minute).collect();
        assert_eq!(fired, expected, "{missed} missed");
        let expected = (over > 0).then(|| GivenUp {
            first,
            last: minute(over - 1),
        });
        assert_eq!(given_up, Vec::from_iter(expected), "{missed} missed");
    }
}
