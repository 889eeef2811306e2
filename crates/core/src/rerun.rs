//! What of a run is kept when it is run once more (server-semantics §3.14).
//!
//! Steps are kept in the order in which they were stored, so a rerun from a step is the run as it was
//! before that step. A resumed run keeps what succeeded, wherever that is: what failed runs again,
//! also if the function had caught the error.

use everstep_protocol::{Json, StepId};

use crate::record::{StepRecord, StepStatus};

/// Where a rerun begins.
#[derive(Clone, Debug, PartialEq)]
pub enum RerunFrom {
    /// With nothing memoized.
    Start,
    /// With the steps before this one, by its id or the name that the user gave it. An `input` is a
    /// list: the step gets these arguments instead of those that the function gives it.
    Step { step: String, input: Option<Json> },
    /// With the steps that succeeded.
    Failure,
}

impl RerunFrom {
    /// What the audit log calls it.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Start | Self::Step { .. } => "run.rerun",
            Self::Failure => "run.resume",
        }
    }
}

/// Which of a run's steps a rerun keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RerunPlan {
    /// Memoized ones, in the order of the stack.
    pub kept: Vec<StepRecord>,
    /// Those of the others that are known. There may be more.
    pub again: Vec<StepRecord>,
    /// What the first of `again` is given.
    pub input: Option<Json>,
}

/// Why a step was not found (RR-2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepNotFound {
    #[error("rerun step not found: the run has no step {0:?}")]
    Unknown(String),
    #[error(
        "rerun step name is ambiguous: {count} steps of the run are called {name:?}; use the id of one"
    )]
    Ambiguous { name: String, count: usize },
}

impl RerunPlan {
    /// `steps` are those of the run: memoized ones in the order of the stack, then the others.
    pub fn new(steps: Vec<StepRecord>, from: &RerunFrom) -> Result<Self, StepNotFound> {
        let (first, input) = match from {
            RerunFrom::Start => (Some(0), None),
            RerunFrom::Step { step, input } => {
                let id = find_step(&steps, step)?.id.clone();
                let index = steps.iter().position(|step| step.id == id);
                (index, input.clone())
            }
            RerunFrom::Failure => (None, None),
        };
        let (kept, again) =
            steps
                .into_iter()
                .enumerate()
                .partition::<Vec<_>, _>(|(index, step)| match first {
                    Some(first) => *index < first && step.value.is_some(),
                    None => step.status == StepStatus::Completed,
                });
        let steps = |numbered: Vec<(usize, StepRecord)>| {
            numbered.into_iter().map(|(_, step)| step).collect()
        };
        Ok(Self {
            kept: steps(kept),
            again: steps(again),
            input,
        })
    }
}

/// The step that someone means: by its id, or by the name that the user gave it.
pub fn find_step<'a>(steps: &'a [StepRecord], text: &str) -> Result<&'a StepRecord, StepNotFound> {
    if let Some(step) = steps.iter().find(|step| step.id.as_str() == text) {
        return Ok(step);
    }
    let derived = StepId::derive(text, 0);
    let is_named = |step: &&StepRecord| *step.name == *text || step.id == derived;
    let named: Vec<&StepRecord> = steps.iter().filter(is_named).collect();
    match named[..] {
        [] => Err(StepNotFound::Unknown(text.to_owned())),
        [step] => Ok(step),
        _ => Err(StepNotFound::Ambiguous {
            name: text.to_owned(),
            count: named.len(),
        }),
    }
}
