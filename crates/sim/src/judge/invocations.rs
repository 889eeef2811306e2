//! Runs that were invoked: one for each step, and its end is the value of the step
//! (server-semantics §3.9).

use std::time::Duration;

use everstep_core::record::{RunStatus, StepRecord};
use everstep_protocol::{Json, Timestamp};

use super::{History, Past};
use crate::program::{Program, Work};

impl History<'_> {
    pub(super) fn check_invocations(&self, past: &Past) {
        for (_, known) in past.program.steps() {
            let Work::Invoke { program, seconds } = known.work else {
                continue;
            };
            let Some(step) = past.step(&known.id) else {
                continue;
            };
            let expires_at = seconds.map(|seconds| step.created_at + Duration::from_secs(seconds));
            let problem = self.problem(past, step, &self.app.programs[program], expires_at);
            if let Some(problem) = problem {
                self.violation(format!(
                    "{}: {} {problem}: {:?}",
                    past.id(),
                    step.id,
                    step.value
                ));
            }
        }
    }

    fn problem(
        &self,
        past: &Past,
        step: &StepRecord,
        program: &Program,
        expires_at: Option<Timestamp>,
    ) -> Option<String> {
        let correlation = format!("{}.{}", past.id(), step.id);
        let children: Vec<&Past> = self
            .runs
            .values()
            .filter(|child| correlation_of(child).as_deref() == Some(&*correlation))
            .collect();
        let child = match children.as_slice() {
            [] if program.idempotent => return self.problem_without_child(past, step),
            [child] => *child,
            children => return Some(format!("invoked {} runs", children.len())),
        };
        if child.program.name != program.name {
            return Some(format!("invoked a run of {}", child.program.name));
        }
        let answered_at = child.record.ended_at;
        let is_in_time = answered_at.is_some_and(|at| expires_at.is_none_or(|end| at < end));
        let end = if is_in_time { answered_at } else { expires_at };
        let Some(value) = &step.value else {
            let is_late = end.is_some_and(|end| past.outlived(self.settled(end)));
            return is_late.then(|| "got no answer, and its run went on".to_owned());
        };
        let is_right = if is_in_time {
            is_answer(child, value)
        } else {
            error(value, "name").as_deref() == Some("InngestInvokeTimeoutError")
        };
        self.count("invocations answered");
        if !is_right {
            return Some(format!(
                "has another value than {}, which is {:?}",
                child.id(),
                child.record.status
            ));
        }
        let is_late = end.is_some_and(|end| {
            step.ended_at
                .is_none_or(|at| at < end || at > self.settled(end))
        });
        is_late.then(|| "ended at another time than its run".to_owned())
    }

    /// Another run has the topic.
    fn problem_without_child(&self, past: &Past, step: &StepRecord) -> Option<String> {
        match &step.value {
            None => past
                .outlived(self.settled(step.created_at))
                .then(|| "invoked nothing, and got no answer".to_owned()),
            Some(value) => {
                let is_right =
                    error(value, "message").as_deref() == Some("invoked function is rate limited");
                (!is_right).then(|| "invoked nothing, and has another value".to_owned())
            }
        }
    }
}

fn correlation_of(child: &Past) -> Option<String> {
    let data = child.trigger.payload.member("data")?;
    data.member("_inngest")?.member_text("correlation_id")
}

fn is_answer(child: &Past, value: &Json) -> bool {
    let output = child.record.output.clone().unwrap_or_else(Json::null);
    match child.record.status {
        RunStatus::Completed => *value == Json::object([("data", output)]),
        RunStatus::Failed => value.member("error") == Some(output),
        RunStatus::Cancelled => error(value, "message").as_deref() == Some("function cancelled"),
        RunStatus::Queued | RunStatus::Running | RunStatus::Skipped => false,
    }
}

fn error(value: &Json, member: &str) -> Option<String> {
    value.member("error")?.member_text(member)
}
