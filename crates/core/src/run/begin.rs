//! How a rerun begins: with what an earlier run came to.

use super::Run;
use crate::change::Change;
use crate::record::{StepRecord, StepStatus, StepTrace};
use crate::rerun::RerunPlan;
use crate::turn::Turn;

impl Run {
    /// Steps keep their times: they tell when they were executed.
    pub(crate) fn begin_with(&mut self, turn: &mut Turn, plan: RerunPlan) {
        let run = self.record.id;
        for (position, step) in (0..).zip(plan.kept) {
            let Some(value) = step.value.clone() else {
                continue;
            };
            self.record.state_bytes += value.len() as u64;
            self.record.steps_done += 1;
            self.memoized.insert(step.id.clone());
            self.stack.push((step.id.clone(), value));
            turn.change(Change::PutStep(StepRecord {
                run,
                position: Some(position),
                ..step
            }));
        }
        let edited = plan.again.into_iter().next().zip(plan.input);
        if let Some((step, input)) = edited {
            let given = StepTrace {
                given_input: Some(input),
                ..StepTrace::default()
            };
            let step = StepRecord {
                run,
                status: StepStatus::Planned,
                position: None,
                value: None,
                trace: Some(given.to_json()),
                created_at: turn.now,
                started_at: None,
                ended_at: None,
                ..step
            };
            self.put_open(turn, step);
        }
    }
}
