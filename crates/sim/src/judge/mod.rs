//! The verdict on a history: what is stored at its end, held against what clients were told.
//!
//! | module | owns |
//! |---|---|
//! | `starts` | which runs there must be |
//! | `ends` | how runs end: completion, failure, cancellation, timeouts |
//! | `steps` | values of steps that have no say in when they end |
//! | `waits` | events and signals that are waited for |
//! | `invocations` | runs that were invoked, and their answers |
//! | `ticks` | schedules |
//! | `places` | limits on runs |
//!
//! Clients and server read one clock. A request is decided on between the moment in which it was
//! begun and the one in which it was answered; where these leave open which of two things was first,
//! nothing is predicted.

mod ends;
mod invocations;
mod places;
mod starts;
mod steps;
mod ticks;
mod waits;

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{EventRecord, RunRecord, StepRecord};
use everstep_protocol::{AppId, EventId, FunctionId, RunId, Timestamp};
use everstep_store::memory::MemoryStore;
use everstep_store::{EventFilter, Store};

use crate::app::FakeApp;
use crate::program::Program;

/// How soon after it could happen, and after the healing, everything has happened.
const GRACE: Duration = Duration::from_secs(600);

/// Moments of a history.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// When the app was first told that it is registered.
    pub synced_at: Option<Timestamp>,
    pub healed_at: Timestamp,
    pub ended_at: Timestamp,
}

/// All that is stored.
struct History<'a> {
    app: &'a FakeApp,
    store: &'a MemoryStore,
    moments: Moments,
    events: BTreeMap<EventId, EventRecord>,
    runs: BTreeMap<RunId, Past>,
    /// When each event of a client was acknowledged.
    acknowledged: BTreeMap<EventId, Timestamp>,
}

/// A run, looked back on.
struct Past {
    record: RunRecord,
    trigger: EventRecord,
    program: Program,
    steps: Vec<StepRecord>,
}

/// The runs that are not over, of those that have to end: schedules go on for ever.
pub async fn unfinished(store: &MemoryStore, app: &FakeApp, healed_at: Timestamp) -> Vec<RunId> {
    let mut open = Vec::new();
    for event in all_events(store).await {
        for run in runs_of(store, event.id).await {
            let must_end = program_of(app, &run).is_none_or(|program| !program.is_scheduled())
                || run.id.timestamp() < healed_at;
            if must_end && !run.status.is_final() {
                open.push(run.id);
            }
        }
    }
    open
}

/// Judge a history that is over.
pub async fn judge(store: &MemoryStore, app: &FakeApp, moments: Moments) {
    let mut history = History {
        app,
        store,
        moments,
        events: BTreeMap::new(),
        runs: BTreeMap::new(),
        acknowledged: app.clients.ledger.events(),
    };
    for event in all_events(store).await {
        for record in runs_of(store, event.id).await {
            let Some(program) = program_of(app, &record).cloned() else {
                history.violation(format!("{} is a run of no program", record.id));
                continue;
            };
            let steps = store.run_steps(record.id).await;
            let past = Past {
                trigger: event.clone(),
                program,
                steps: steps.expect("the memory store can always be read"),
                record,
            };
            history.count("runs");
            history.runs.insert(past.record.id, past);
        }
        history.events.insert(event.id, event);
    }
    history.check_starts().await;
    history.check_ticks();
    history.check_places();
    for past in history.runs.values() {
        history.check_end(past).await;
        history.check_steps(past);
        history.check_waits(past);
        history.check_invocations(past);
    }
    history.check_completion_events();
    if app.clients.ledger.is_broken() {
        history.violation("a client broke off".to_owned());
    }
}

async fn all_events(store: &MemoryStore) -> Vec<EventRecord> {
    let all = EventFilter {
        name: None,
        received_after: None,
        received_before: None,
        before: None,
        internal: true,
        limit: usize::MAX,
    };
    let events = store.event_list(&all).await;
    events.expect("the memory store can always be read")
}

async fn runs_of(store: &MemoryStore, event: EventId) -> Vec<RunRecord> {
    let runs = store.event_runs(event).await;
    runs.expect("the memory store can always be read")
}

fn program_of<'a>(app: &'a FakeApp, run: &RunRecord) -> Option<&'a Program> {
    let id = AppId::derive("sim");
    app.programs
        .iter()
        .find(|program| FunctionId::derive(id, &program.slug()) == run.function)
}

impl History<'_> {
    fn violation(&self, text: String) {
        self.app.audit.violation(text);
    }

    fn count(&self, what: &'static str) {
        self.app.audit.count(what);
    }

    /// By when everything that could happen at `at` has happened.
    fn settled(&self, at: Timestamp) -> Timestamp {
        at.max(self.moments.healed_at) + GRACE
    }

    /// When the client was told that the event is stored.
    fn acknowledged(&self, event: &EventRecord) -> Option<Timestamp> {
        self.acknowledged.get(&event.id).copied()
    }

    /// The events of a name, with the moment of their acknowledgement; others may not have been
    /// decided on at all.
    fn sent(&self, name: &str) -> impl Iterator<Item = (&EventRecord, Timestamp)> {
        self.events
            .values()
            .filter(move |event| *event.name == *name)
            .filter_map(|event| Some((event, self.acknowledged(event)?)))
    }
}

impl Past {
    fn id(&self) -> RunId {
        self.record.id
    }

    /// When the run was scheduled.
    fn queued_at(&self) -> Timestamp {
        self.record.id.timestamp()
    }

    fn key(&self) -> Option<String> {
        data(&self.trigger, "key")
    }

    fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }

    /// Whether the run went on after `at`, or goes on still.
    fn outlived(&self, at: Timestamp) -> bool {
        self.record.ended_at.is_none_or(|ended_at| ended_at > at)
    }
}

/// A text in the data of an event.
fn data(event: &EventRecord, name: &str) -> Option<String> {
    event.payload.member("data")?.member_text(name)
}
