//! What the functions of the fake app do: sequences of steps, sleeps and parallel groups.

use everstep_protocol::op::ParallelMode;

use crate::chance::Chance;

/// A function.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub nodes: Vec<Node>,
    /// Reports finished steps while the call is in flight (sdk-protocol §7).
    pub checkpointing: bool,
    /// Version 1 discovers after each parallel step, version 2 once per group (§4.3).
    pub version: i8,
    /// The function throws at its end on this many attempts.
    pub failures: u32,
    /// The function ends with an error instead of a result.
    pub fatal: bool,
}

/// A part of a function.
#[derive(Clone, Debug)]
pub enum Node {
    Step(Step),
    Sleep {
        id: String,
        seconds: u64,
    },
    /// Branches side by side, each a chain of steps.
    Group {
        mode: ParallelMode,
        branches: Vec<Vec<Step>>,
    },
}

/// A step that throws on its first `failures` attempts.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub failures: u32,
}

/// Attempts that every job has; so many that bad luck alone does not use them up.
pub const RETRIES: u32 = 20;

impl Program {
    /// A random function.
    pub fn random(chance: &Chance, number: usize) -> Self {
        let nodes = (0..1 + chance.below(5))
            .map(|at| Node::random(chance, &format!("n{at}")))
            .collect();
        Self {
            name: format!("program-{number}"),
            nodes,
            checkpointing: chance.percent(50),
            version: if chance.percent(30) { 1 } else { 2 },
            failures: if chance.percent(20) { 2 } else { 0 },
            fatal: chance.percent(15),
        }
    }

    /// The event that triggers it.
    pub fn event(&self) -> String {
        format!("sim/{}", self.name)
    }
}

impl Node {
    fn random(chance: &Chance, prefix: &str) -> Self {
        match chance.below(10) {
            0..5 => Self::Step(Step::random(chance, prefix.to_owned())),
            5..7 => Self::Sleep {
                id: prefix.to_owned(),
                seconds: [0, 1, 30, 2000][chance.below(4) as usize],
            },
            _ => Self::Group {
                mode: if chance.percent(30) {
                    ParallelMode::Race
                } else {
                    ParallelMode::Join
                },
                branches: (0..2 + chance.below(3))
                    .map(|branch| {
                        (0..1 + chance.below(2))
                            .map(|at| Step::random(chance, format!("{prefix}.{branch}.{at}")))
                            .collect()
                    })
                    .collect(),
            },
        }
    }
}

impl Step {
    fn random(chance: &Chance, id: String) -> Self {
        Self {
            id,
            failures: if chance.percent(25) {
                1 + chance.below(2) as u32
            } else {
                0
            },
        }
    }
}
