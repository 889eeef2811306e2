//! One history: load, crashes, healing, the verdict.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use everstep_core::ShardConfig;
use everstep_core::record::{RunRecord, RunStatus};
use everstep_core::retry::RetryPolicy;
use everstep_engine::{Engine, EngineConfig, Parts};
use everstep_protocol::event::{EventInput, EventSeed};
use everstep_protocol::sync::{AppSync, RegisterRequest};
use everstep_protocol::{EventId, Json, Timestamp};
use everstep_store::Store;
use everstep_store::memory::MemoryStore;

use crate::app::{FakeApp, Network, Offline, register_body};
use crate::audit::Audit;
use crate::chance::{Chance, SimClock};
use crate::faults::{Crash, Faults, FaultyStore, Healing};
use crate::program::Program;

/// How long everything may go wrong.
const UNREST: Duration = Duration::from_secs(20 * 60);

/// How long after the healing every run must have ended: many times what the longest sleeps and
/// back-offs add up to.
const REST_MAX: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What came of a seed.
#[derive(Debug)]
pub struct Verdict {
    pub seed: u64,
    pub runs: usize,
    pub crashes: usize,
    pub executions: u64,
    pub violations: Vec<String>,
}

struct World {
    app: Arc<FakeApp>,
    store: MemoryStore,
    clock: SimClock,
    chance: Chance,
    healing: Healing,
    config: EngineConfig,
    crashes: usize,
}

/// Live through the history of a seed.
pub fn run(seed: u64) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing that can be missing");
    runtime.block_on(live(seed))
}

async fn live(seed: u64) -> Verdict {
    let chance = Chance::new(seed);
    let programs = (0..1 + chance.below(4) as usize)
        .map(|number| Program::random(&chance, number))
        .collect();
    let healing = Healing::default();
    let in_flight_max = 1 + chance.below(8) as usize;
    let app = Arc::new(FakeApp {
        programs,
        audit: Audit::default(),
        chance: chance.split(),
        faults: Faults::random(&chance),
        healing: healing.clone(),
        server: Mutex::new(None),
        in_flight_max,
    });
    let retry = if chance.percent(50) {
        RetryPolicy::Backoff
    } else {
        RetryPolicy::Fixed(Duration::from_secs(chance.below(60)))
    };
    let config = EngineConfig {
        shard: ShardConfig {
            calls_in_flight_max: in_flight_max,
            retry,
        },
        ..EngineConfig::default()
    };
    let mut world = World {
        app,
        store: MemoryStore::default(),
        clock: SimClock::begin(),
        chance,
        healing,
        config,
        crashes: 0,
    };
    world.unrest().await;
    world.rest().await;
    Verdict {
        seed,
        runs: world.app.audit.acknowledged().len(),
        crashes: world.crashes,
        executions: world.app.audit.executions(),
        violations: world.app.audit.violations(),
    }
}

impl World {
    /// Load, and everything that the seed has in store.
    async fn unrest(&mut self) {
        let until = tokio::time::Instant::now() + UNREST;
        let clients: Vec<_> = (0..1 + self.chance.below(12))
            .map(|_| self.client())
            .collect();
        let clients: Vec<_> = clients.into_iter().map(tokio::spawn).collect();
        while tokio::time::Instant::now() < until {
            let lifetime = Duration::from_millis(
                1 + self.chance.below(if self.chance.percent(50) {
                    2_000
                } else {
                    600_000
                }),
            );
            let deadline = (tokio::time::Instant::now() + lifetime).min(until);
            self.incarnation(Some(deadline)).await;
            self.crashes += 1;
            tokio::time::sleep(Duration::from_millis(self.chance.below(3_000))).await;
        }
        self.healing.begin();
        let audit = self.app.audit.clone();
        // Clients go on until they are answered, which takes a server.
        self.incarnation_until(async move {
            for client in clients {
                if let Err(error) = client.await {
                    audit.violation(format!("a client broke off: {error}"));
                }
            }
        })
        .await;
    }

    /// Nothing goes wrong any more: everything ends.
    async fn rest(&self) {
        let (store, app) = (self.store.clone(), self.app.clone());
        self.incarnation_until(async move {
            let deadline = tokio::time::Instant::now() + REST_MAX;
            loop {
                let open = unfinished(&store, &app).await;
                if open.is_empty() {
                    break;
                }
                if tokio::time::Instant::now() > deadline {
                    app.audit
                        .violation(format!("runs that never end: {open:?}"));
                    break;
                }
                tokio::time::sleep(Duration::from_secs(600)).await;
            }
        })
        .await;
        judge(&self.store, &self.app).await;
    }

    /// A server from its start to its end: a crash of its own, or at the deadline.
    async fn incarnation(&self, deadline: Option<tokio::time::Instant>) {
        let crash = Crash::default();
        let store = Arc::new(FaultyStore {
            store: self.store.clone(),
            faults: self.app.faults,
            healing: self.healing.clone(),
            crash: crash.clone(),
            chance: self.chance.split(),
        });
        let network = Network {
            app: self.app.clone(),
            in_flight: AtomicUsize::new(0),
        };
        let parts = Parts {
            store,
            caller: Arc::new(network),
            gateway: Arc::new(Offline),
            clock: Arc::new(self.clock),
            random: Arc::new(self.chance.split()),
        };
        let Ok(engine) = Engine::start(parts, self.config.clone()).await else {
            // A store that can't be read: whoever supervises the server starts it again.
            return;
        };
        self.sync(&engine, &crash).await;
        self.serve(Some(engine));
        tokio::select! {
            biased;
            () = crash.wait() => {}
            () = async { match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            } } => crash.now(),
        }
        self.serve(None);
    }

    /// A server that lives until something is done.
    async fn incarnation_until(&self, done: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = done => {}
            () = self.incarnation(None) => {}
        }
        self.serve(None);
    }

    fn serve(&self, engine: Option<Engine>) {
        *self
            .app
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = engine;
    }

    async fn sync(&self, engine: &Engine, crash: &Crash) {
        let app: AppSync = RegisterRequest::parse(register_body(&self.app.programs).as_bytes())
            .and_then(RegisterRequest::into_app_sync)
            .expect("the fake app is valid");
        tokio::select! {
            biased;
            () = crash.wait() => {}
            result = engine.app_sync(app) => {
                if let Err(error) = result {
                    self.app.audit.violation(format!("the sync was refused: {error}"));
                }
            }
        }
    }

    /// Sends an event, again and again with the same seed until it is acknowledged.
    fn client(&self) -> impl Future<Output = ()> + Send + 'static {
        let (app, chance) = (self.app.clone(), self.chance.split());
        let clock = self.clock;
        async move {
            use everstep_engine::rt::Clock;
            tokio::time::sleep(Duration::from_millis(chance.below(600_000))).await;
            let program = chance.below(app.programs.len() as u64) as usize;
            let name = app.programs[program].event();
            let seed = seed(clock.now(), &chance);
            loop {
                if let Some(server) = app.serving() {
                    let event = EventInput::new(&name, Json::from_canonical("{}"));
                    let sent = server.events_send(vec![event], Some(seed));
                    let answer = tokio::time::timeout(Duration::from_secs(20), sent).await;
                    let lost_on_its_way = chance.percent(20);
                    if let (Ok(Ok(ids)), false) = (answer, lost_on_its_way) {
                        app.audit.event_acknowledged(ids[0], program);
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(100 + chance.below(2_000))).await;
            }
        }
    }
}

/// As an SDK makes one for each send: the time and ten random bytes (sdk-protocol §8.4).
fn seed(now: Timestamp, chance: &Chance) -> EventSeed {
    let digits: String = (0..13)
        .map(|_| char::from(b'A' + chance.below(26) as u8))
        .collect();
    EventSeed::parse(&format!("{},{digits}A==", now.as_millis()))
        .expect("13 letters, A and padding are ten bytes of base64")
}

async fn runs_of(store: &MemoryStore, event: EventId) -> Vec<RunRecord> {
    store
        .event_runs(event)
        .await
        .expect("the memory store can always be read")
}

async fn unfinished(store: &MemoryStore, app: &FakeApp) -> Vec<EventId> {
    let mut open = Vec::new();
    for (event, _) in app.audit.acknowledged() {
        let runs = runs_of(store, event).await;
        if runs.is_empty() || runs.iter().any(|run| !run.status.is_final()) {
            open.push(event);
        }
    }
    open
}

/// Every acknowledged event has one run, which ended as its program says.
async fn judge(store: &MemoryStore, app: &FakeApp) {
    for (event, program) in app.audit.acknowledged() {
        let program = &app.programs[program];
        let runs = runs_of(store, event).await;
        let [run] = runs.as_slice() else {
            app.audit
                .violation(format!("{event} has {} runs", runs.len()));
            continue;
        };
        let expected = if program.fatal {
            RunStatus::Failed
        } else {
            RunStatus::Completed
        };
        if run.status != expected {
            app.audit.violation(format!(
                "{} of {} is {:?}: {:?}",
                run.id, program.name, run.status, run.output
            ));
        }
        let jobs = store
            .run_jobs(run.id)
            .await
            .expect("the memory store can always be read");
        if !jobs.is_empty() {
            app.audit
                .violation(format!("{} has ended, and has jobs: {jobs:?}", run.id));
        }
    }
}
