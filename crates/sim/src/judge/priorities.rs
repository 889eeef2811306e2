//! Priority: of two runs that wait under the same limits, the one with the better time starts first
//! (server-semantics §4.4).

use everstep_core::record::RunStatus;

use super::arrivals::rank;
use super::{History, Past};
use crate::watch::Start;

impl History<'_> {
    pub(super) fn check_priorities(&self) {
        let started: Vec<(&Past, Start)> = self
            .runs
            .values()
            .filter(|past| past.record.status != RunStatus::Skipped)
            .filter_map(|past| {
                let at = past.record.started_at?;
                Some((past, self.app.audit.start(past.id(), at)?))
            })
            .collect();
        for (first, start) in &started {
            let overtaken = started.iter().find(|(other, later)| {
                other.number == first.number
                    && other.record.keys == first.record.keys
                    && better_time_ms(other) < better_time_ms(first)
                    // It was there when the other one was taken up, and known since it came.
                    // It may have started in between, and been turned away.
                    && !self.app.audit.was_undone(other.id())
                    && other.queued_at() < start.taken_after
                    && other.queued_at() > start.incarnation
                    && later.incarnation == start.incarnation
                    && later.taken_after > start.at
            });
            if let Some((other, later)) = overtaken {
                self.violation(format!(
                    "{} started at {}, and before it {} at {}, which comes later",
                    other.id(),
                    later.at,
                    first.id(),
                    start.at
                ));
            }
        }
    }
}

/// When the run comes among others: its age, and its head start.
fn better_time_ms(past: &Past) -> i64 {
    let head_start = past.program.flow.head_start_ms(rank(&past.trigger));
    past.queued_at().as_millis() - head_start
}
