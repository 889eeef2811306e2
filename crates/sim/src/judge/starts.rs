//! Which runs there must be: one for each event, and one only for what is the same; or the reason why
//! there is none.

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{RunStatus, SkipReason};
use everstep_protocol::Timestamp;

use super::arrivals::Arrival;
use super::{History, Past, data};

/// How long an id or topic starts no second run (server-semantics §3.3).
const PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

impl History<'_> {
    pub(super) fn check_starts(&self) {
        for event in self.acknowledged.keys() {
            if !self.events.contains_key(event) {
                self.violation(format!("{event} was acknowledged, and is lost"));
            }
        }
        for arrival in &self.arrivals {
            if !self.has_right_outcome(arrival) {
                self.violation(format!(
                    "{} {} for {} has the run {:?}, and {:?}",
                    arrival.event.name,
                    arrival.event.id,
                    arrival.program.name,
                    arrival.run,
                    arrival.skip
                ));
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

    /// The event started one run, at once or later, or there is a reason why not. What the reasons
    /// mean is for the judges of the limits to say.
    fn has_right_outcome(&self, arrival: &Arrival) -> bool {
        let Some(run) = self.run_of(arrival) else {
            let is_justified = self.is_justified(arrival);
            if is_justified {
                self.count("events without a run of their own");
            }
            return is_justified;
        };
        let is_skipped = run.record.status == RunStatus::Skipped;
        let is_first = run.trigger.id == arrival.event.id;
        let flow = &arrival.program.flow;
        match arrival.reason() {
            None => !is_skipped && !arrival.is_batched() && flow.debounce.is_none(),
            Some(SkipReason::Debounced) => !is_skipped && flow.debounce.is_some(),
            Some(SkipReason::Batched) => arrival.is_batched() && !(is_skipped && is_first),
            Some(SkipReason::Singleton) => is_skipped && is_first && flow.singleton.is_some(),
            Some(SkipReason::Paused) => is_skipped && is_first,
            Some(_) => false,
        }
    }

    fn is_justified(&self, arrival: &Arrival) -> bool {
        let program = &arrival.program;
        let first = arrival.detail().parse().ok();
        let first = first.and_then(|run| self.runs.get(&run));
        let first = first.filter(|first| first.program.name == program.name);
        match arrival.reason() {
            Some(SkipReason::EventDuplicate) => first.is_some_and(|first| {
                arrival.event.user_id.is_some() && arrival.event.user_id == first.trigger.user_id
            }),
            Some(SkipReason::IdempotencyDuplicate) if program.flow.debounce.is_some() => {
                program.idempotent && self.is_value_held_back(arrival)
            }
            Some(SkipReason::IdempotencyDuplicate) => first.is_some_and(|first| {
                program.idempotent && data(&first.trigger, "topic") == Some(arrival.topic())
            }),
            Some(SkipReason::RateLimited) => program.rate_limit().is_some(),
            Some(SkipReason::Debounced | SkipReason::DebounceOutdated) => {
                program.flow.debounce.is_some()
            }
            Some(_) | None => false,
        }
    }

    /// An event of the same topic was in the debounce before.
    fn is_value_held_back(&self, arrival: &Arrival) -> bool {
        self.arrivals.iter().any(|other| {
            other.function == arrival.function
                && other.topic() == arrival.topic()
                && other.is_debounced()
                && other.from <= arrival.until
        })
    }
}

/// What no other run of the function may have been started by. A batch has none: its events would
/// each have some.
fn keys(past: &Past) -> Vec<String> {
    if past.record.batch.is_some() {
        return Vec::new();
    }
    // A run that was skipped leaves the id to others.
    let is_skipped = past.record.status == RunStatus::Skipped;
    let user_id = past.trigger.user_id.as_deref().filter(|_| !is_skipped);
    let user_id = user_id.map(|id| format!("the id {id}"));
    let topic = past
        .program
        .idempotent
        .then(|| data(&past.trigger, "topic"));
    let topic = topic.flatten().map(|topic| format!("the topic {topic}"));
    user_id.into_iter().chain(topic).collect()
}
