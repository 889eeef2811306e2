//! What user code traced, and the runs that events triggered.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{RunRecord, RunStatus, SpanRecord};
use everstep_protocol::{Json, RunId, SpanId, StepId};

use super::Factory;
use super::sample::{event, event_id, json, long_json, run, run_id};
use super::subject::Subject;
use crate::TriggeredRun;

pub(super) fn span(run: RunId, number: u8) -> SpanRecord {
    SpanRecord {
        run,
        id: SpanId::from_bytes([number; 8]),
        parent: None,
        call: SpanId::from_bytes([0xC0 | number; 8]),
        step: None,
        attempt: None,
        name: Arc::from(format!("span {number}")),
        started_ns: 1_700_000_000_123_456_789 + u64::from(number),
        ended_ns: 1_700_000_000_123_456_999 + u64::from(number),
        is_failed: false,
        detail: json(&format!(r#"{{"number":{number}}}"#)),
    }
}

async fn put(subject: &Subject, spans: &[SpanRecord]) {
    let changes = spans.iter().cloned().map(Change::PutSpan);
    subject.commit(changes.collect::<Vec<_>>()).await;
}

/// By start and id, whatever the order in which they came.
pub async fn spans_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let full = SpanRecord {
        parent: Some(SpanId::from_bytes([9; 8])),
        step: Some(StepId::new("a")),
        attempt: Some(3),
        is_failed: true,
        detail: long_json(70_000),
        name: Arc::from("🦀"),
        ..span(run_id(1), 4)
    };
    let at_once = SpanRecord {
        started_ns: full.started_ns,
        ..span(run_id(1), 5)
    };
    let spans = [span(run_id(1), 7), full, at_once];
    let earlier = SpanRecord {
        started_ns: 1,
        ..span(run_id(1), 8)
    };
    put(&subject, &spans).await;
    put(&subject, &[earlier.clone(), span(run_id(2), 1)]).await;
    let [last, full, at_once] = spans;
    let expected = [earlier, full, at_once, last];
    assert_eq!(subject.spans(run_id(1)).await, expected);
    assert_eq!(subject.spans(run_id(2)).await, [span(run_id(2), 1)]);
    assert_eq!(subject.spans(run_id(3)).await, []);
    let ids = subject.store.run_span_ids(run_id(1)).await;
    let ids = ids.expect("the ids are read");
    assert_eq!(ids, [4, 5, 7, 8].map(|byte| SpanId::from_bytes([byte; 8])));
}

pub async fn a_span_that_is_stored_stays(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let first = span(run_id(1), 1);
    let second = SpanRecord {
        detail: Json::object([]),
        is_failed: true,
        ..first.clone()
    };
    put(&subject, &[first.clone(), second.clone()]).await;
    put(&subject, &[second]).await;
    assert_eq!(subject.spans(run_id(1)).await, [first]);
}

/// Oldest first, so many for each event, in the order of the events.
pub async fn triggered_runs_are_found(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let mut changes: Vec<Change> = (1..=3)
        .map(|number| Change::PutEvent(event(number)))
        .collect();
    let triggers = [(1, vec![1, 2]), (2, vec![2]), (3, vec![2, 2]), (4, vec![3])];
    for (number, events) in triggers {
        let record = RunRecord {
            status: RunStatus::Completed,
            output: Some(json("1")),
            ..run(number)
        };
        changes.push(Change::PutRun(record));
        let events = events.into_iter().map(event_id).collect();
        let run = run_id(number);
        changes.push(Change::PutRunEvents { run, events });
    }
    subject.commit(changes).await;
    let asked = [2, 9, 1].map(event_id);
    let found = async |per_event| {
        let found = subject.store.triggered_runs(&asked, per_event).await;
        found.expect("the runs are read")
    };
    let expected = |event, number| TriggeredRun {
        event: event_id(event),
        run: run_id(number),
        function: run(number).function,
        status: RunStatus::Completed,
    };
    let all = [(2, 1), (2, 2), (2, 3), (1, 1)].map(|(event, run)| expected(event, run));
    assert_eq!(found(9).await, all);
    assert_eq!(found(1).await, [expected(2, 1), expected(1, 1)]);
}
