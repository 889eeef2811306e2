//! Functions that runs want started when they end.

use everstep_core::Change;
use everstep_core::record::{DeferRecord, DeferStatus};
use everstep_protocol::defer::DeferRejection;
use everstep_protocol::limits::DEFER_INPUT_MAX;

use super::Factory;
use super::sample::{at, defer, json, long_json, run_id};
use super::subject::Subject;

/// Each status, with and without what it may carry.
fn statuses() -> [DeferStatus; 10] {
    let after_run = |meta| DeferStatus::AfterRun {
        input: json(r#"{"n":1}"#),
        meta,
    };
    [
        after_run(None),
        after_run(Some(json(r#"{"sessions":{"a":"b"}}"#))),
        DeferStatus::Scheduled,
        DeferStatus::Aborted,
        DeferStatus::Rejected(DeferRejection::PerDeferSize),
        DeferStatus::Rejected(DeferRejection::AggregateSize),
        DeferStatus::Rejected(DeferRejection::MetaSize),
        DeferStatus::Rejected(DeferRejection::InvalidMeta),
        DeferStatus::Rejected(DeferRejection::InvalidInput),
        DeferStatus::Rejected(DeferRejection::InvalidOpts),
    ]
}

/// In the order in which they were added, whatever their ids.
pub async fn defers_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let mut defers = Vec::new();
    for (position, status) in (0..).zip(statuses()) {
        defers.push(DeferRecord {
            position,
            status,
            ..defer(id, 1_000 - position)
        });
    }
    let puts = defers.iter().rev().cloned().map(Change::PutDefer);
    subject.commit(puts.collect::<Vec<_>>()).await;
    assert_eq!(subject.defers(id).await, defers);
    assert_eq!(subject.defers(run_id(2)).await, []);
}

/// To and from every status, every column changes.
pub async fn defer_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    for status in statuses() {
        let other = DeferRecord {
            position: 7,
            name: "another name".into(),
            function_slug: "".into(),
            status,
            created_at: at(77),
            ..defer(id, 1)
        };
        for form in [other, defer(id, 1)] {
            subject.commit([Change::PutDefer(form.clone())]).await;
            assert_eq!(subject.defers(id).await, [form]);
        }
    }
}

pub async fn a_long_input_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let long = DeferRecord {
        status: DeferStatus::AfterRun {
            input: long_json(DEFER_INPUT_MAX),
            meta: None,
        },
        ..defer(id, 1)
    };
    subject.commit([Change::PutDefer(long.clone())]).await;
    assert_eq!(subject.defers(id).await, [long]);
}
