//! Which runs there must be: one for each event, and one only for what is the same.

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{EventRecord, SkipReason, SkipRecord};
use everstep_protocol::Timestamp;
use everstep_store::Store;

use super::{History, Past, data};

/// How long an id or topic starts no second run (server-semantics §3.3).
const PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

impl History<'_> {
    pub(super) async fn check_starts(&self) {
        for event in self.acknowledged.keys() {
            match self.events.get(event) {
                None => self.violation(format!("{event} was acknowledged, and is lost")),
                Some(event) => self.check_event(event).await,
            }
        }
        let mut holders: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
        for past in self.runs.values() {
            for key in keys(past) {
                let key = (past.program.name.clone(), key);
                let at = past.queued_at();
                let before = holders.insert(key.clone(), at);
                if before.is_some_and(|before| at < before + PERIOD) {
                    self.violation(format!("{}: a second run for {key:?}", past.id()));
                }
            }
        }
    }

    /// The event of a program started one run, or names the run that was there first.
    async fn check_event(&self, event: &EventRecord) {
        let mut programs = self.app.programs.iter();
        if !programs.any(|program| !program.is_scheduled() && program.event() == *event.name) {
            return;
        }
        let started = self
            .runs
            .values()
            .filter(|past| past.trigger.id == event.id);
        let skips = self.store.event_skips(event.id).await;
        let skips = skips.expect("the memory store can always be read");
        match (started.count(), skips.as_slice()) {
            (1, []) => {}
            (0, [skip]) if self.is_justified(event, skip) => self.count("duplicates skipped"),
            (runs, skips) => self.violation(format!(
                "{} {} has {runs} runs, skips {skips:?}",
                event.name, event.id
            )),
        }
    }

    fn is_justified(&self, event: &EventRecord, skip: &SkipRecord) -> bool {
        let run = skip.detail.as_deref().and_then(|text| text.parse().ok());
        let Some(first) = run.and_then(|run| self.runs.get(&run)) else {
            return false;
        };
        match skip.reason {
            SkipReason::EventDuplicate => {
                event.user_id.is_some() && event.user_id == first.trigger.user_id
            }
            SkipReason::IdempotencyDuplicate => {
                first.program.idempotent && data(event, "topic") == data(&first.trigger, "topic")
            }
            SkipReason::ExpressionFalse
            | SkipReason::ExpressionError
            | SkipReason::TicksGivenUp
            | SkipReason::RateLimited
            | SkipReason::Debounced
            | SkipReason::DebounceOutdated
            | SkipReason::Batched
            | SkipReason::Singleton
            | SkipReason::Paused => false,
        }
    }
}

/// What no other run of the function may have been started by.
fn keys(past: &Past) -> Vec<String> {
    let user_id = past.trigger.user_id.as_deref();
    let user_id = user_id.map(|id| format!("the id {id}"));
    let topic = past
        .program
        .idempotent
        .then(|| data(&past.trigger, "topic"));
    let topic = topic.flatten().map(|topic| format!("the topic {topic}"));
    user_id.into_iter().chain(topic).collect()
}
