//! Whatever happens, no limit is exceeded, nothing that waits for one is forgotten, and what is first
//! in line starts first. A model of its own counts calls, places and rates.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use everstep_core::effect::{Effect, ReplyTo};
use everstep_core::input::CallEnded;
use everstep_core::record::{RunStatus, SkipReason};
use everstep_core::{Change, Input};
use everstep_protocol::call::CallRequest;
use everstep_protocol::op::Op;
use everstep_protocol::reply::{Outcome, Reply, TurnedAway};
use everstep_protocol::{Json, RunId, Timestamp, UserError};
use proptest::prelude::*;

use crate::world::World;

/// The functions that take part: their events, and the limits that the model counts.
const FUNCTIONS: [(&str, &str, &[Rule]); 8] = [
    ("narrow", "f/narrow", &[Rule::Calls("narrow", false, 1)]),
    (
        "tenants",
        "f/tenants",
        &[
            Rule::Calls("a tenant", true, 1),
            Rule::Calls("tenants", false, 2),
        ],
    ),
    ("shared-a", "f/a", &[Rule::Calls("shared", true, 1)]),
    ("shared-b", "f/b", &[Rule::Calls("shared", true, 1)]),
    ("one-run", "f/one-run", &[Rule::Run]),
    (
        "mixed",
        "f/mixed",
        &[Rule::Calls("mixed", true, 1), Rule::Throttle],
    ),
    (
        "urgent",
        "f/urgent",
        &[Rule::Calls("urgent", false, 1), Rule::InLine],
    ),
    ("rated", "f/rated", &[Rule::Rate]),
];

#[derive(Clone, Copy, Debug)]
enum Rule {
    /// A count of that name, one for each value of the key or one for all, and how many calls.
    Calls(&'static str, bool, usize),
    /// One run that has started and not ended.
    Run,
    /// One start in five seconds.
    Throttle,
    /// Starts are in the order of age and priority.
    InLine,
    /// Ten runs a minute for each key: two at once, then one each six seconds (RL-1).
    Rate,
}

/// Between two starts of what is throttled.
const INTERVAL_MS: i64 = 5_000;

/// Runs a minute of what is limited in its rate.
const RATE: i128 = 10;

/// Of what is limited in its rate: between two admissions at the full rate, and how far the
/// theoretical arrival time may lie ahead (server-semantics §4.2), in nanoseconds.
const EMISSION: i128 = 60_000_000_000 / RATE;
const TOLERANCE: i128 = EMISSION * (RATE / 10 + 1);

/// What happens next. Numbers choose among functions, calls or runs.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Event {
        function: usize,
        key: u8,
    },
    Complete(usize),
    Fail(usize),
    Sleep(usize),
    Step(usize),
    /// The app can't be reached.
    SendAway(usize),
    Cancel(usize),
    Wait(u16),
    PauseStarts(usize),
    Hold(usize),
    Resume(usize),
    Restart,
    Crash,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let which = any::<usize>;
    let turn = prop_oneof![
        8 => (which(), 0..3_u8).prop_map(|(function, key)| Turn::Event { function, key }),
        4 => which().prop_map(Turn::Complete),
        1 => which().prop_map(Turn::Fail),
        1 => which().prop_map(Turn::Sleep),
        1 => which().prop_map(Turn::Step),
        1 => which().prop_map(Turn::SendAway),
        1 => which().prop_map(Turn::Cancel),
        2 => (0..8_000_u16).prop_map(Turn::Wait),
        1 => which().prop_map(Turn::PauseStarts),
        1 => which().prop_map(Turn::Hold),
        1 => which().prop_map(Turn::Resume),
        1 => Just(Turn::Restart),
        1 => Just(Turn::Crash),
    ];
    prop::collection::vec(turn, 0..80)
}

/// A run, as the model knows it.
struct Known {
    function: usize,
    key: u8,
    has_started: bool,
    is_over: bool,
}

struct Play {
    world: World,
    is_crashing: bool,
    /// Those of this process that were not answered.
    calls: Vec<CallRequest>,
    runs: BTreeMap<RunId, Known>,
    /// What the event that comes in is of.
    coming: (usize, u8),
    /// The throttle's theoretical arrival time.
    tat: i64,
    /// The rate limit's theoretical arrival times, by key.
    rates: BTreeMap<u8, i128>,
    /// Whether the event that comes in is to start a run, if that is known.
    expected: Option<bool>,
    /// Functions whose runs make no calls.
    held: BTreeSet<usize>,
}

impl Play {
    fn new() -> Self {
        let mut world = World::patient();
        for (name, _, _) in FUNCTIONS {
            world.add(name);
        }
        Self {
            world,
            is_crashing: false,
            calls: Vec::new(),
            runs: BTreeMap::new(),
            coming: (0, 0),
            tat: 0,
            rates: BTreeMap::new(),
            expected: None,
            held: BTreeSet::new(),
        }
    }

    fn feed(&mut self, input: Input) {
        let crashes = std::mem::take(&mut self.is_crashing);
        if crashes {
            self.world.crash_next();
        }
        let (changes, effects) = self.world.decide(input);
        let skips = changes.iter().filter_map(|change| match change {
            Change::PutSkip(skip) => Some(skip.reason),
            _ => None,
        });
        let is_limited = skips.into_iter().any(|it| it == SkipReason::RateLimited);
        let known = self.runs.len();
        for change in changes {
            if let Change::PutRun(run) = change {
                let (function, key) = self.coming;
                let known = self.runs.entry(run.id).or_insert(Known {
                    function,
                    key,
                    has_started: false,
                    is_over: false,
                });
                known.is_over = run.status.is_final();
                if run.status == RunStatus::Running && !known.has_started {
                    known.has_started = true;
                    self.check_start(run.id);
                }
            }
        }
        if let Some(is_admitted) = self.expected.take() {
            assert_eq!(self.runs.len() > known, is_admitted, "by the reference");
            assert_eq!(is_limited, !is_admitted, "the reason is kept");
        }
        for effect in effects {
            if let Effect::Call(call) = effect {
                let function = self.runs[&call.request.run].function;
                assert!(
                    !self.held.contains(&function),
                    "a call of a paused function"
                );
                self.calls.push(call.request.clone());
            }
        }
        self.check_calls();
        if crashes {
            self.restart();
        }
    }

    fn check_start(&mut self, id: RunId) {
        let run = &self.runs[&id];
        let of_function = |known: &&Known| known.function == run.function;
        for rule in FUNCTIONS[run.function].2 {
            match rule {
                Rule::Calls(..) | Rule::Rate => {}
                Rule::Run => {
                    let there = self.runs.values().filter(of_function);
                    let there = there.filter(|known| known.has_started && !known.is_over);
                    assert!(there.count() <= 1, "one run at a time");
                }
                Rule::Throttle => {
                    let now = self.world.now().as_millis();
                    assert!(now >= self.tat, "{} ms early", self.tat - now);
                    self.tat = now + INTERVAL_MS;
                }
                Rule::InLine => {
                    let score = |(id, known): (&RunId, &Known)| {
                        (
                            id.timestamp().as_millis() - i64::from(known.key) * 1_000,
                            *id,
                        )
                    };
                    let behind = self.runs.iter().filter(|(_, known)| {
                        known.function == run.function && !known.has_started && !known.is_over
                    });
                    let first = behind.map(score).min();
                    let own = score((&id, run));
                    assert!(first.is_none_or(|first| own < first), "{own:?} {first:?}");
                }
            }
        }
    }

    fn check_calls(&self) {
        let mut counts: BTreeMap<(&str, Option<u8>), usize> = BTreeMap::new();
        for call in &self.calls {
            let run = &self.runs[&call.run];
            for rule in FUNCTIONS[run.function].2 {
                if let Rule::Calls(name, is_keyed, most) = *rule {
                    let count = counts.entry((name, is_keyed.then_some(run.key)));
                    let count = count.or_default();
                    *count += 1;
                    assert!(*count <= most, "{count} calls under {name}, {most} at most");
                }
            }
        }
    }

    fn restart(&mut self) {
        self.calls.clear();
        let wake = self.world.reload();
        self.feed(wake);
    }

    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Event { function, key } => {
                let function = function % FUNCTIONS.len();
                self.coming = (function, key);
                if matches!(FUNCTIONS[function].2, [Rule::Rate]) {
                    self.expected = Some(self.admit(key));
                }
                let data = format!(r#"{{"tenant":"{key}","k":"{key}","p":{key}}}"#);
                let name = FUNCTIONS[function].1;
                let event = self
                    .world
                    .event_with(name, Json::parse(data.as_bytes()).unwrap());
                self.feed(event);
            }
            Turn::Complete(which) => {
                self.answer(which, r#"{"op":"RunComplete","id":"x","data":1}"#)
            }
            Turn::Sleep(which) => self.answer(which, r#"{"op":"Sleep","id":"s","name":"3s"}"#),
            Turn::Step(which) => self.answer(which, r#"{"op":"StepRun","id":"a","data":1}"#),
            Turn::Fail(which) => self.end(which, failure(), None),
            Turn::SendAway(which) => self.end(which, failure(), Some(TurnedAway::Unreachable)),
            Turn::Cancel(which) => {
                if !self.runs.is_empty() {
                    let run = *self.runs.keys().nth(which % self.runs.len()).unwrap();
                    let reply_to = ReplyTo(4);
                    self.feed(Input::Cancel { run, reply_to });
                }
            }
            Turn::Wait(ms) => self.wait(Duration::from_millis(ms.into())),
            Turn::PauseStarts(which) => self.pause(which, "finish"),
            Turn::Hold(which) => self.pause(which, "hold"),
            Turn::Resume(which) => {
                let function = which % FUNCTIONS.len();
                self.held.remove(&function);
                let resume = self.world.resume_input(FUNCTIONS[function].0);
                self.feed(resume);
            }
            Turn::Restart => self.restart(),
            Turn::Crash => self.is_crashing = true,
        }
    }

    /// Whether the rate has one left for the key, by the letter of the specification.
    fn admit(&mut self, key: u8) -> bool {
        let now = i128::from(self.world.now().as_millis()) * 1_000_000;
        let tat = self.rates.entry(key).or_default();
        let next = now.max(*tat) + EMISSION;
        let is_admitted = now >= next - TOLERANCE;
        if is_admitted {
            *tat = next;
        }
        is_admitted
    }

    fn pause(&mut self, which: usize, runs: &str) {
        let function = which % FUNCTIONS.len();
        if runs == "hold" {
            self.held.insert(function);
        } else {
            self.held.remove(&function);
        }
        let line = format!("{} queue {runs}", FUNCTIONS[function].0);
        let pause = self.world.pause_input(&line);
        self.feed(pause);
    }

    fn answer(&mut self, which: usize, op: &str) {
        let ops = Op::parse_all(format!("[{op}]").as_bytes()).unwrap();
        self.end(which, Outcome::Ops(ops), None);
    }

    fn end(&mut self, which: usize, outcome: Outcome, turned_away: Option<TurnedAway>) {
        if self.calls.is_empty() {
            return;
        }
        let request = self.calls.remove(which % self.calls.len());
        self.feed(Input::CallEnded(Box::new(CallEnded {
            job: request.job,
            request: request.request,
            generation: request.generation,
            reply: Reply {
                outcome,
                request_version: Some(2),
                no_retry: None,
                retry_at: None,
                status: turned_away.is_none().then_some(206),
                turned_away,
                timing: None,
            },
            started_at: self.world.now(),
            duration: Duration::from_millis(1),
        })));
    }

    /// Time passes, with a wake-up at each time that the shard asks for.
    fn wait(&mut self, duration: Duration) {
        let until: Timestamp = self.world.now() + duration;
        while let Some(at) = self.world.next_wakeup().filter(|at| *at <= until) {
            self.world.set_now(at.max(self.world.now()));
            self.feed(Input::Wake);
        }
        self.world.set_now(until);
    }
}

fn failure() -> Outcome {
    Outcome::Error(UserError::new("Error", "failed"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_limit_is_exceeded_and_nothing_is_forgotten(turns in turns()) {
        let mut play = Play::new();
        for turn in turns {
            play.turn(turn);
        }
        // From here on nothing goes wrong, and no event comes.
        play.is_crashing = false;
        for function in 0..FUNCTIONS.len() {
            play.turn(Turn::Resume(function));
        }
        for _ in 0..1_000 {
            if play.runs.values().all(|run| run.is_over) {
                break;
            }
            while !play.calls.is_empty() {
                play.turn(Turn::Complete(0));
            }
            play.turn(Turn::Wait(5_000));
        }
        let left = play.runs.values().filter(|run| !run.is_over);
        prop_assert_eq!(left.count(), 0);
    }
}

/// A tenant with many runs keeps the others waiting for one call, and not for all of its own: `tenants`
/// admits two calls, and one of each tenant.
#[test]
fn fq_1_a_noisy_tenant_does_not_keep_others_waiting() {
    const NOISE: usize = 500;
    const QUIET: u8 = 20;
    let function = FUNCTIONS.iter().position(|it| it.0 == "tenants").unwrap();
    let mut delays = Vec::new();
    for noise in [0, NOISE] {
        let mut play = Play::new();
        for _ in 0..noise {
            play.turn(Turn::Event { function, key: 0 });
        }
        for key in 1..=QUIET {
            play.turn(Turn::Event { function, key });
        }
        let mut calls = 0;
        let is_waiting = |run: &Known| run.key > 0 && !run.has_started;
        while play.runs.values().any(is_waiting) {
            play.turn(Turn::Complete(0));
            calls += 1;
        }
        delays.push(calls);
    }
    let [alone, beside_noise] = delays[..] else {
        panic!("two rounds");
    };
    assert!(
        beside_noise <= 2 * alone + 2,
        "{alone} calls alone, {beside_noise} beside the noise"
    );
}
