//! What a long downtime does to a schedule.

use std::time::Duration;

use everstep_core::limits::CRON_CATCH_UP_TICKS_MAX;

use crate::world::World;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn ticks(lines: &[String]) -> usize {
    let fired = lines
        .iter()
        .filter(|line| *line == "event inngest/scheduled.timer");
    fired.count()
}

#[test]
fn cr_6_the_newest_ticks_fire_and_the_record_says_which_did_not() {
    let mut world = World::new();
    world.add("hourly");
    let missed = u32::try_from(CRON_CATCH_UP_TICKS_MAX).unwrap() + 10;
    world.stall(HOUR * missed);
    let lines = world.wait(Duration::ZERO);
    assert_eq!(ticks(&lines), CRON_CATCH_UP_TICKS_MAX);
    let skips: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("skip"))
        .collect();
    assert_eq!(
        skips,
        ["skip TicksGivenUp 2023-11-14T23:00:00.000Z to 2023-11-15T08:00:00.000Z"]
    );
    assert_eq!(ticks(&world.wait(HOUR)), 1);
}
