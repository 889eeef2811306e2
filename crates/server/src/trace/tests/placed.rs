//! Where metadata and the spans of user code go.

use super::*;

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
    let detail = crate::trace::userland::Detail {
        attributes: Some(json(attributes)),
        ..crate::trace::userland::Detail::default()
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
