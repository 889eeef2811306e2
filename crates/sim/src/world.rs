//! One history: load, crashes, healing, the verdict.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use everstep_core::ShardConfig;
use everstep_core::limits::SEARCH_STEPS_PER_TURN;
use everstep_core::retry::RetryPolicy;
use everstep_engine::rt::Clock;
use everstep_engine::{Engine, EngineConfig, NoSearcher, Parts};
use everstep_protocol::Timestamp;
use everstep_store::memory::MemoryStore;

use crate::app::{FakeApp, Network};
use crate::audit::{Audit, Tally};
use crate::chance::{Chance, SimClock};
use crate::clients::Clients;
use crate::controls::Controls;
use crate::faults::{Crash, Faults, FaultyStore, Healing};
use crate::flow::Flow;
use crate::judge::{Moments, judge, unfinished};
use crate::ledger::Ledger;
use crate::operator::Operator;
use crate::program::Program;
use crate::quota::{InUse, Quota};
use crate::register::app_sync;
use crate::serving::Serving;
use crate::watch::Watch;

/// How long everything may go wrong.
const UNREST: Duration = Duration::from_secs(20 * 60);

/// How long after the healing every run must have ended: many times what the longest sleeps and
/// back-offs add up to.
const REST_MAX: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Clients that send events.
const CLIENTS_MAX: u64 = 20;

/// After which part of the time so far is looked again whether everything has ended, and after which
/// time at least. It takes a pass over everything that is stored.
const LOOK_AGAIN_PART: u32 = 4;
const LOOK_AGAIN_MIN: Duration = Duration::from_secs(600);

/// What came of a seed.
#[derive(Debug)]
pub struct Verdict {
    pub seed: u64,
    pub tally: Tally,
    pub violations: Vec<String>,
}

struct World {
    app: Arc<FakeApp>,
    store: MemoryStore,
    clock: SimClock,
    chance: Chance,
    healing: Healing,
    config: EngineConfig,
    /// When the app was first told that it is registered.
    synced_at: Option<Timestamp>,
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
    let mut world = World::new(seed);
    world.unrest().await;
    world.rest().await;
    Verdict {
        seed,
        tally: world.app.audit.tally(),
        violations: world.app.audit.violations(),
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let chance = Chance::new(seed);
        let mut programs = Program::random_app(&chance);
        // Drawn apart, so that a seed means what it meant before there were limits.
        Quota::assign(&mut programs, &Chance::new(!seed));
        Flow::assign(&mut programs, &Chance::new(seed.reverse_bits()));
        Quota::split(&mut programs, &Chance::new(!seed.reverse_bits()));
        let healing = Healing::default();
        let in_flight_max = 1 + chance.below(8) as usize;
        let calls_per_app_max = if chance.percent(30) {
            1 + chance.below(in_flight_max as u64) as u32
        } else {
            u32::MAX
        };
        let (store, clock) = (MemoryStore::default(), SimClock::begin());
        let clients = Clients {
            serving: Serving::default(),
            ledger: Ledger::default(),
            controls: Controls::default(),
            clock,
            store: store.clone(),
            chance: chance.split(),
        };
        let app = Arc::new(FakeApp {
            programs,
            audit: Audit::default(),
            clients,
            chance: chance.split(),
            faults: Faults::random(&chance),
            healing: healing.clone(),
            in_flight_max,
            calls_max: calls_per_app_max,
            outage: Mutex::default(),
        });
        let retry = if chance.percent(50) {
            RetryPolicy::Backoff
        } else {
            RetryPolicy::Fixed(Duration::from_secs(chance.below(60)))
        };
        // So few that an event is compared with one wait at a time, or with all at once.
        let search_steps_per_turn = if chance.percent(50) {
            1
        } else {
            SEARCH_STEPS_PER_TURN
        };
        let config = EngineConfig {
            shard: ShardConfig {
                calls_per_app_max,
                upkeep_jobs_max: in_flight_max,
                calls_in_flight_max: in_flight_max,
                retry,
                search_steps_per_turn,
            },
            ..EngineConfig::default()
        };
        Self {
            app,
            store,
            clock,
            chance,
            healing,
            config,
            synced_at: None,
        }
    }

    /// Load, and everything that the seed has in store.
    async fn unrest(&mut self) {
        let until = tokio::time::Instant::now() + UNREST;
        for _ in 0..1 + self.chance.below(CLIENTS_MAX) {
            self.app.clients.trigger(&self.app.programs);
        }
        if self.chance.percent(50) {
            self.employ();
        }
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
            self.app.audit.count("crashes");
            let downtime_max = if self.chance.percent(self.app.faults.long_downtime) {
                300_000
            } else {
                3_000
            };
            tokio::time::sleep(Duration::from_millis(self.chance.below(downtime_max))).await;
        }
    }

    /// Someone steers in this history.
    fn employ(&self) {
        let (programs, audit) = (self.app.programs.clone(), self.app.audit.clone());
        let healing = self.healing.clone();
        self.app.clients.spawn(|clients| {
            let operator = Operator {
                clients,
                programs,
                audit,
                healing,
            };
            operator.steer()
        });
    }

    /// Nothing goes wrong any more: everything ends.
    async fn rest(&mut self) {
        self.healing.begin();
        let healed_at = self.clock.now();
        let mut programs = self.app.programs.iter();
        if let Some(program) = programs.find(|it| it.has_turns()) {
            self.app.clients.crowd(program);
        }
        let (store, app) = (self.store.clone(), self.app.clone());
        let everything_ends = async move {
            let begun = tokio::time::Instant::now();
            loop {
                tokio::time::sleep(LOOK_AGAIN_MIN + begun.elapsed() / LOOK_AGAIN_PART).await;
                let open = unfinished(&store, &app, healed_at).await;
                if app.clients.ledger.is_idle() && open.is_empty() {
                    break;
                }
                if begun.elapsed() > REST_MAX {
                    app.audit
                        .violation(format!("runs that never end: {open:?}"));
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = everything_ends => {}
            () = self.incarnation(None) => {}
        }
        let moments = Moments {
            synced_at: self.synced_at,
            healed_at,
            ended_at: self.clock.now(),
        };
        judge(&self.store, &self.app, moments).await;
    }

    /// A server from its start to its end: a crash of its own, or at the deadline.
    async fn incarnation(&mut self, deadline: Option<tokio::time::Instant>) {
        let crash = Crash::default();
        let watch = Watch::begin(self.app.audit.clone(), self.clock);
        let store = Arc::new(FaultyStore {
            store: self.store.clone(),
            faults: self.app.faults,
            healing: self.healing.clone(),
            crash: crash.clone(),
            chance: self.chance.split(),
            watch: watch.clone(),
        });
        let network = Arc::new(Network {
            app: self.app.clone(),
            crash: crash.clone(),
            watch,
            in_flight: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            in_use: InUse::default(),
        });
        let parts = Parts {
            store,
            caller: network.clone(),
            gateway: network,
            searcher: Arc::new(NoSearcher),
            clock: Arc::new(self.clock),
            random: Arc::new(self.chance.split()),
        };
        let Ok(engine) = Engine::start(parts, self.config.clone()).await else {
            // A store that can't be read: whoever supervises the server starts it again.
            return;
        };
        self.sync(&engine, &crash).await;
        let serving = self.app.clients.serving.clone();
        serving.set(Some(engine.clone()));
        tokio::select! {
            biased;
            () = crash.wait() => {}
            () = engine.stopped() => {
                self.app.audit.violation("the server gave up by itself".to_owned());
                // Others go on, so that the history ends.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            () = async { match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            } } => crash.now(),
        }
        serving.set(None);
    }

    async fn sync(&mut self, engine: &Engine, crash: &Crash) {
        let app = app_sync(&self.app.programs);
        tokio::select! {
            biased;
            () = crash.wait() => {}
            result = engine.app_sync(app) => match result {
                Ok(_) => {
                    self.synced_at.get_or_insert(self.clock.now());
                }
                Err(error) => {
                    self.app.audit.violation(format!("the sync was refused: {error}"));
                }
            }
        }
    }
}
