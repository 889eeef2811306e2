//! The span of a step.

use std::collections::HashMap;
use std::time::Duration;

use everstep_core::record::{
    AttemptOutcome, AttemptRecord, StepKind, StepRecord, StepStatus, StepTrace,
};
use everstep_protocol::trace::Seed;
use everstep_protocol::{EventId, Json, RunId, Timestamp};
use everstep_store::TriggeredRun;

use super::calls::{attempt_of, attempt_spans, last_error, pending_attempt};
use super::noted::Noted;
use super::tree::{Link, Span, SpanKind, SpanStatus, StepInfo, StepOp, StepPart};
use super::userland::Userland;
use super::{Rows, ended_with, trace_of};

/// What SDKs call a step that sends events.
const SEND_EVENT: &str = "step.sendEvent";

/// A step with all that is known of it.
pub(super) struct Step<'a> {
    rows: &'a Rows,
    record: &'a StepRecord,
    trace: StepTrace,
    tries: &'a [&'a AttemptRecord],
}

impl<'a> Step<'a> {
    pub(super) fn new(
        rows: &'a Rows,
        record: &'a StepRecord,
        tries: &'a [&'a AttemptRecord],
    ) -> Self {
        Self {
            rows,
            record,
            trace: trace_of(record),
            tries,
        }
    }

    pub(super) fn span(
        self,
        links: &HashMap<EventId, Vec<TriggeredRun>>,
        noted: &mut Noted<'_>,
        userland: &mut Userland<'_>,
    ) -> Span {
        let record = self.record;
        let sent = sent_events(record, &self.trace);
        let links: Vec<Link> = sent
            .into_iter()
            .map(|event| Link {
                runs: links.get(&event).cloned().unwrap_or_default(),
                event,
            })
            .collect();
        let mut span = Span {
            attempts: self.tries.last().map(|last| last.attempt),
            started_at: self.started_at(),
            ended_at: record.ended_at.or(ended_with(&self.rows.run)),
            input: self
                .trace
                .given_input
                .clone()
                .or_else(|| self.trace.input.clone()),
            output: self.output(),
            error: self.error(),
            ..Span::new(
                Seed::Step(&record.id).span_id(),
                self.name(),
                SpanKind::Step(Box::new(self.part(&links))),
                self.status(),
                record.created_at.min(self.first_queued_at()),
            )
        };
        span.links = links;
        self.put_attempts(&mut span);
        userland.put_step(&mut span, &record.id, noted);
        noted.put_step(&mut span, &record.id);
        span
    }

    /// TT-7
    fn name(&self) -> &str {
        match &*self.record.name {
            "" => "Unknown step",
            name => name,
        }
    }

    fn part(&self, links: &[Link]) -> StepPart {
        let run = links.first().and_then(|link| link.runs.first());
        StepPart {
            id: self.record.id.clone(),
            op: match self.record.kind {
                StepKind::Run => StepOp::Run,
                StepKind::Sleep => StepOp::Sleep,
                StepKind::WaitForEvent => StepOp::WaitForEvent,
                StepKind::WaitForSignal => StepOp::WaitForSignal,
                StepKind::Invoke => StepOp::Invoke,
                StepKind::Fetch | StepKind::Infer => StepOp::AiGateway,
            },
            step_type: self.record.step_type.clone(),
            info: self.info(run.map(|run| run.run)),
            request: self.trace.request.clone(),
            input_size: self.trace.input_size,
        }
    }

    /// What it is about, as far as that was kept: a step of an earlier version says nothing.
    fn info(&self, run: Option<RunId>) -> Option<StepInfo> {
        let trace = &self.trace;
        let (until, timed_out) = (trace.until?, trace.timed_out);
        Some(match self.record.kind {
            StepKind::Sleep => StepInfo::Sleep { until },
            StepKind::WaitForEvent => StepInfo::WaitForEvent {
                event: trace.event.clone()?,
                condition: trace.condition.clone(),
                until,
                found_event: trace.found_event,
                timed_out,
            },
            StepKind::WaitForSignal => StepInfo::WaitForSignal {
                signal: trace.signal.clone()?,
                until,
                timed_out,
            },
            StepKind::Invoke => StepInfo::Invoke {
                triggering_event: trace.sent_event?,
                function: trace.function.clone()?,
                until,
                run,
                timed_out,
            },
            StepKind::Run | StepKind::Fetch | StepKind::Infer => return None,
        })
    }

    fn status(&self) -> SpanStatus {
        match self.record.status {
            StepStatus::Completed => SpanStatus::Completed,
            StepStatus::Failed => SpanStatus::Failed,
            _ if ended_with(&self.rows.run).is_some() => SpanStatus::Cancelled,
            StepStatus::Planned => SpanStatus::Queued,
            StepStatus::Retrying => SpanStatus::Running,
            StepStatus::Sleeping | StepStatus::Waiting => SpanStatus::Waiting,
        }
    }

    /// TT-3; user code knows better than the call around it.
    fn started_at(&self) -> Option<Timestamp> {
        let called_at = self.tries.first().map(|first| first.started_at);
        match self.record.kind {
            StepKind::Run | StepKind::Fetch | StepKind::Infer => {
                let ended_at = self.record.ended_at.map(|_| self.record.created_at);
                self.record.started_at.or(called_at).or(ended_at)
            }
            StepKind::Sleep
            | StepKind::WaitForEvent
            | StepKind::WaitForSignal
            | StepKind::Invoke => Some(self.record.created_at),
        }
    }

    fn first_queued_at(&self) -> Timestamp {
        let first = self.tries.first().map(|first| first.due_at);
        let begun = self.record.started_at.unwrap_or(self.record.created_at);
        first.unwrap_or(begun)
    }

    /// What user code got, without the wrapper that calls carry it in (TT-21).
    fn output(&self) -> Option<Json> {
        let value = self.record.value.as_ref()?;
        match self.record.kind {
            StepKind::WaitForEvent => Some(value.clone()).filter(|event| !event.is_null()),
            StepKind::Sleep => None,
            StepKind::Run
            | StepKind::WaitForSignal
            | StepKind::Invoke
            | StepKind::Fetch
            | StepKind::Infer => value.member("data"),
        }
    }

    fn error(&self) -> Option<Json> {
        match self.record.status {
            StepStatus::Failed => self.record.value.as_ref()?.member("error"),
            StepStatus::Retrying => last_error(self.tries),
            StepStatus::Planned
            | StepStatus::Sleeping
            | StepStatus::Waiting
            | StepStatus::Completed => None,
        }
    }

    fn put_attempts(&self, span: &mut Span) {
        let step = &self.record.id;
        if let [only] = self.tries
            && only.outcome == AttemptOutcome::Succeeded
        {
            // TT-4
            span.attempt = Some(attempt_of(only, span.queued_at, self.user_code()));
            return;
        }
        let id = |attempt: &AttemptRecord| Seed::Attempt(step, attempt.attempt).span_id();
        span.children = attempt_spans(self.tries, span.queued_at, id);
        if let Some(job) = pending_attempt(&self.rows.jobs, step, self.tries) {
            let number = job.attempt;
            let ended_at = span.children.last().and_then(|last| last.ended_at);
            span.attempts = Some(number);
            span.children.push(Span::new(
                Seed::Attempt(step, number).span_id(),
                &format!("Attempt {number}"),
                SpanKind::Attempt(number),
                SpanStatus::Queued,
                ended_at.unwrap_or(job.created_at),
            ));
        }
    }

    fn user_code(&self) -> Option<Duration> {
        let started_at = self.record.started_at?;
        Some(self.record.ended_at?.since(started_at))
    }
}

/// Whether the step may have sent events: most have not, and are not looked into.
pub(super) fn may_send(step: &StepRecord) -> bool {
    step.kind == StepKind::Invoke || step.step_type.as_deref() == Some(SEND_EVENT)
}

/// The events that a step sent, by their ids.
pub(super) fn sent_events(step: &StepRecord, trace: &StepTrace) -> Vec<EventId> {
    if let Some(event) = trace.sent_event {
        return vec![event];
    }
    if step.step_type.as_deref() != Some(SEND_EVENT) {
        return Vec::new();
    }
    let output = step.value.as_ref().and_then(|value| value.member("data"));
    let ids = output.and_then(|output| output.member("ids"));
    let ids = ids.iter().flat_map(Json::items);
    ids.filter_map(|id| id.to_text()?.parse().ok()).collect()
}
