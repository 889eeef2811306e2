//! What came of the events that are to start a run: those that clients sent, and those of
//! invocations.

use everstep_core::invoke::INVOKED;
use everstep_core::record::{EventRecord, SkipReason, SkipRecord};
use everstep_protocol::{AppId, EventId, FunctionId, RunId, Timestamp};
use everstep_store::Store;

use super::{History, Past, data};
use crate::program::Program;

/// An event, the function that it is to start, and what came of it.
pub(super) struct Arrival {
    pub event: EventRecord,
    /// Its number.
    pub function: usize,
    pub program: Program,
    /// It was decided on within this time.
    pub from: Timestamp,
    pub until: Timestamp,
    pub run: Option<RunId>,
    pub skip: Option<SkipRecord>,
}

impl Arrival {
    pub(super) fn topic(&self) -> String {
        data(&self.event, "topic").unwrap_or_default()
    }

    pub(super) fn rank(&self) -> i64 {
        rank(&self.event)
    }

    pub(super) fn reason(&self) -> Option<SkipReason> {
        Some(self.skip.as_ref()?.reason)
    }

    pub(super) fn detail(&self) -> &str {
        let detail = self.skip.as_ref().and_then(|skip| skip.detail.as_deref());
        detail.unwrap_or_default()
    }

    pub(super) fn is_batched(&self) -> bool {
        let batch = self.program.flow.batch;
        batch.is_some_and(|batch| batch.takes(self.rank()))
    }

    /// Whether it went to the function's debounce.
    pub(super) fn is_debounced(&self) -> bool {
        let refused_before = matches!(
            self.reason(),
            Some(SkipReason::IdempotencyDuplicate | SkipReason::RateLimited)
        );
        self.program.flow.debounce.is_some() && !refused_before
    }

    /// What is shared with others: the topic, if it is the key.
    pub(super) fn group(&self, keyed: bool) -> (usize, String) {
        let topic = if keyed { self.topic() } else { String::new() };
        (self.function, topic)
    }

    pub(super) fn surely_before(&self, other: &Self) -> bool {
        self.until < other.from
    }
}

/// The rank in the data of an event.
pub(super) fn rank(event: &EventRecord) -> i64 {
    let data = event.payload.member("data");
    let rank = data.and_then(|data| data.member("rank"));
    rank.and_then(|rank| rank.as_str().parse().ok())
        .unwrap_or(0)
}

impl History<'_> {
    pub(super) async fn note_arrivals(&mut self) {
        let mut arrivals = Vec::new();
        for event in self.events.values() {
            if let Some(function) = self.target(event) {
                arrivals.push(self.arrival(event, function).await);
            }
        }
        self.arrivals = arrivals;
    }

    /// The function that the event is to start.
    fn target(&self, event: &EventRecord) -> Option<usize> {
        let mut programs = self.app.programs.iter();
        if *event.name != *INVOKED {
            return programs.position(|it| !it.is_scheduled() && it.event() == *event.name);
        }
        let own = event.payload.member("data")?.member("_inngest")?;
        let slug = own.member_text("fn_id")?;
        programs.position(|it| it.slug() == slug)
    }

    async fn arrival(&self, event: &EventRecord, function: usize) -> Arrival {
        let program = self.app.programs[function].clone();
        let id = FunctionId::derive(AppId::derive("sim"), &program.slug());
        let skips = self.store.event_skips(event.id).await;
        let skips = skips.expect("the memory store can always be read");
        let skip = skips.into_iter().find(|skip| skip.function == id);
        let runs = self.runs_of(event.id, id);
        if runs.len() > 1 {
            let runs: Vec<RunId> = runs.iter().map(|past| past.id()).collect();
            self.violation(format!("{} has started {runs:?}", event.id));
        }
        let run = runs.first();
        // What is not held back is decided on when its run is scheduled.
        let is_held = program.flow.debounce.is_some() || program.flow.batch.is_some();
        let (from, until) = match run {
            Some(past) if !is_held => (past.queued_at(), past.queued_at()),
            _ => {
                let acknowledged = self.acknowledged(event);
                (event.received_at, acknowledged.unwrap_or(event.received_at))
            }
        };
        Arrival {
            event: event.clone(),
            function,
            program,
            from,
            until,
            run: run.map(|past| past.id()),
            skip,
        }
    }

    fn runs_of(&self, event: EventId, function: FunctionId) -> Vec<&Past> {
        let runs = self.runs.values();
        runs.filter(|past| past.record.function == function && past.events.contains(&event))
            .collect()
    }

    pub(super) fn run_of(&self, arrival: &Arrival) -> Option<&Past> {
        self.runs.get(&arrival.run?)
    }
}
