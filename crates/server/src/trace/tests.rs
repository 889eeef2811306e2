//! What is made of which rows.

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

#[test]
fn step_info_of_every_kind() {
    let until = Some(at(900));
    let cases = [
        (
            StepKind::Sleep,
            StepTrace {
                until,
                ..StepTrace::default()
            },
            StepInfo::Sleep { until: at(900) },
        ),
        (
            StepKind::WaitForEvent,
            StepTrace {
                until,
                event: Some("shop/paid".to_owned()),
                condition: Some("async.data.n == 1".to_owned()),
                found_event: Some(event_id(7)),
                timed_out: Some(false),
                ..StepTrace::default()
            },
            StepInfo::WaitForEvent {
                event: "shop/paid".to_owned(),
                condition: Some("async.data.n == 1".to_owned()),
                until: at(900),
                found_event: Some(event_id(7)),
                timed_out: Some(false),
            },
        ),
        (
            StepKind::WaitForSignal,
            StepTrace {
                until,
                signal: Some("go".to_owned()),
                ..StepTrace::default()
            },
            StepInfo::WaitForSignal {
                signal: "go".to_owned(),
                until: at(900),
                timed_out: None,
            },
        ),
        (
            StepKind::Invoke,
            StepTrace {
                until,
                function: Some("shop-ship".to_owned()),
                sent_event: Some(event_id(3)),
                timed_out: Some(true),
                ..StepTrace::default()
            },
            StepInfo::Invoke {
                triggering_event: event_id(3),
                function: "shop-ship".to_owned(),
                until: at(900),
                run: Some(RunId::from_parts(at(0), 2)),
                timed_out: Some(true),
            },
        ),
    ];
    for (kind, trace, info) in cases {
        let mut rows = rows();
        rows.steps = vec![traced(step("a", kind, 10, 20), &trace)];
        rows.triggered = vec![TriggeredRun {
            event: event_id(3),
            run: RunId::from_parts(at(0), 2),
            function: rows.run.function,
            status: RunStatus::Running,
        }];
        let SpanKind::Step(part) = only_step(&rows).kind else {
            panic!("it is a step");
        };
        assert_eq!(part.info, Some(info));
    }
}

/// TT-21
#[test]
fn outputs_come_without_their_wrapper() {
    let cases = [
        (StepKind::Run, "{\"data\":{\"n\":1}}", Some("{\"n\":1}")),
        (
            StepKind::WaitForEvent,
            "{\"data\":{},\"name\":\"e\"}",
            Some("{\"data\":{},\"name\":\"e\"}"),
        ),
        (StepKind::WaitForEvent, "null", None),
        (StepKind::Sleep, "null", None),
        (StepKind::Invoke, "{\"data\":null}", Some("null")),
    ];
    for (kind, value, output) in cases {
        let mut rows = rows();
        rows.steps = vec![StepRecord {
            value: Some(json(value)),
            ..step("a", kind, 10, 20)
        }];
        assert_eq!(
            only_step(&rows).output,
            output.map(json),
            "{kind:?} {value}"
        );
    }
    let mut rows = rows();
    rows.steps = vec![StepRecord {
        status: StepStatus::Failed,
        value: Some(json("{\"error\":{\"message\":\"m\"}}")),
        ..step("a", StepKind::Run, 10, 20)
    }];
    let failed = only_step(&rows);
    assert_eq!(failed.status, SpanStatus::Failed);
    assert_eq!(
        (failed.output, failed.error),
        (None, Some(json("{\"message\":\"m\"}")))
    );
}

#[test]
fn events_that_a_step_sent_are_linked_with_their_runs() {
    let mut rows = rows();
    let ids = format!(
        "{{\"data\":{{\"ids\":[\"{}\",\"nonsense\",\"{}\"]}}}}",
        event_id(1),
        event_id(2)
    );
    rows.steps = vec![StepRecord {
        step_type: Some("step.sendEvent".into()),
        value: Some(json(&ids)),
        ..step("a", StepKind::Run, 10, 20)
    }];
    let run = TriggeredRun {
        event: event_id(2),
        run: RunId::from_parts(at(0), 5),
        function: rows.run.function,
        status: RunStatus::Failed,
    };
    rows.triggered = vec![run];
    let expected = [
        Link {
            event: event_id(1),
            runs: Vec::new(),
        },
        Link {
            event: event_id(2),
            runs: vec![run],
        },
    ];
    assert_eq!(only_step(&rows).links, expected);
}

#[test]
fn tt_22_metadata_is_with_what_it_is_about() {
    let mut rows = rows();
    rows.steps = vec![step("a", StepKind::Run, 10, 60)];
    rows.attempts = vec![
        failed(AttemptOutcome::Retried, call(1, Some("a"), 0, 2, 10)),
        call(2, Some("a"), 1, 51, 60),
    ];
    rows.spans = vec![span(1, None, Some("a"))];
    let of = |id: &str| StepId::new(id);
    let (known, unknown) = (SpanId::from_bytes([1; 8]), SpanId::from_bytes([2; 8]));
    let targets = [
        MetadataTarget::Run,
        MetadataTarget::Step(of("a")),
        MetadataTarget::Step(of("nobody")),
        MetadataTarget::Attempt {
            step: of("a"),
            attempt: 0,
        },
        MetadataTarget::Attempt {
            step: of("a"),
            attempt: 7,
        },
        MetadataTarget::Span {
            step: of("a"),
            span: known,
        },
        MetadataTarget::Span {
            step: of("a"),
            span: unknown,
        },
    ];
    rows.metadata = targets
        .into_iter()
        .map(|target| MetadataRecord {
            run: run_id(),
            target,
            kind: "userland.default".into(),
            values: json("{\"n\":1}"),
            updated_at: at(70),
        })
        .collect();
    let root = build(&rows);
    let scopes = |span: &Span| {
        let scopes = span.metadata.iter();
        let scopes = scopes.map(|it| format!("{} {}", it.scope, it.kind));
        scopes.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        scopes(&root),
        "run inngest.usage, run userland.default, step userland.default"
    );
    let usage = 7 * (16 + 7 + 64);
    assert_eq!(
        root.metadata[0].values,
        json(&format!("{{\"metadata_bytes\":{usage}}}"))
    );
    assert_eq!(root.metadata[2].step, Some(of("nobody")));
    let step = &root.children[0];
    assert_eq!(
        scopes(step),
        "extended_trace userland.default, step userland.default, step_attempt userland.default"
    );
    assert_eq!(scopes(&step.children[0]), "step_attempt userland.default");
    let userland = step.children.last().expect("the span is there");
    assert_eq!(scopes(userland), "extended_trace userland.default");
}

#[test]
fn tr_5_spans_are_where_they_were_opened() {
    let mut rows = rows();
    rows.steps = vec![step("a", StepKind::Run, 10, 60)];
    rows.attempts = vec![
        failed(AttemptOutcome::Retried, call(1, Some("a"), 0, 2, 10)),
        call(2, Some("a"), 1, 51, 60),
        call(3, None, 0, 62, 100),
    ];
    rows.spans = vec![
        // A child before its parent, whose own parent is never told of.
        span(1, Some(2), Some("a")),
        span(2, Some(99), Some("a")),
        SpanRecord {
            attempt: Some(1),
            ..span(3, None, Some("a"))
        },
        // Of the call that executed the step, and of the last one.
        span(4, None, None),
        SpanRecord {
            call: Seed::Call(request(3)).span_id(),
            ..span(5, None, None)
        },
        // Of a step without a result, and of a call that nobody knows.
        span(6, None, Some("nobody")),
        SpanRecord {
            call: SpanId::from_bytes([7; 8]),
            ..span(7, None, None)
        },
        // They name each other.
        span(8, Some(9), None),
        span(9, Some(8), None),
    ];
    assert_eq!(
        shown(&rows),
        "
Run Completed 0 1 100
  step a Completed 1 2 60 attempts=1
    Attempt 0 Failed 1 2 10
    Attempt 1 Completed 10 51 60
      span 3 Completed 4 4 4
    span 2 Completed 3 3 3
      span 1 Completed 1 1 1
    span 4 Completed 6 6 6
  Finalization Completed 60 62 100 attempts=0
    span 5 Completed 7 7 7
  span 6 Completed 9 9 9
  span 7 Completed 10 10 10
  span 8 Completed 12 12 12
    span 9 Completed 13 13 13
"
    );
    let step = only_step(&rows);
    assert_eq!(
        step.children[2].duration(),
        Some(Duration::from_micros(250))
    );
}

/// A thousand, each within the one before: none is lost, and no stack overflows.
#[test]
fn deeply_nested_spans_are_all_there() {
    let mut rows = rows();
    let id = |number: u64| SpanId::from_bytes(number.to_be_bytes());
    rows.spans = (1..=1_000)
        .map(|number| SpanRecord {
            id: id(number),
            parent: (number > 1).then(|| id(number - 1)),
            ..span(1, None, None)
        })
        .collect();
    let root = build(&rows);
    let shown = shown(&rows);
    assert_eq!(shown.matches("span 1 Completed").count(), 1_000);
    assert!(root.children.len() > 10, "{}", root.children.len());
}

#[test]
fn tr_8_conversations_with_ai_are_metadata_of_their_span() {
    let mut rows = rows();
    let attributes = "{\"gen_ai.system\":\"acme\",\"gen_ai.request.model\":\"m1\",\"gen_ai.usage.input_tokens\":3,\"other\":1}";
    let detail = super::userland::Detail {
        attributes: Some(json(attributes)),
        ..super::userland::Detail::default()
    };
    let record = SpanRecord {
        detail: detail.to_json(),
        ..span(1, None, None)
    };
    rows.spans = vec![record, span(2, None, None)];
    let root = build(&rows);
    let [.., ai, plain] = root.children.as_slice() else {
        panic!("both spans are there");
    };
    let values =
        "{\"input_tokens\":3,\"latency_ms\":0.25,\"provider\":\"acme\",\"request_model\":\"m1\"}";
    assert_eq!(ai.metadata[0].values, json(values));
    assert_eq!(
        (ai.metadata[0].scope, &*ai.metadata[0].kind),
        ("extended_trace", "inngest.ai")
    );
    assert_eq!(plain.metadata, []);
}
