//! What is noted about runs, steps, attempts and spans.

use everstep_core::Change;
use everstep_core::record::{MetadataRecord, MetadataTarget};
use everstep_protocol::limits::METADATA_UPDATE_MAX;
use everstep_protocol::{Json, RunId, SpanId, StepId};

use super::Factory;
use super::sample::{at, completed, json, long_json, metadata, planned, run_id, step_id};
use super::subject::Subject;

/// Every kind of target, as lists have them. Each differs from another one in one thing only.
fn targets() -> Vec<MetadataTarget> {
    let (first, second) = (StepId::new("a"), StepId::new("b"));
    let attempt = |step: &StepId, attempt| MetadataTarget::Attempt {
        step: step.clone(),
        attempt,
    };
    let span = |step: &StepId, byte| MetadataTarget::Span {
        step: step.clone(),
        span: SpanId::from_bytes([byte; 8]),
    };
    vec![
        MetadataTarget::Run,
        MetadataTarget::Step(StepId::new("")),
        MetadataTarget::Step(first.clone()),
        MetadataTarget::Step(second.clone()),
        attempt(&first, 0),
        attempt(&first, 1),
        attempt(&second, 0),
        span(&first, 0),
        span(&first, 1),
        span(&second, 0),
    ]
}

async fn put(subject: &Subject, records: &[MetadataRecord]) {
    let changes = records.iter().cloned().map(Change::PutMetadata);
    subject.commit(changes.collect::<Vec<_>>()).await;
}

fn numbered(run: RunId) -> Vec<MetadataRecord> {
    let kinds = ["inngest.ai", "userland.a", "userland.b"];
    let all = targets()
        .into_iter()
        .flat_map(|target| kinds.map(|kind| (target.clone(), kind)));
    (0..)
        .zip(all)
        .map(|(number, (target, kind))| MetadataRecord {
            target,
            kind: kind.into(),
            values: json(&format!(r#"{{"number":{number}}}"#)),
            updated_at: at(number),
            ..metadata(run)
        })
        .collect()
}

/// By target and kind, whatever the order in which they came.
pub async fn metadata_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let (first, second) = (numbered(run_id(1)), numbered(run_id(2)));
    let reversed: Vec<_> = first.iter().chain(&second).rev().cloned().collect();
    put(&subject, &reversed).await;
    assert_eq!(subject.metadata(run_id(1)).await, first);
    assert_eq!(subject.metadata(run_id(2)).await, second);
    assert_eq!(subject.metadata(run_id(3)).await, []);
}

pub async fn metadata_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for target in targets() {
        let first = MetadataRecord {
            target: target.clone(),
            ..metadata(run_id(1))
        };
        let second = MetadataRecord {
            values: Json::object([]),
            updated_at: at(77),
            ..first.clone()
        };
        for form in [first, second] {
            put(&subject, std::slice::from_ref(&form)).await;
            let stored = subject.metadata(run_id(1)).await;
            let of_target: Vec<_> = stored.iter().filter(|r| r.target == target).collect();
            assert_eq!(of_target, [&form]);
        }
    }
}

pub async fn long_metadata_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let long = MetadataRecord {
        values: Json::object([("long", long_json(METADATA_UPDATE_MAX))]),
        kind: "🦀".into(),
        ..metadata(run_id(1))
    };
    put(&subject, std::slice::from_ref(&long)).await;
    assert_eq!(subject.metadata(run_id(1)).await, [long]);
}

/// Outstanding ones too; those of other runs are not.
pub async fn known_steps_are_found(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let changes = [
        Change::PutStep(planned(run_id(1), 1)),
        Change::PutStep(completed(run_id(1), 2, 0)),
        Change::PutStep(planned(run_id(2), 3)),
    ];
    subject.commit(changes).await;
    let asked = [4, 2, 3, 1].map(step_id);
    let known = subject.store.steps_known(run_id(1), &asked).await;
    let known = known.expect("the steps are read");
    assert_eq!(known, [2, 1].map(step_id));
}
