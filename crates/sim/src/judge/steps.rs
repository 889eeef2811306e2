//! Values of steps that nobody outside has a say in, and the stack that calls carried.

use std::time::Duration;

use everstep_core::record::StepRecord;
use everstep_protocol::{Json, StepId};

use super::{History, Past};
use crate::program::Work;
use crate::{ops, origin};

impl History<'_> {
    pub(super) fn check_steps(&self, past: &Past) {
        let run = past.id();
        let stored: Vec<(StepId, Json)> = past
            .steps
            .iter()
            .filter_map(|step| Some((step.id.clone(), step.value.clone()?)))
            .collect();
        let seen = self.app.audit.stack(run);
        if !stored.starts_with(&seen) {
            self.violation(format!(
                "{run}: calls carried {seen:?}, stored is {stored:?}"
            ));
        }
        for step in &past.steps {
            let Some((_, known)) = past.program.step(step.id.as_str()) else {
                self.violation(format!(
                    "{run} has a step {}, which no program has",
                    step.id
                ));
                continue;
            };
            if let Some(value) = &step.value
                && let Some(problem) = problem(past, step, &known.work, value)
            {
                self.violation(format!("{run}: {} {problem}: {value:?}", step.id));
            }
        }
    }
}

fn problem(past: &Past, step: &StepRecord, work: &Work, value: &Json) -> Option<&'static str> {
    let (run, id) = (past.id(), step.id.as_str());
    let is_right = match work {
        Work::Run { .. } => *value == Json::object([("data", ops::value(run, id))]),
        Work::Fetch { refused } => *value == origin::memoized(run, id, *refused),
        Work::Sleep { seconds } => {
            let end = step.created_at + Duration::from_secs(*seconds);
            if step.ended_at.is_some_and(|ended_at| ended_at < end) {
                return Some("woke too early");
            }
            value.is_null()
        }
        Work::WaitForEvent { .. } | Work::WaitForSignal { .. } | Work::Invoke { .. } => true,
    };
    (!is_right).then_some("has a wrong value")
}
