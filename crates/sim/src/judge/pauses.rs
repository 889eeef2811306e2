//! Pauses: what a paused function would have started is skipped or waits, as whoever paused it asked
//! for; and what people did is in the audit log (server-semantics §3.4).

use std::collections::BTreeMap;

use everstep_core::record::{PausedStarts, RunStatus, SkipReason};
use everstep_store::{AuditFilter, Store};

use super::arrivals::Arrival;
use super::{History, Past};
use crate::controls::Pause;

impl History<'_> {
    pub(super) fn check_pauses(&self) {
        let controls = &self.app.clients.controls;
        for past in self.runs.values() {
            let queued_at = past.queued_at();
            let pauses = controls.pauses(past.number, queued_at, queued_at);
            let skips = |pause: &Option<Pause>| {
                pause.is_some_and(|pause| pause.starts == PausedStarts::Skip)
            };
            let is_skipped = past.record.status == RunStatus::Skipped
                && self.reason_of(past) != Some(SkipReason::Singleton);
            if is_skipped {
                self.count("runs skipped by a pause");
            }
            if is_skipped && !pauses.iter().any(skips) {
                self.violation(format!("{} was skipped without a pause", past.id()));
            }
            if !is_skipped && pauses.iter().all(skips) {
                self.violation(format!("{} was not skipped in a pause", past.id()));
            }
            if let Some(at) = past.record.started_at
                && controls
                    .pauses(past.number, at, at)
                    .iter()
                    .all(Option::is_some)
            {
                self.violation(format!("{} started at {at}, in a pause", past.id()));
            }
        }
    }

    /// Why the run was skipped. Those of schedules have no arrival, and no singleton.
    fn reason_of(&self, past: &Past) -> Option<SkipReason> {
        let mut arrivals = self.arrivals.iter();
        let trigger =
            arrivals.find(|it| it.event.id == past.trigger.id && it.function == past.number);
        trigger.and_then(Arrival::reason)
    }

    /// Each control that was done has an entry, and one that nobody knows of may have one.
    pub(super) async fn check_audit_log(&self) {
        let all = AuditFilter {
            reads_max: usize::MAX,
            ..AuditFilter::newest(usize::MAX)
        };
        let page = self.store.audit_list(&all).await;
        let entries = page.expect("the memory store can always be read").entries;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for entry in entries {
            *counts.entry(entry.action.to_string()).or_default() += 1;
        }
        for (action, asked) in self.app.clients.controls.asked() {
            let count = counts.remove(action).unwrap_or(0);
            if count < asked.done || count > asked.done + asked.unanswered {
                self.violation(format!(
                    "{action}: {asked:?}, and {count} entries in the log"
                ));
            }
        }
        if !counts.is_empty() {
            self.violation(format!("the log has {counts:?}, which nobody asked for"));
        }
    }
}
