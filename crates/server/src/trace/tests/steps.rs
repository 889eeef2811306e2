//! What steps are about, what they got, and what they led to.

use super::*;

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
