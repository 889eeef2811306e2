//! The verdict on a history: what is stored at its end, held against what clients were told.
//!
//! | module | owns |
//! |---|---|
//! | `starts` | which runs there must be |
//! | `arrivals` | what came of the events that are to start runs |
//! | `ends` | how runs end: completion, failure, cancellation, timeouts |
//! | `steps` | values of steps that have no say in when they end |
//! | `waits` | events and signals that are waited for |
//! | `invocations` | runs that were invoked, and their answers |
//! | `ticks` | schedules |
//! | `places` | limits on runs |
//! | `rates` | throttles and rate limits |
//! | `singletons` | runs that are the only one |
//! | `debounces`, `batches` | events that are held back |
//! | `pauses` | functions that were paused, and the audit log |
//! | `priorities` | runs that go before others |
//! | `turns` | whose turn it was |
//!
//! Clients and server read one clock. A request is decided on between the moment in which it was
//! begun and the one in which it was answered; where these leave open which of two things was first,
//! nothing is predicted.

mod arrivals;
mod batches;
mod debounces;
mod ends;
mod invocations;
mod pauses;
mod places;
mod priorities;
mod rates;
mod singletons;
mod starts;
mod steps;
mod ticks;
mod turns;
mod waits;

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_core::record::{Epoch, EventRecord, RunRecord, ShardId, ShardState, StepRecord};
use everstep_protocol::{AppId, EventId, FunctionId, RunId, Timestamp};
use everstep_store::memory::MemoryStore;
use everstep_store::{EventFilter, ShardLease, Store};

use self::arrivals::Arrival;
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
    arrivals: Vec<Arrival>,
}

/// A run, looked back on.
struct Past {
    record: RunRecord,
    /// The first of its events.
    trigger: EventRecord,
    events: Vec<EventId>,
    /// Of its program.
    number: usize,
    program: Program,
    steps: Vec<StepRecord>,
}

/// What is not over, of that which has to end: schedules go on for ever.
pub async fn unfinished(store: &MemoryStore, app: &FakeApp, healed_at: Timestamp) -> Vec<String> {
    let mut open = Vec::new();
    for event in all_events(store).await {
        for run in runs_of(store, event.id).await {
            let program = number_of(app, &run).map(|number| &app.programs[number]);
            let must_end = program.is_none_or(|program| !program.is_scheduled())
                || run.id.timestamp() < healed_at;
            if must_end && !run.status.is_final() {
                open.push(run.id.to_string());
            }
        }
    }
    let state = state(store).await;
    open.extend(state.debounces.iter().map(|it| format!("{:?}", it.id)));
    open.extend(state.batches.iter().map(|it| it.id.to_string()));
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
        arrivals: Vec::new(),
    };
    history.read().await;
    history.note_arrivals().await;
    history.check_starts();
    history.check_ticks();
    history.check_places();
    history.check_holds().await;
    history.check_pauses();
    history.check_audit_log().await;
    history.check_rates();
    history.check_singletons();
    history.check_debounces();
    history.check_batches();
    history.check_priorities();
    history.check_turns();
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
        internal: true,
        reads_max: usize::MAX,
        ..EventFilter::newest(usize::MAX)
    };
    let page = store.event_list(&all).await;
    page.expect("the memory store can always be read").events
}

async fn runs_of(store: &MemoryStore, event: EventId) -> Vec<RunRecord> {
    let runs = store.event_runs(event).await;
    runs.expect("the memory store can always be read")
}

/// What a server that begins now would start from.
pub async fn state(store: &MemoryStore) -> ShardState {
    let lease = ShardLease {
        shard: ShardId::EMBEDDED,
        epoch: Epoch(0),
    };
    let state = store.shard_load(&lease).await;
    state.expect("the memory store can always be read")
}

/// The number of the run's program.
fn number_of(app: &FakeApp, run: &RunRecord) -> Option<usize> {
    let id = AppId::derive("sim");
    app.programs
        .iter()
        .position(|program| FunctionId::derive(id, &program.slug()) == run.function)
}

impl History<'_> {
    /// Read all that is stored.
    async fn read(&mut self) {
        for event in all_events(self.store).await {
            for record in runs_of(self.store, event.id).await {
                if !self.runs.contains_key(&record.id) {
                    self.read_run(record).await;
                }
            }
            self.events.insert(event.id, event);
        }
    }

    async fn read_run(&mut self, record: RunRecord) {
        let Some(number) = number_of(self.app, &record) else {
            return self.violation(format!("{} is a run of no program", record.id));
        };
        let steps = self.store.run_steps(record.id).await;
        let events = self.store.run_events(record.id).await;
        let events = events.expect("the memory store can always be read");
        let past = Past {
            trigger: events[0].clone(),
            events: events.iter().map(|event| event.id).collect(),
            number,
            program: self.app.programs[number].clone(),
            steps: steps.expect("the memory store can always be read"),
            record,
        };
        self.count("runs");
        self.runs.insert(past.record.id, past);
    }

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
