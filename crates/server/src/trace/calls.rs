//! Which calls executed which step, and which the function around them.

use std::collections::HashMap;

use everstep_core::record::{
    AttemptOutcome, AttemptRecord, JobKind, JobRecord, RunRecord, RunStatus,
};
use everstep_protocol::trace::Seed;
use everstep_protocol::{JobId, Json, SpanId, StepId, Timestamp};

use super::noted::Noted;
use super::tree::{Attempt, Span, SpanKind, SpanStatus, Timing};
use super::userland::Userland;
use super::{Rows, ended_with};

/// A call, also one that the tree does not show because it only found out what came next.
#[derive(Debug)]
pub struct Call<'a> {
    /// As the app was told.
    pub span: SpanId,
    pub record: &'a AttemptRecord,
}

/// Every call of the run, oldest first.
pub fn call_list(rows: &Rows) -> impl Iterator<Item = Call<'_>> {
    rows.attempts.iter().map(|record| Call {
        span: Seed::Call(record.request).span_id(),
        record,
    })
}

/// The calls of a run by what they executed, each list oldest first.
pub(super) struct Calls<'a> {
    run: &'a RunRecord,
    by_step: HashMap<&'a StepId, Vec<&'a AttemptRecord>>,
    body: Vec<&'a AttemptRecord>,
    /// Of the last call of all.
    last_started_at: Option<Timestamp>,
    /// Those that failed, and led to no step in the end, with the one that did not fail.
    discoveries: Vec<Vec<&'a AttemptRecord>>,
}

impl<'a> Calls<'a> {
    pub(super) fn of(rows: &'a Rows) -> Self {
        let mut calls = Self {
            run: &rows.run,
            by_step: HashMap::new(),
            body: Vec::new(),
            last_started_at: rows.attempts.last().map(|attempt| attempt.started_at),
            discoveries: Vec::new(),
        };
        // A discovery and what was tried again of it.
        let mut tries = Vec::new();
        for attempt in &rows.attempts {
            if attempt.job.number != JobId::DISCOVERY {
                if let Some(step) = &attempt.step {
                    calls.by_step.entry(step).or_default().push(attempt);
                }
                continue;
            }
            tries.push(attempt);
            if attempt.outcome != AttemptOutcome::Retried {
                calls.put(std::mem::take(&mut tries));
            }
        }
        if !tries.is_empty() {
            calls.put(tries);
        }
        calls
    }

    /// Sort in a discovery with what was tried again of it.
    fn put(&mut self, tries: Vec<&'a AttemptRecord>) {
        let Some(last) = tries.last() else { return };
        if let Some(step) = tries.iter().rev().find_map(|it| it.step.as_ref()) {
            self.by_step.entry(step).or_default().extend(tries);
        } else if last.outcome == AttemptOutcome::Failed || self.is_end(last) {
            self.body = tries;
        } else if tries.len() > 1 || last.outcome == AttemptOutcome::Retried {
            self.discoveries.push(tries);
        }
    }

    /// Whether the function returned in this call.
    fn is_end(&self, attempt: &AttemptRecord) -> bool {
        self.run.status == RunStatus::Completed
            && self.last_started_at == Some(attempt.started_at)
            && attempt.outcome == AttemptOutcome::Succeeded
    }

    /// Those that executed a step.
    pub(super) fn take(&mut self, step: &StepId) -> Vec<&'a AttemptRecord> {
        self.by_step.remove(step).unwrap_or_default()
    }

    /// Spans of calls that failed before it was known what comes next.
    pub(super) fn discoveries(&mut self) -> Vec<Span> {
        let discoveries = std::mem::take(&mut self.discoveries);
        let spans = discoveries.into_iter().filter_map(|tries| {
            let (first, last) = (tries.first()?, tries.last()?);
            let id = Seed::BodyAttempt(self.run.id, first.request).span_id();
            let is_open = last.outcome == AttemptOutcome::Retried;
            let status = match (is_open, ended_with(self.run)) {
                (false, _) => SpanStatus::Completed,
                (true, None) => SpanStatus::Running,
                (true, Some(_)) => SpanStatus::Cancelled,
            };
            let ended_at = match is_open {
                true => ended_with(self.run),
                false => Some(end_of(last)),
            };
            Some(Span {
                attempts: Some(last.attempt),
                started_at: Some(first.started_at),
                ended_at,
                children: self.body_attempts(&tries, first.due_at),
                ..Span::new(
                    id,
                    "Discovery step",
                    SpanKind::Discovery,
                    status,
                    first.due_at,
                )
            })
        });
        spans.collect()
    }

    /// The span of what the function did after its last step, which ended at `last_end` (TT-6).
    pub(super) fn body(
        &self,
        last_end: Option<Timestamp>,
        userland: &mut Userland<'_>,
        noted: &mut Noted<'_>,
    ) -> Option<Span> {
        let status = match self.run.status {
            RunStatus::Completed => SpanStatus::Completed,
            RunStatus::Failed if !self.body.is_empty() => SpanStatus::Failed,
            RunStatus::Queued
            | RunStatus::Running
            | RunStatus::Failed
            | RunStatus::Cancelled
            | RunStatus::Skipped => return None,
        };
        let queued_at = last_end.unwrap_or(self.run.id.timestamp());
        let started_at = self.body.first().map(|first| first.started_at);
        let mut span = Span {
            attempts: self.body.last().map(|last| last.attempt),
            started_at: Some(started_at.unwrap_or(queued_at).max(queued_at)),
            ended_at: self.run.ended_at,
            ..Span::new(
                Seed::Body(self.run.id).span_id(),
                "Finalization",
                SpanKind::Finalization,
                status,
                queued_at,
            )
        };
        let result = self.run.output.clone();
        if status == SpanStatus::Failed {
            span.error = result;
        } else if self.body.len() < 2 {
            span.output = result;
        }
        match self.body.as_slice() {
            // TT-4
            [only] if only.outcome == AttemptOutcome::Succeeded => {
                span.attempt = Some(attempt_of(only, queued_at, None));
            }
            tries => span.children = self.body_attempts(tries, queued_at),
        }
        for attempt in &self.body {
            let of_call = userland.take_call(Seed::Call(attempt.request).span_id(), noted);
            span.children.extend(of_call);
        }
        Some(span)
    }

    fn body_attempts(&self, tries: &[&AttemptRecord], queued_at: Timestamp) -> Vec<Span> {
        let id =
            |attempt: &AttemptRecord| Seed::BodyAttempt(self.run.id, attempt.request).span_id();
        attempt_spans(tries, queued_at, id)
    }
}

/// One span for each attempt; of calls that did not get to the app, and were made again as the same
/// attempt, only the last.
pub(super) fn attempt_spans(
    tries: &[&AttemptRecord],
    queued_at: Timestamp,
    id: impl Fn(&AttemptRecord) -> SpanId,
) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(tries.len());
    let mut queued_at = queued_at;
    for record in tries {
        let number = record.attempt;
        let status = match record.outcome {
            AttemptOutcome::Succeeded => SpanStatus::Completed,
            AttemptOutcome::Retried | AttemptOutcome::Failed => SpanStatus::Failed,
        };
        let again = spans.pop_if(|last| last.kind == SpanKind::Attempt(number));
        // TT-11
        queued_at = again.map_or(queued_at, |before| before.queued_at);
        let ended_at = end_of(record);
        spans.push(Span {
            started_at: Some(record.started_at),
            ended_at: Some(ended_at),
            measured: Some(record.duration),
            error: record.error.as_ref().map(|error| error.json.clone()),
            attempt: Some(attempt_of(record, queued_at, None)),
            ..Span::new(
                id(record),
                &format!("Attempt {number}"),
                SpanKind::Attempt(number),
                status,
                queued_at,
            )
        });
        queued_at = ended_at;
    }
    spans
}

/// The attempt that comes next, if a job of the run is to be tried again.
pub(super) fn pending_attempt<'a>(
    jobs: &'a [JobRecord],
    step: &StepId,
    tries: &[&AttemptRecord],
) -> Option<&'a JobRecord> {
    let last = tries.last()?;
    let job = jobs.iter().find(|job| job.id == last.job)?;
    let is_for_step = match &job.kind {
        JobKind::Discovery => true,
        kind => kind.step() == Some(step),
    };
    (is_for_step && job.attempt > last.attempt).then_some(job)
}

/// The call of an attempt, which waited from `queued_at` on.
pub(super) fn attempt_of(
    record: &AttemptRecord,
    queued_at: Timestamp,
    user_code: Option<std::time::Duration>,
) -> Attempt {
    Attempt {
        http_status: record.http_status,
        timing: Timing {
            backoff: record.due_at.since(queued_at),
            queued: record.started_at.since(record.due_at),
            call: record.duration,
            until_answer: record.timing,
            user_code,
        },
    }
}

pub(super) fn end_of(record: &AttemptRecord) -> Timestamp {
    record.started_at + record.duration
}

/// The error of the last attempt, if that is how it ended.
pub(super) fn last_error(tries: &[&AttemptRecord]) -> Option<Json> {
    let error = tries.last()?.error.as_ref()?;
    Some(error.json.clone())
}
