//! Clients of the server: they send events and signals and cancel runs, at random times, again and
//! again until they are answered.

use std::time::Duration;

use everstep_engine::rt::Clock;
use everstep_protocol::event::{EventInput, EventSeed};
use everstep_protocol::{EventId, Json, RunId, Timestamp};
use everstep_store::Store;
use everstep_store::memory::MemoryStore;

use crate::chance::{Chance, SimClock};
use crate::controls::Controls;
use crate::flow::rank;
use crate::ledger::{CancelAttempt, Ledger, SignalAttempt};
use crate::program::{LEVELS, NEWS, Program, STOP, Work};
use crate::serving::Serving;

/// Who is not answered by then asks again.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// There are as many user ids and topics, so that some events have the same.
const USER_IDS: u64 = 4;
pub const TOPICS: usize = 4;

/// Events that a client sends one after the other to a function with flow control, at most.
const CROWD_MAX: u64 = 8;

/// Events of one topic that a noisy client sends at once, at most, and of quiet ones meanwhile.
const NOISE_MAX: u64 = 20;
const QUIET_MAX: u64 = 10;

/// When they begin: the server is there by then.
const CROWD_AFTER: Duration = Duration::from_secs(5);

/// What clients share. Each of them draws from a sequence of its own.
#[derive(Clone)]
pub struct Clients {
    pub serving: Serving,
    pub ledger: Ledger,
    pub controls: Controls,
    pub clock: SimClock,
    pub store: MemoryStore,
    pub chance: Chance,
}

impl Clients {
    fn split(&self) -> Self {
        Self {
            chance: self.chance.split(),
            ..self.clone()
        }
    }

    pub fn spawn<F>(&self, client: impl FnOnce(Self) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let busy = self.ledger.busy();
        let client = client(self.split());
        tokio::spawn(async move {
            client.await;
            drop(busy);
        });
    }

    pub async fn pause(&self, ms_max: u64) {
        tokio::time::sleep(Duration::from_millis(self.chance.below(ms_max))).await;
    }

    /// Send the event of one of the programs, and perhaps cancel its run.
    pub fn trigger(&self, programs: &[Program]) {
        let with_event: Vec<Program> = programs
            .iter()
            .filter(|program| !program.is_scheduled())
            .cloned()
            .collect();
        self.spawn(|client| async move {
            client.pause(600_000).await;
            let at = client.chance.below(with_event.len() as u64) as usize;
            let program = &with_event[at];
            let key = format!("k{}", client.chance.bits());
            let user_id = client
                .chance
                .percent(40)
                .then(|| format!("u{}", client.chance.below(USER_IDS)));
            let times = match &user_id {
                _ if program.flow.is_any() => 1 + client.chance.below(CROWD_MAX),
                Some(_) if client.chance.percent(40) => 2,
                _ => 1,
            };
            let pause_ms = [1, 1_000, 30_000][client.chance.below(3) as usize];
            for _ in 0..times {
                let event = client.event_of(program, &key, user_id.as_deref());
                let id = client.send(event).await;
                if client.chance.percent(20) {
                    client.cancel_run_of(id);
                }
                client.pause(pause_ms).await;
            }
            client.perhaps_stop(program, &key);
        });
    }

    /// One client sends many events of one topic at once, others a few of other ones.
    pub fn crowd(&self, program: &Program) {
        let noise = 1 + self.chance.below(NOISE_MAX);
        for number in 0..noise + self.chance.below(QUIET_MAX) {
            let (program, is_noise) = (program.clone(), number < noise);
            self.spawn(move |client| async move {
                tokio::time::sleep(CROWD_AFTER).await;
                if !is_noise {
                    client.pause(500).await;
                }
                let topic = if is_noise {
                    0
                } else {
                    1 + client.chance.below(TOPICS as u64 - 1)
                };
                let key = format!("k{}", client.chance.bits());
                client
                    .send(client.event_on(&program, topic, &key, None))
                    .await;
            });
        }
    }

    /// An event that triggers the program.
    fn event_of(&self, program: &Program, key: &str, user_id: Option<&str>) -> EventInput {
        self.event_on(program, self.chance.below(TOPICS as u64), key, user_id)
    }

    fn event_on(
        &self,
        program: &Program,
        topic: u64,
        key: &str,
        user_id: Option<&str>,
    ) -> EventInput {
        let topic = format!("t{topic}");
        let rank = rank(self.chance.bits());
        let data = Json::object([
            ("key", Json::string(key)),
            ("topic", Json::string(&topic)),
            ("rank", Json::integer(rank)),
        ]);
        // Some events are old when they are sent.
        let is_old = program.flow.debounce.is_some() && self.chance.percent(20);
        let age = Duration::from_millis(self.chance.below(60_000));
        EventInput {
            // A crowd of the same id would start one run only.
            user_id: user_id
                .filter(|_| !program.flow.is_any() || self.chance.percent(20))
                .map(str::to_owned),
            ts: is_old.then(|| self.clock.now() - age),
            ..EventInput::new(&program.event(), data)
        }
    }

    /// Perhaps send the event that cancels the runs of this key.
    pub fn perhaps_stop(&self, program: &Program, key: &str) {
        if !program.stoppable || !self.chance.percent(40) {
            return;
        }
        let key = key.to_owned();
        self.spawn(|client| async move {
            client
                .pause([5, 500, 60_000, 3_000_000][client.chance.below(4) as usize])
                .await;
            let data = Json::object([("key", Json::string(&key))]);
            client.send(EventInput::new(STOP, data)).await;
        });
    }

    /// Cancel the run that this event started.
    fn cancel_run_of(&self, event: EventId) {
        self.spawn(|client| async move {
            client
                .pause([5, 500, 60_000, 3_000_000][client.chance.below(4) as usize])
                .await;
            let runs = client.store.event_runs(event).await;
            let runs = runs.expect("the memory store can always be read");
            if let Some(run) = runs.first() {
                client.cancel(run.id).await;
            }
        });
    }

    /// The app has asked to wait: someone may send what it waits for.
    pub fn wait_reported(&self, run: RunId, step: &str, key: Option<&str>, work: &Work) {
        let name = signal_name(run, step);
        if !self.ledger.hear(&name) {
            return;
        }
        let chance = &self.chance;
        match work {
            Work::WaitForEvent { seconds, .. } if chance.percent(80) => {
                let (seconds, key) = (*seconds, key.map(str::to_owned));
                self.spawn(|client| async move {
                    client.pause(seconds * 1500).await;
                    for _ in 0..1 + client.chance.below(2) {
                        client.send_news(key.as_deref()).await;
                    }
                });
            }
            Work::WaitForSignal { seconds } if chance.percent(80) => {
                let seconds = *seconds;
                self.spawn(|client| async move {
                    client.pause(seconds * 1500).await;
                    for _ in 0..1 + client.chance.below(2) {
                        client.signal(&name).await;
                    }
                });
            }
            Work::WaitForEvent { .. }
            | Work::WaitForSignal { .. }
            | Work::Run { .. }
            | Work::Sleep { .. }
            | Work::Invoke { .. }
            | Work::Fetch { .. } => {}
        }
    }

    async fn send_news(&self, key: Option<&str>) {
        let level = self.chance.below(LEVELS);
        let data = Json::object([
            ("key", Json::string(key.unwrap_or("nobody"))),
            ("level", Json::integer(level.cast_signed())),
        ]);
        self.send(EventInput::new(NEWS, data)).await;
    }

    /// Send an event with the same seed until it is acknowledged.
    async fn send(&self, event: EventInput) -> EventId {
        let seed = seed(self.clock.now(), &self.chance);
        loop {
            if let Some(server) = self.serving.server() {
                let sent = server.events_send(vec![event.clone()], Some(seed));
                if let Ok(Ok(ids)) = tokio::time::timeout(PATIENCE, sent).await {
                    self.ledger.event_acknowledged(ids[0], self.clock.now());
                    let is_lost_on_its_way = self.chance.percent(20);
                    if !is_lost_on_its_way {
                        return ids[0];
                    }
                }
            }
            self.pause_before_repetition().await;
        }
    }

    /// Send a signal until there is an answer.
    async fn signal(&self, name: &str) {
        loop {
            if let Some(server) = self.serving.server() {
                let begun_at = self.clock.now();
                let sent = server.signal_send(name, Json::string("signalled"));
                let answer = tokio::time::timeout(PATIENCE, sent).await;
                let found = match answer {
                    Ok(Ok(run)) => Some(run.is_some()),
                    Ok(Err(_)) | Err(_) => None,
                };
                let ended_at = self.clock.now();
                self.ledger.signal_attempted(
                    name,
                    SignalAttempt {
                        begun_at,
                        ended_at,
                        found,
                    },
                );
                if found.is_some() {
                    return;
                }
            }
            self.pause_before_repetition().await;
        }
    }

    /// Cancel a run, until there is an answer.
    async fn cancel(&self, run: RunId) {
        loop {
            if let Some(server) = self.serving.server() {
                let asked = server.run_cancel(run);
                let answer = tokio::time::timeout(PATIENCE, asked).await;
                let found = match answer {
                    Ok(Ok(found)) => Some(found),
                    Ok(Err(_)) | Err(_) => None,
                };
                let ended_at = self.clock.now();
                let attempt = CancelAttempt { ended_at, found };
                self.ledger.cancel_attempted(run, attempt);
                if found.is_some() {
                    return;
                }
            }
            self.pause_before_repetition().await;
        }
    }

    pub async fn pause_before_repetition(&self) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.pause(2_000).await;
    }
}

/// The signal that a step waits for.
pub fn signal_name(run: RunId, step: &str) -> String {
    format!("{run}/{step}")
}

/// As an SDK makes one for each send: the time and ten random bytes (sdk-protocol §8.4).
fn seed(now: Timestamp, chance: &Chance) -> EventSeed {
    let digits: String = (0..13)
        .map(|_| char::from(b'A' + chance.below(26) as u8))
        .collect();
    EventSeed::parse(&format!("{},{digits}A==", now.as_millis()))
        .expect("13 letters, A and padding are ten bytes of base64")
}
