//! Steps: the first value of a step wins.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{StepKind, StepRecord, StepStatus};
use everstep_protocol::StepId;
use everstep_protocol::op::ParallelMode;

use super::Factory;
use super::sample::{at, completed, json, planned, run_id};
use super::subject::Subject;

pub async fn steps_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let steps = [
        StepRecord {
            step_type: Some(Arc::from("step.ai.wrap")),
            ..completed(id, 1, 0)
        },
        StepRecord {
            status: StepStatus::Failed,
            mode: ParallelMode::Race,
            ..completed(id, 2, 1)
        },
        StepRecord {
            kind: StepKind::Sleep,
            value: Some(json("null")),
            ..completed(id, 3, 2)
        },
        StepRecord {
            kind: StepKind::Infer,
            trace: Some(json(
                r#"{"ai":{"total_tokens":3},"request":{"url":"http://a.test/"}}"#,
            )),
            ..completed(id, 9, 3)
        },
        planned(id, 4),
        StepRecord {
            status: StepStatus::Retrying,
            started_at: Some(at(44)),
            ..planned(id, 5)
        },
        StepRecord {
            kind: StepKind::Sleep,
            status: StepStatus::Sleeping,
            ..planned(id, 6)
        },
    ];
    subject.commit(steps.clone().map(Change::PutStep)).await;
    assert_eq!(subject.steps(id).await, steps);
    assert_eq!(subject.steps(run_id(2)).await, []);
}

pub async fn steps_of_every_kind_wait(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let kinds = [
        StepKind::Run,
        StepKind::Sleep,
        StepKind::WaitForEvent,
        StepKind::WaitForSignal,
        StepKind::Invoke,
        StepKind::Fetch,
        StepKind::Infer,
    ];
    let waiting: Vec<StepRecord> = (0..)
        .zip(kinds)
        .map(|(number, kind)| StepRecord {
            kind,
            status: StepStatus::Waiting,
            ..planned(id, number)
        })
        .collect();
    let done: Vec<StepRecord> = (0..)
        .zip(kinds)
        .map(|(number, kind)| StepRecord {
            kind,
            ..completed(id, number, number)
        })
        .collect();
    for steps in [waiting, done] {
        let put = steps.iter().cloned().map(Change::PutStep);
        subject.commit(put.collect::<Vec<_>>()).await;
        assert_eq!(subject.steps(id).await, steps);
    }
}

/// Until it is memoized, every column of a step changes.
pub async fn outstanding_step_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let first = planned(run_id(1), 1);
    let second = StepRecord {
        kind: StepKind::Sleep,
        status: StepStatus::Sleeping,
        name: Arc::from("renamed"),
        step_type: Some(Arc::from("step.sleep")),
        mode: ParallelMode::Race,
        created_at: at(60),
        started_at: Some(at(61)),
        ended_at: Some(at(62)),
        ..first.clone()
    };
    let third = StepRecord {
        status: StepStatus::Completed,
        position: Some(0),
        value: Some(json(r#"{"data":1}"#)),
        ..second.clone()
    };
    for step in [first, second, third] {
        subject.commit([Change::PutStep(step.clone())]).await;
        assert_eq!(subject.steps(step.run).await, [step]);
    }
}

/// A step that is done stays as it is, whatever comes.
pub async fn first_value_of_a_step_wins(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for (number, status) in [(1, StepStatus::Completed), (2, StepStatus::Failed)] {
        let id = run_id(number);
        let first = StepRecord {
            status,
            ..completed(id, 1, 0)
        };
        let later = [
            StepRecord {
                value: Some(json(r#"{"data":"second"}"#)),
                ended_at: Some(at(99)),
                ..first.clone()
            },
            StepRecord {
                status: StepStatus::Failed,
                position: Some(5),
                ..first.clone()
            },
            StepRecord {
                status: StepStatus::Completed,
                position: Some(6),
                ..first.clone()
            },
            StepRecord {
                status: StepStatus::Retrying,
                ..planned(id, 1)
            },
            planned(id, 1),
        ];
        subject.commit([Change::PutStep(first.clone())]).await;
        for step in later {
            subject.commit([Change::PutStep(step)]).await;
            assert_eq!(subject.steps(id).await, std::slice::from_ref(&first));
        }
    }
}

/// Also if the step is not memoized yet, which core does not do.
pub async fn first_value_stays_in_an_outstanding_step(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let first = Some(json(r#"{"data":"first"}"#));
    let early = StepRecord {
        value: first.clone(),
        ..planned(id, 1)
    };
    subject.commit([Change::PutStep(early)]).await;
    subject.commit([Change::PutStep(planned(id, 1))]).await;
    subject.commit([Change::PutStep(completed(id, 1, 0))]).await;
    let expected = StepRecord {
        value: first,
        ..completed(id, 1, 0)
    };
    assert_eq!(subject.steps(id).await, [expected]);
}

pub async fn first_value_wins_within_a_commit(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let second = StepRecord {
        value: Some(json(r#"{"data":"second"}"#)),
        ..completed(id, 1, 3)
    };
    subject
        .commit([
            Change::PutStep(planned(id, 1)),
            Change::PutStep(completed(id, 1, 0)),
            Change::PutStep(second),
            Change::PutStep(planned(id, 1)),
        ])
        .await;
    assert_eq!(subject.steps(id).await, [completed(id, 1, 0)]);
}

/// Step ids are text of the SDK's choosing, and belong to their run.
pub async fn step_ids_are_opaque(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let ids = [
        "", "a", "A", "a ", "a\0b", "a:1", "é", "e\u{301}", "'; --", "🦀",
    ];
    let step = |run, id: &str| StepRecord {
        id: StepId::new(id),
        ..planned(run, 1)
    };
    for number in [1, 2] {
        subject
            .commit(ids.map(|id| Change::PutStep(step(run_id(number), id))))
            .await;
    }
    for number in [1, 2] {
        let mut expected = ids.map(|id| step(run_id(number), id));
        expected.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(subject.steps(run_id(number)).await, expected);
    }
}
