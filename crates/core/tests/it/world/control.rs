//! What people do to flow control, and apps that turn calls away.

use std::time::Duration;

use everstep_core::effect::ReplyTo;
use everstep_core::input::{CallEnded, Control, Rerun, RunControl};
use everstep_core::record::{LimitName, OverrideRecord, PauseRecord, PausedRuns, PausedStarts};
use everstep_core::rerun::{RerunFrom, RerunPlan};
use everstep_core::{Change, Input, attributes};
use everstep_protocol::reply::{Outcome, Reply, TurnedAway};
use everstep_protocol::time::parse_duration;
use everstep_protocol::{
    AppId, AuditId, FunctionId, Json, OperationId, RequestId, RunId, StepId, Timestamp, UserError,
};
use everstep_store::Store;
use futures::executor::block_on;

use super::World;

impl World {
    /// `FUNCTION skip|queue finish|hold`.
    pub(crate) fn pause(&mut self, line: &str) -> Vec<String> {
        let input = self.pause_input(line);
        self.handle(input)
    }

    pub(crate) fn pause_input(&mut self, line: &str) -> Input {
        let words: Vec<&str> = line.split(' ').collect();
        let [function, starts, runs] = words[..] else {
            panic!("not a pause: {line}");
        };
        let paused_at = self.now;
        self.control(Control::Pause(PauseRecord {
            function: function_id(function),
            starts: match starts {
                "skip" => PausedStarts::Skip,
                "queue" => PausedStarts::Queue,
                _ => panic!("starts are skipped or queued: {line}"),
            },
            runs: match runs {
                "finish" => PausedRuns::Finish,
                "hold" => PausedRuns::Hold,
                _ => panic!("runs finish or are held: {line}"),
            },
            reason: None,
            paused_at,
        }))
    }

    pub(crate) fn resume(&mut self, function: &str) -> Vec<String> {
        let input = self.resume_input(function);
        self.handle(input)
    }

    pub(crate) fn resume_input(&mut self, function: &str) -> Input {
        self.control(Control::Resume(function_id(function)))
    }

    /// `FUNCTION LIMIT[:KEY] VALUE [for DURATION]`.
    pub(crate) fn put_override(&mut self, line: &str) -> Vec<String> {
        let (line, lasts) = match line.split_once(" for ") {
            Some((line, lasts)) => (line, Some(parse_duration(lasts).unwrap())),
            None => (line, None),
        };
        let (target, value) = line.rsplit_once(' ').unwrap();
        let (function, limit, key) = limit_called(target);
        self.steer(Control::PutOverride(OverrideRecord {
            function,
            limit,
            key: key.map(Into::into),
            value: value.parse().unwrap(),
            period: None,
            burst: None,
            reason: None,
            created_at: self.now,
            expires_at: lasts.map(|lasts| self.now + lasts),
        }))
    }

    /// `FUNCTION LIMIT[:KEY]`.
    pub(crate) fn restore(&mut self, line: &str) -> Vec<String> {
        let (function, limit, key) = limit_called(line);
        self.steer(Control::DeleteOverride {
            function,
            limit,
            key: key.map(Into::into),
        })
    }

    pub(crate) fn archive(&mut self) -> Vec<String> {
        self.steer(Control::ArchiveApp {
            name: "t".into(),
            reason: Some("it is gone".into()),
        })
    }

    /// `NAME EXPRESSION`.
    pub(crate) fn declare(&mut self, line: &str) -> Vec<String> {
        let (name, expression) = line.split_once(' ').unwrap();
        self.steer(Control::PutAttribute {
            name: name.into(),
            expression: attributes::compile(expression).unwrap(),
        })
    }

    pub(crate) fn forget(&mut self, name: &str) -> Vec<String> {
        self.steer(Control::DeleteAttribute(name.into()))
    }

    /// Fire the debounce that was changed last.
    pub(crate) fn fire(&mut self) -> Vec<String> {
        let debounce = self.last_debounce.unwrap();
        self.steer(Control::FireDebounce(debounce))
    }

    /// Fire the batch that was opened last.
    pub(crate) fn flush(&mut self) -> Vec<String> {
        let batch = self.last_batch.unwrap();
        self.steer(Control::FlushBatch(batch))
    }

    /// Take from a run what it got last.
    pub(crate) fn release(&mut self, run: &str) -> Vec<String> {
        let run = self.run_called(run);
        let limit = self.last_holds[&run];
        self.steer(Control::ReleaseHold { limit, run })
    }

    /// `RUN cancel|skip-sleep|time-out|answer|retry [STEP [PAYLOAD]]`.
    pub(crate) fn control_run(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let step = words.get(2).map(|step| StepId::new(*step));
        let control = match (words[1], step) {
            ("cancel", None) => RunControl::Cancel,
            ("skip-sleep", Some(step)) => RunControl::SkipSleep(step),
            ("time-out", Some(step)) => RunControl::TimeOut(step),
            ("answer", Some(step)) => {
                RunControl::Answer(step, Json::parse(words[3].as_bytes()).unwrap())
            }
            ("retry", step) => RunControl::Retry(step),
            _ => panic!("not a control of a run: {line}"),
        };
        let run = self.run_called(words[0]);
        self.steer(Control::Run {
            run,
            control,
            reason: None,
        })
    }

    /// `RUN [failure|from STEP [INPUT]]`.
    pub(crate) fn rerun(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let from = match words[1..] {
            [] => RerunFrom::Start,
            ["failure"] => RerunFrom::Failure,
            ["from", step] => RerunFrom::Step {
                step: step.to_owned(),
                input: None,
            },
            ["from", step, input] => RerunFrom::Step {
                step: step.to_owned(),
                input: Some(Json::parse(input.as_bytes()).unwrap()),
            },
            _ => panic!("not a rerun: {line}"),
        };
        let run = self.run_called(words[0]);
        self.rerun_as(None, run, from, None)
    }

    pub(crate) fn replay(&mut self, run: &str) -> Vec<String> {
        let run = self.run_called(run);
        let operation = OperationId::from_parts(Timestamp::default(), 1);
        let id = Some(operation.rerun_of(run));
        self.rerun_as(id, run, RerunFrom::Start, Some(operation))
    }

    fn rerun_as(
        &mut self,
        id: Option<RunId>,
        run: RunId,
        from: RerunFrom,
        operation: Option<OperationId>,
    ) -> Vec<String> {
        let steps = block_on(self.store.run_steps(run)).unwrap();
        let plan = match RerunPlan::new(steps, &from) {
            Ok(plan) => plan,
            Err(error) => return vec![error.to_string()],
        };
        let source = block_on(self.store.run_view(run)).unwrap().unwrap();
        let events = block_on(self.store.run_events(run)).unwrap();
        self.steer(Control::Rerun(Box::new(Rerun {
            id,
            source,
            original: run,
            events,
            from,
            plan,
            operation,
            reason: None,
        })))
    }

    fn steer(&mut self, request: Control) -> Vec<String> {
        let input = self.control(request);
        self.handle(input)
    }

    fn control(&mut self, control: Control) -> Input {
        self.audits += 1;
        Input::Control {
            control: Box::new(control),
            id: AuditId::from_parts(self.now, self.audits),
            actor: None,
            reply_to: ReplyTo(8),
        }
    }

    /// `JOB [retry-in=D] unreachable|overloaded`.
    pub(crate) fn away(&mut self, line: &str) -> Vec<String> {
        let (job, options, cause) = self.parse(line);
        let delay = options.get("retry-in");
        let (turned_away, status) = match cause {
            "unreachable" => (TurnedAway::Unreachable, None),
            "overloaded" => (TurnedAway::Overloaded, Some(503)),
            _ => panic!("unreachable or overloaded: {line}"),
        };
        let reply = Reply {
            outcome: Outcome::Error(UserError::new("Error", cause)),
            request_version: None,
            no_retry: None,
            retry_at: delay.map(|delay| self.now + parse_duration(delay).unwrap()),
            status,
            turned_away: Some(turned_away),
            timing: None,
        };
        self.handle(Input::CallEnded(Box::new(CallEnded {
            job,
            generation: self.called[&job],
            request: RequestId::from_parts(self.now, self.entropy),
            reply,
            started_at: self.now,
            duration: Duration::from_millis(5),
        })))
    }

    /// Remember what `fire`, `flush` and `release` are about.
    pub(super) fn note_held(&mut self, change: &Change) {
        match change {
            Change::PutDebounce(record) => self.last_debounce = Some(record.id),
            Change::PutBatch(record) => self.last_batch = Some(record.id),
            Change::PutHold(record) => {
                self.last_holds.insert(record.run, record.limit);
            }
            _ => {}
        }
    }
}

/// `FUNCTION LIMIT[:KEY]`.
fn limit_called(text: &str) -> (FunctionId, LimitName, Option<&str>) {
    let (function, limit) = text.split_once(' ').unwrap();
    let (name, key) = match limit.split_once(':') {
        Some((name, key)) => (name, Some(key)),
        None => (limit, None),
    };
    let names = [
        LimitName::Concurrency,
        LimitName::SecondConcurrency,
        LimitName::RunConcurrency,
        LimitName::Throttle,
        LimitName::RateLimit,
    ];
    let limit = names.into_iter().find(|known| known.as_str() == name);
    (function_id(function), limit.unwrap(), key)
}

fn function_id(name: &str) -> FunctionId {
    FunctionId::derive(AppId::derive("t"), &format!("t-{name}"))
}
