//! What is made of which rows: calls and their attempts here, what steps are about in `steps`, where
//! metadata and spans of user code go in `placed`.

mod placed;
mod steps;

use std::fmt::Write as _;
use std::time::Duration;

use everstep_core::record::{
    AttemptOutcome, Epoch, JobKind, MetadataTarget, SkipReason, StepKind, StepStatus, WaitReason,
};
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{AppId, FunctionId, JobId, Json, RequestId, SpanId, StepId, UserError};

use super::*;

const START: i64 = 1_700_000_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect("it is JSON")
}

fn run_id() -> RunId {
    RunId::from_parts(at(0), 1)
}

fn event_id(number: u128) -> EventId {
    EventId::from_parts(at(0), number)
}

/// A run that began at 1 and returned at 100.
fn rows() -> Rows {
    let function = FunctionId::derive(AppId::derive("shop"), "shop-pay");
    Rows {
        run: RunRecord {
            id: run_id(),
            function,
            function_version: 1,
            status: RunStatus::Completed,
            started_at: Some(at(1)),
            ended_at: Some(at(100)),
            max_attempts: 4,
            request_version: 2,
            parallel: false,
            next_job: 9,
            generation: 9,
            state_bytes: 0,
            steps_done: 0,
            invoked_by: Vec::new(),
            batch: None,
            keys: None,
            priority: 0,
            output: Some(json("{\"ok\":true}")),
        },
        events: Vec::new(),
        steps: Vec::new(),
        attempts: Vec::new(),
        jobs: Vec::new(),
        metadata: Vec::new(),
        spans: Vec::new(),
        skip: None,
        triggered: Vec::new(),
    }
}

fn step(id: &str, kind: StepKind, from: i64, to: i64) -> StepRecord {
    StepRecord {
        run: run_id(),
        id: StepId::new(id),
        kind,
        status: StepStatus::Completed,
        name: format!("step {id}").into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: Some(0),
        value: Some(json("{\"data\":1}")),
        trace: None,
        created_at: at(from),
        started_at: None,
        ended_at: Some(at(to)),
    }
}

/// One that has no value yet.
fn open(id: &str, kind: StepKind, status: StepStatus, from: i64) -> StepRecord {
    StepRecord {
        status,
        position: None,
        value: None,
        ended_at: None,
        ..step(id, kind, from, from)
    }
}

/// A call that was due a millisecond before it was made.
fn call(number: u32, step: Option<&str>, attempt: u32, from: i64, to: i64) -> AttemptRecord {
    AttemptRecord {
        job: JobId::discovery(run_id()),
        request: request(number),
        generation: number,
        attempt,
        step: step.map(StepId::new),
        outcome: AttemptOutcome::Succeeded,
        due_at: at(from - 1),
        started_at: at(from),
        duration: Duration::from_millis(u64::try_from(to - from).expect("it ends later")),
        timing: None,
        http_status: Some(206),
        error: None,
    }
}

fn failed(outcome: AttemptOutcome, call: AttemptRecord) -> AttemptRecord {
    AttemptRecord {
        outcome,
        http_status: Some(500),
        error: Some(UserError::new("Error", "no")),
        ..call
    }
}

fn request(number: u32) -> RequestId {
    RequestId::from_parts(at(0), u128::from(number))
}

fn traced(step: StepRecord, trace: &StepTrace) -> StepRecord {
    StepRecord {
        trace: Some(trace.to_json()),
        ..step
    }
}

fn span(number: u8, parent: Option<u8>, step: Option<&str>) -> SpanRecord {
    let start = u64::try_from(START).expect("it is positive") * 1_000_000;
    SpanRecord {
        run: run_id(),
        id: SpanId::from_bytes([number; 8]),
        parent: parent.map(|parent| SpanId::from_bytes([parent; 8])),
        call: Seed::Call(request(1)).span_id(),
        step: step.map(StepId::new),
        attempt: None,
        name: format!("span {number}").into(),
        started_ns: start + u64::from(number) * 1_500_000,
        ended_ns: start + u64::from(number) * 1_500_000 + 250_000,
        is_failed: false,
        detail: Json::object([]),
    }
}

/// One line for each span: name, status, when it was queued, started and ended, attempts.
fn shown(rows: &Rows) -> String {
    let mut text = String::from("\n");
    show(&build(rows), 0, &mut text);
    text
}

fn show(span: &Span, depth: usize, text: &mut String) {
    let time = |at: Option<Timestamp>| {
        at.map_or("-".to_owned(), |at| (at.as_millis() - START).to_string())
    };
    let (queued, started) = (time(Some(span.queued_at)), time(span.started_at));
    let attempts = span
        .attempts
        .map_or(String::new(), |it| format!(" attempts={it}"));
    let indent = "  ".repeat(depth);
    let ended = time(span.ended_at);
    let line = format!(
        "{indent}{} {:?} {queued} {started} {ended}{attempts}",
        span.name, span.status
    );
    writeln!(text, "{line}").expect("a text takes more");
    for child in &span.children {
        show(child, depth + 1, text);
    }
}

fn only_step(rows: &Rows) -> Span {
    build(rows).children.remove(0)
}

#[test]
fn tt_1_2_4_6_a_run_of_sequential_steps() {
    let mut rows = rows();
    rows.steps = vec![
        step("a", StepKind::Run, 10, 10),
        step("b", StepKind::Run, 20, 20),
    ];
    rows.attempts = vec![
        call(1, Some("a"), 0, 2, 10),
        call(2, Some("b"), 0, 12, 20),
        call(3, None, 0, 22, 30),
    ];
    rows.run.ended_at = Some(at(30));
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 30
  step a Completed 1 2 10 attempts=0
  step b Completed 11 12 20 attempts=0
  Finalization Completed 20 22 30 attempts=0
"
    );
    let root = build(&rows);
    assert_eq!(root.id, Seed::Run(run_id()).span_id());
    assert_eq!(root.output, rows.run.output);
    let first = &root.children[0];
    assert_eq!(first.id, Seed::Step(&StepId::new("a")).span_id());
    assert_eq!(first.output, Some(json("1")));
    let attempt = first.attempt.expect("it was called");
    assert_eq!(attempt.http_status, Some(206));
    assert_eq!(attempt.timing.queued, Duration::from_millis(1));
    assert_eq!(attempt.timing.call, Duration::from_millis(8));
    let body = &root.children[2];
    assert_eq!(
        (&body.kind, &body.output),
        (&SpanKind::Finalization, &rows.run.output)
    );
}

#[test]
fn tt_3_11_attempts_are_children_in_order() {
    let mut rows = rows();
    rows.steps = vec![step("a", StepKind::Run, 10, 60)];
    rows.attempts = vec![
        failed(AttemptOutcome::Retried, call(1, Some("a"), 0, 2, 10)),
        failed(AttemptOutcome::Retried, call(2, Some("a"), 1, 31, 40)),
        call(3, Some("a"), 2, 51, 60),
        call(4, None, 0, 62, 100),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 100
  step a Completed 1 2 60 attempts=2
    Attempt 0 Failed 1 2 10
    Attempt 1 Failed 10 31 40
    Attempt 2 Completed 40 51 60
  Finalization Completed 60 62 100 attempts=0
"
    );
    let step = only_step(&rows);
    let timing = step.children[1].attempt.expect("it was called").timing;
    assert_eq!(timing.backoff, Duration::from_millis(20));
    assert_eq!(timing.queued, Duration::from_millis(1));
    assert_eq!(
        step.children[1].error,
        Some(UserError::new("Error", "no").json)
    );
    assert_eq!(
        step.children[0].id,
        Seed::Attempt(&StepId::new("a"), 0).span_id()
    );
}

#[test]
fn a_retry_that_is_due_later_is_shown() {
    let mut rows = rows();
    rows.run.status = RunStatus::Running;
    rows.run.ended_at = None;
    rows.steps = vec![open("a", StepKind::Run, StepStatus::Retrying, 10)];
    rows.attempts = vec![failed(
        AttemptOutcome::Retried,
        call(1, Some("a"), 0, 2, 10),
    )];
    rows.jobs = vec![JobRecord {
        id: JobId::discovery(run_id()),
        kind: JobKind::Discovery,
        due_at: at(500),
        reason: WaitReason::Backoff,
        attempt: 1,
        generation: 2,
        epoch: Epoch(1),
        created_at: at(0),
    }];
    assert_eq!(
        shown(&rows),
        "
Run Running 0 1 -
  step a Running 1 2 - attempts=1
    Attempt 0 Failed 1 2 10
    Attempt 1 Queued 10 - -
"
    );
    assert_eq!(
        only_step(&rows).error,
        Some(UserError::new("Error", "no").json)
    );
}

/// The app was away: that was no attempt, but it took time.
#[test]
fn a_call_that_did_not_get_there_is_part_of_its_attempt() {
    let mut rows = rows();
    rows.steps = vec![step("a", StepKind::Run, 10, 60)];
    rows.attempts = vec![
        failed(AttemptOutcome::Retried, call(1, Some("a"), 0, 2, 10)),
        failed(AttemptOutcome::Retried, call(2, None, 1, 20, 21)),
        failed(AttemptOutcome::Retried, call(3, None, 1, 30, 31)),
        call(4, Some("a"), 1, 51, 60),
        call(5, None, 0, 62, 100),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 100
  step a Completed 1 2 60 attempts=1
    Attempt 0 Failed 1 2 10
    Attempt 1 Completed 10 51 60
  Finalization Completed 60 62 100 attempts=0
"
    );
    assert_eq!(call_list(&rows).count(), 5);
}

#[test]
fn tt_5_6_failures_of_the_function_itself() {
    let mut rows = rows();
    rows.steps = vec![step("a", StepKind::Run, 10, 10)];
    rows.run.status = RunStatus::Failed;
    rows.attempts = vec![
        call(1, Some("a"), 0, 2, 10),
        failed(AttemptOutcome::Retried, call(2, None, 0, 12, 20)),
        failed(AttemptOutcome::Failed, call(3, None, 1, 90, 100)),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Failed 0 1 100
  step a Completed 1 2 10 attempts=0
  Finalization Failed 10 12 100 attempts=1
    Attempt 0 Failed 10 12 20
    Attempt 1 Failed 20 90 100
"
    );
    let root = build(&rows);
    assert_eq!((&root.output, &root.error), (&None, &rows.run.output));
}

#[test]
fn tt_5_discoveries_are_hidden_unless_they_failed() {
    let mut rows = rows();
    rows.steps = vec![StepRecord {
        created_at: at(40),
        ..step("a", StepKind::Run, 10, 60)
    }];
    let targeted = |number, from, to| AttemptRecord {
        job: JobId {
            run: run_id(),
            number: 1,
        },
        ..call(number, Some("a"), 0, from, to)
    };
    rows.attempts = vec![
        failed(AttemptOutcome::Retried, call(1, None, 0, 2, 10)),
        call(2, None, 1, 20, 30),
        targeted(3, 41, 60),
        call(4, None, 0, 62, 70),
        call(5, None, 0, 80, 100),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 100
  Discovery step Completed 1 2 30 attempts=1
    Attempt 0 Failed 1 2 10
    Attempt 1 Completed 10 20 30
  step a Completed 40 41 60 attempts=0
  Finalization Completed 60 80 100 attempts=0
"
    );
}

/// Its steps came in checkpoints, without calls of their own.
#[test]
fn a_run_of_checkpoints_knows_when_user_code_ran() {
    let mut rows = rows();
    let measured = StepRecord {
        started_at: Some(at(5)),
        ..step("a", StepKind::Run, 9, 8)
    };
    rows.steps = vec![measured, step("b", StepKind::Run, 9, 9)];
    rows.attempts = vec![call(1, None, 0, 2, 100)];
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 100
  step a Completed 5 5 8
  step b Completed 9 9 9
  Finalization Completed 9 9 100 attempts=0
"
    );
}

#[test]
fn what_is_open_when_the_run_is_cancelled_is_cancelled() {
    let mut rows = rows();
    rows.run.status = RunStatus::Cancelled;
    rows.run.output = None;
    rows.steps = vec![
        open("a", StepKind::Sleep, StepStatus::Sleeping, 10),
        open("b", StepKind::Run, StepStatus::Planned, 11),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Cancelled 0 1 100
  step a Cancelled 10 10 100
  step b Cancelled 11 - 100
"
    );
    rows.run.status = RunStatus::Running;
    rows.run.ended_at = None;
    assert_eq!(
        shown(&rows),
        "
Run Running 0 1 -
  step a Waiting 10 10 -
  step b Queued 11 - -
"
    );
}

#[test]
fn tt_23_a_skipped_run_says_why_and_has_no_children() {
    let mut rows = rows();
    rows.run.status = RunStatus::Skipped;
    rows.run.started_at = None;
    rows.skip = Some(SkipRecord {
        event: event_id(1),
        function: rows.run.function,
        reason: SkipReason::Singleton,
        detail: Some(run_id().to_string().into()),
    });
    let root = build(&rows);
    assert_eq!(root.children, []);
    let expected = Skip {
        reason: SkipReason::Singleton,
        existing_run: Some(run_id()),
    };
    assert_eq!(root.skip, Some(expected));
}
