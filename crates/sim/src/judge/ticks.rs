//! Schedules: each tick has one run, and none is missing (server-semantics CR-5, CR-8).

use std::time::Duration;

use everstep_protocol::Timestamp;
use everstep_protocol::limits::CRON_JITTER_MIN;
use everstep_protocol::time::parse_instant;

use super::{GRACE, History, Past, data};
use crate::program::{Program, Trigger};

impl History<'_> {
    pub(super) fn check_ticks(&self) {
        for program in &self.app.programs {
            let Trigger::Schedule {
                minutes,
                jitter_seconds,
            } = program.trigger
            else {
                continue;
            };
            let period = Duration::from_secs(minutes * 60);
            let jitter = Duration::from_secs(jitter_seconds);
            let mut ticks: Vec<Timestamp> = Vec::new();
            for past in self.runs.values() {
                if past.program.name == program.name {
                    ticks.extend(self.tick_of(past, jitter));
                }
            }
            ticks.sort();
            self.check_sequence(program, &ticks, period, jitter);
        }
    }

    /// The tick that started the run, which was neither early nor, in a healthy world, late.
    fn tick_of(&self, past: &Past, jitter: Duration) -> Option<Timestamp> {
        let text = data(&past.trigger, "scheduledAt");
        let Some(tick) = text.and_then(|text| parse_instant(&text).ok()) else {
            self.violation(format!("{} was not started by a tick", past.id()));
            return None;
        };
        let queued_at = past.queued_at();
        let earliest = if jitter.is_zero() {
            tick
        } else {
            tick + CRON_JITTER_MIN
        };
        if queued_at < earliest || queued_at > self.settled(tick + jitter) {
            self.violation(format!(
                "{}: the tick {tick} fired at {queued_at}",
                past.id()
            ));
        }
        self.count("ticks");
        Some(tick)
    }

    fn check_sequence(
        &self,
        program: &Program,
        ticks: &[Timestamp],
        period: Duration,
        jitter: Duration,
    ) {
        for pair in ticks.windows(2) {
            if pair[1] != pair[0] + period {
                let (name, [from, to]) = (&program.name, [pair[0], pair[1]]);
                self.violation(format!("{name}: after the tick {from} comes {to}"));
            }
        }
        let first_by = self.moments.synced_at.map(|at| at + period);
        if let (Some(by), Some(first)) = (first_by, ticks.first())
            && *first > by
        {
            self.violation(format!("{}: the first tick is {first}", program.name));
        }
        let last_by = self.moments.ended_at - (period + jitter + GRACE);
        if last_by > self.moments.healed_at && ticks.last().is_none_or(|last| *last < last_by) {
            let last = ticks.last();
            self.violation(format!("{}: the last tick is {last:?}", program.name));
        }
    }
}
