//! Runs that were invoked: one for each step, and its end is the value of the step
//! (server-semantics §3.9).

use std::time::Duration;

use everstep_core::record::{EventRecord, RunStatus, SkipReason, StepRecord};
use everstep_protocol::{Json, Timestamp};

use super::arrivals::Arrival;
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
        let mut events = self
            .arrivals
            .iter()
            .filter(|arrival| correlation_of(&arrival.event).as_deref() == Some(&*correlation));
        let (Some(arrival), None) = (events.next(), events.next()) else {
            return Some("invoked nothing, or more than once".to_owned());
        };
        if arrival.program.name != program.name {
            return Some(format!("invoked {}", arrival.program.name));
        }
        let answer = self.answer(arrival);
        // When it could end at the earliest, and has to have ended.
        let first = expires_at.map_or(answer.from, |at| at.min(answer.from));
        let last = match (answer.until, expires_at) {
            (Some(until), Some(expires_at)) => Some(until.min(expires_at)),
            (until, expires_at) => until.or(expires_at),
        };
        let Some(value) = &step.value else {
            let is_late = last.is_some_and(|last| past.outlived(self.settled(last)));
            return is_late.then(|| "got no answer, and its run went on".to_owned());
        };
        self.count("invocations answered");
        let is_timed_out = error(value, "name").as_deref() == Some("InngestInvokeTimeoutError");
        let is_right = if is_timed_out {
            expires_at.is_some_and(|at| answer.until.is_none_or(|until| until >= at))
        } else {
            answer.content.is(value) && expires_at.is_none_or(|at| answer.from < at)
        };
        if !is_right {
            let (run, skip) = (arrival.run, &arrival.skip);
            return Some(format!("has another value than that of {run:?}, {skip:?}"));
        }
        let is_late = step
            .ended_at
            .is_none_or(|at| at < first || last.is_some_and(|last| at > self.settled(last)));
        is_late.then(|| "ended at another time than its run".to_owned())
    }

    /// What the invoked function had to say, and when.
    fn answer(&self, arrival: &Arrival) -> Answer<'_> {
        let refused = |at, message| Answer {
            content: Content::Error(message),
            from: at,
            until: Some(at),
        };
        let message = arrival.reason().map_or("", message);
        match self.run_of(arrival) {
            Some(run) if run.record.status == RunStatus::Skipped => {
                // All events of a batch hear why its run was skipped.
                let first = self
                    .arrivals
                    .iter()
                    .find(|it| it.event.id == run.trigger.id);
                let reason = first.and_then(Arrival::reason);
                refused(run.queued_at(), reason.map_or("", self::message))
            }
            Some(run) => Answer {
                content: Content::End(run),
                from: run.record.ended_at.unwrap_or(Timestamp::MAX),
                until: run.record.ended_at,
            },
            None if arrival.is_debounced() => Answer {
                content: Content::Error(message),
                from: arrival.from,
                // When the last event that may have taken its place had come, or it was refused.
                until: None,
            },
            None => refused(arrival.from, message),
        }
    }
}

/// What a step that invoked a function gets.
struct Answer<'a> {
    content: Content<'a>,
    /// It comes within this time, or never.
    from: Timestamp,
    until: Option<Timestamp>,
}

enum Content<'a> {
    End(&'a Past),
    Error(&'static str),
}

impl Content<'_> {
    fn is(&self, value: &Json) -> bool {
        let child = match self {
            Self::End(child) => child,
            Self::Error(message) => return error(value, "message").as_deref() == Some(message),
        };
        let output = child.record.output.clone().unwrap_or_else(Json::null);
        match child.record.status {
            RunStatus::Completed => *value == Json::object([("data", output)]),
            RunStatus::Failed => value.member("error") == Some(output),
            RunStatus::Cancelled => {
                error(value, "message").as_deref() == Some("function cancelled")
            }
            RunStatus::Queued | RunStatus::Running | RunStatus::Skipped => false,
        }
    }
}

/// What is said of a run that never starts.
fn message(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::RateLimited | SkipReason::IdempotencyDuplicate => {
            "invoked function is rate limited"
        }
        SkipReason::Singleton => "invoked function was skipped: another run of it is active",
        SkipReason::Paused => "invoked function is paused",
        SkipReason::Debounced | SkipReason::DebounceOutdated => {
            "the invocation was debounced: a later event took its place"
        }
        SkipReason::EventDuplicate
        | SkipReason::ExpressionFalse
        | SkipReason::ExpressionError
        | SkipReason::TicksGivenUp
        | SkipReason::Batched => "no invocation is refused for this",
    }
}

fn correlation_of(event: &EventRecord) -> Option<String> {
    let data = event.payload.member("data")?;
    data.member("_inngest")?.member_text("correlation_id")
}

fn error(value: &Json, member: &str) -> Option<String> {
    value.member("error")?.member_text(member)
}
