//! What the functions of the fake app do: sequences of steps and parallel groups of them, and how
//! they are triggered, cancelled and timed out.

use everstep_protocol::op::ParallelMode;

use crate::chance::Chance;
use crate::flow::{Flow, Rate};
use crate::quota::{Quota, Shared};

/// Attempts that every job has; so many that bad luck alone does not use them up.
pub const RETRIES: u32 = 20;

/// Of the events that runs wait for.
pub const NEWS: &str = "sim/news";
/// Of the events that cancel runs.
pub const STOP: &str = "sim/stop";
/// Which runs are cancelled by a [`STOP`].
pub const STOP_CONDITION: &str = "async.data.key == event.data.key";

/// A function.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub trigger: Trigger,
    pub nodes: Vec<Node>,
    /// Reports finished steps while the call is in flight (sdk-protocol §7).
    pub checkpointing: bool,
    /// Version 1 discovers after each parallel step, version 2 once per group (§4.3).
    pub version: i8,
    /// The function throws at its end on this many attempts.
    pub failures: u32,
    /// The function ends with an error instead of a result.
    pub fatal: bool,
    /// A [`STOP`] with the key of the run cancels it.
    pub stoppable: bool,
    /// One run for each topic.
    pub idempotent: bool,
    /// `timeouts.start` and `timeouts.finish`, in seconds.
    pub start_timeout: Option<u64>,
    pub finish_timeout: Option<u64>,
    /// Limits on calls in flight, and on runs that have started and not ended.
    pub calls_max: Vec<Quota>,
    pub runs_max: Option<Quota>,
    pub flow: Flow,
}

/// What starts a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The event [`Program::event`].
    Event,
    /// A tick every so many minutes.
    Schedule { minutes: u64, jitter_seconds: u64 },
}

/// A part of a function.
#[derive(Clone, Debug)]
pub enum Node {
    Step(Step),
    /// Branches side by side, each a chain of steps.
    Group {
        mode: ParallelMode,
        branches: Vec<Vec<Step>>,
    },
}

#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub work: Work,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Work {
    /// User code that throws on its first `failures` attempts.
    Run {
        failures: u32,
    },
    Sleep {
        seconds: u64,
    },
    WaitForEvent {
        condition: Condition,
        seconds: u64,
    },
    /// The signal has a name that no other step has.
    WaitForSignal {
        seconds: u64,
    },
    Invoke {
        /// Its number, which is higher than that of the program which has the step.
        program: usize,
        seconds: Option<u64>,
    },
    /// `refused`: it can't be made, for good.
    Fetch {
        refused: bool,
    },
}

/// Which [`NEWS`] a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Any,
    /// News of the run's own key.
    Key,
    /// News of the run's own key and a high level.
    KeyAndLevel,
    /// News of a high level, whatever the key: no value tells such waits apart.
    Level,
}

/// Levels of news are below this.
pub const LEVELS: u64 = 6;
/// Levels above this are high.
pub const LEVEL_HIGH: u64 = 2;

impl Condition {
    /// As the app writes it.
    pub fn text(self) -> Option<String> {
        let key = "async.data.key == event.data.key";
        match self {
            Self::Any => None,
            Self::Key => Some(key.to_owned()),
            Self::KeyAndLevel => Some(format!("{key} && async.data.level > {LEVEL_HIGH}")),
            Self::Level => Some(format!("async.data.level > {LEVEL_HIGH}")),
        }
    }

    /// Whether it holds, as the simulator understands it: for news of this key and level, in a run
    /// of `own_key`.
    pub fn holds(self, own_key: Option<&str>, key: &str, level: u64) -> bool {
        let is_own = own_key == Some(key);
        match self {
            Self::Any => true,
            Self::Key => is_own,
            Self::KeyAndLevel => is_own && level > LEVEL_HIGH,
            Self::Level => level > LEVEL_HIGH,
        }
    }
}

impl Program {
    /// The functions of an app.
    pub fn random_app(chance: &Chance) -> Vec<Self> {
        let events = 1 + chance.below(4) as usize;
        let mut programs: Vec<Self> = (0..events)
            .map(|number| Self::random(chance, number, events))
            .collect();
        for number in events..events + chance.below(3) as usize {
            programs.push(Self::scheduled(chance, number));
        }
        programs
    }

    fn random(chance: &Chance, number: usize, programs: usize) -> Self {
        let seconds = |percent, seconds: [u64; 3]| {
            let some = chance.percent(percent);
            some.then(|| seconds[chance.below(3) as usize])
        };
        let invoked = (number + 1)..programs;
        Self {
            name: format!("program-{number}"),
            trigger: Trigger::Event,
            nodes: (0..1 + chance.below(5))
                .map(|at| Node::random(chance, &format!("n{at}"), invoked.clone()))
                .collect(),
            checkpointing: chance.percent(50),
            version: if chance.percent(30) { 1 } else { 2 },
            failures: if chance.percent(20) { 2 } else { 0 },
            fatal: chance.percent(15),
            stoppable: chance.percent(40),
            idempotent: chance.percent(20),
            start_timeout: seconds(10, [5, 60, 600]),
            finish_timeout: seconds(15, [60, 900, 7200]),
            calls_max: Vec::new(),
            runs_max: None,
            flow: Flow::default(),
        }
    }

    /// A function with a schedule. What it does is short: it runs often, and until the end.
    fn scheduled(chance: &Chance, number: usize) -> Self {
        let work = |_: &Chance| match chance.below(4) {
            0..2 => Work::Run { failures: 0 },
            2 => Work::Sleep { seconds: 30 },
            _ => Work::Fetch { refused: false },
        };
        let step = |at| Step {
            id: format!("n{at}"),
            work: work(chance),
        };
        Self {
            name: format!("program-{number}"),
            trigger: Trigger::Schedule {
                minutes: [2, 5, 15][chance.below(3) as usize],
                jitter_seconds: [0, 0, 40][chance.below(3) as usize],
            },
            nodes: (0..chance.below(3))
                .map(|at| Node::Step(step(at)))
                .collect(),
            checkpointing: chance.percent(50),
            version: 2,
            failures: 0,
            fatal: false,
            stoppable: false,
            idempotent: false,
            start_timeout: None,
            finish_timeout: None,
            calls_max: Vec::new(),
            runs_max: None,
            flow: Flow::default(),
        }
    }

    /// The event that triggers it.
    pub fn event(&self) -> String {
        format!("sim/{}", self.name)
    }

    /// As the server names it.
    pub fn slug(&self) -> String {
        format!("sim-{}", self.name)
    }

    /// One beside `idempotency` has no effect: that is a rate itself (server-semantics §10, 3).
    pub fn rate_limit(&self) -> Option<Rate> {
        self.flow.rate_limit.filter(|_| !self.idempotent)
    }

    /// Whether its runs wait for nothing that other topics do not wait for too.
    pub fn is_even(&self) -> bool {
        self.flow.throttle.is_none()
            && self.runs_max.is_none()
            && !self.calls_max.iter().any(|it| it.parts_topics())
    }

    /// Whether each event starts a run, and topics share in turn what there is.
    pub fn has_turns(&self) -> bool {
        self.is_even()
            && !self.flow.is_any()
            && self.calls_max.iter().any(|it| it.shared == Shared::Topic)
    }

    pub fn is_scheduled(&self) -> bool {
        self.trigger != Trigger::Event
    }

    pub fn steps(&self) -> impl Iterator<Item = (ParallelMode, &Step)> {
        self.nodes.iter().flat_map(|node| {
            let (mode, steps): (_, Vec<&Step>) = match node {
                Node::Step(step) => (ParallelMode::Join, vec![step]),
                Node::Group { mode, branches } => (*mode, branches.iter().flatten().collect()),
            };
            steps.into_iter().map(move |step| (mode, step))
        })
    }

    pub fn step(&self, id: &str) -> Option<(ParallelMode, &Step)> {
        self.steps().find(|(_, step)| step.id == id)
    }
}

impl Node {
    fn random(chance: &Chance, prefix: &str, invoked: std::ops::Range<usize>) -> Self {
        if chance.percent(65) {
            return Self::Step(Step::random(chance, prefix.to_owned(), &invoked));
        }
        let mode = if chance.percent(30) {
            ParallelMode::Race
        } else {
            ParallelMode::Join
        };
        let branch = |branch| {
            (0..1 + chance.below(2))
                .map(|at| Step::random(chance, format!("{prefix}.{branch}.{at}"), &invoked))
                .collect()
        };
        Self::Group {
            mode,
            branches: (0..2 + chance.below(3)).map(branch).collect(),
        }
    }
}

impl Step {
    fn random(chance: &Chance, id: String, invoked: &std::ops::Range<usize>) -> Self {
        Self {
            id,
            work: Work::random(chance, invoked),
        }
    }
}

impl Work {
    fn random(chance: &Chance, invoked: &std::ops::Range<usize>) -> Self {
        let timeout = || [1, 30, 600, 7200][chance.below(4) as usize];
        match chance.below(20) {
            0..9 => Self::Run {
                failures: if chance.percent(25) {
                    1 + chance.below(2) as u32
                } else {
                    0
                },
            },
            9..11 => Self::Sleep {
                seconds: [0, 1, 30, 2000][chance.below(4) as usize],
            },
            11..14 => Self::WaitForEvent {
                condition: [
                    Condition::Any,
                    Condition::Key,
                    Condition::KeyAndLevel,
                    Condition::Level,
                ][chance.below(4) as usize],
                seconds: timeout(),
            },
            14..16 => Self::WaitForSignal { seconds: timeout() },
            16..18 if !invoked.is_empty() => Self::Invoke {
                program: invoked.start + chance.below(invoked.len() as u64) as usize,
                seconds: chance.percent(25).then(timeout),
            },
            _ => Self::Fetch {
                refused: chance.percent(15),
            },
        }
    }
}
