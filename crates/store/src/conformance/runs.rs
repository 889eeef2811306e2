//! Runs, what triggered them, snapshots.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{Resolution, RunRecord, RunSnapshot, RunStatus, WaitKind, WaitRecord};
use everstep_protocol::{AppId, FunctionId};

use super::Factory;
use super::sample::{
    at, completed, defer, event, event_id, job, job_id, json, planned, run, run_id, wait,
};
use super::sample_flow::batch_id;
use super::subject::Subject;
use crate::ReadError;

const STATUSES: [RunStatus; 6] = [
    RunStatus::Queued,
    RunStatus::Running,
    RunStatus::Completed,
    RunStatus::Failed,
    RunStatus::Cancelled,
    RunStatus::Skipped,
];

pub async fn runs_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let runs: Vec<RunRecord> = (1..)
        .zip(STATUSES)
        .map(|(number, status)| RunRecord {
            status,
            ..run(number)
        })
        .collect();
    subject
        .commit(runs.iter().cloned().map(Change::PutRun).collect::<Vec<_>>())
        .await;
    for expected in runs {
        assert_eq!(subject.run(expected.id).await, Some(expected));
    }
    assert_eq!(subject.run(run_id(99)).await, None);
}

/// From and to every status, every column changes.
pub async fn run_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for from in STATUSES {
        for to in STATUSES {
            let first = RunRecord {
                status: from,
                ..run(1)
            };
            let second = RunRecord {
                id: first.id,
                function: FunctionId::derive(AppId::derive("other"), "function"),
                function_version: 30,
                status: to,
                started_at: None,
                ended_at: Some(at(77)),
                max_attempts: 40,
                request_version: -1,
                parallel: true,
                next_job: u32::MAX,
                generation: 7,
                state_bytes: 1 << 40,
                steps_done: 60,
                invoked_by: vec![job_id(run_id(8), u32::MAX), job_id(run_id(7), 0)],
                batch: Some(batch_id(3)),
                keys: Some(Arc::from(r#"{"event.data.user":"ä"}"#)),
                priority: -600,
                output: None,
            };
            subject.commit([Change::PutRun(first.clone())]).await;
            assert_eq!(subject.run(first.id).await, Some(first));
            subject.commit([Change::PutRun(second.clone())]).await;
            assert_eq!(subject.run(second.id).await, Some(second));
        }
    }
}

pub async fn output_is_stored_and_stays(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let error = json(r#"{"message":"no","name":"Error","stack":"Error: no"}"#);
    let ended = RunRecord {
        status: RunStatus::Failed,
        ended_at: Some(at(90)),
        output: Some(error.clone()),
        ..run(1)
    };
    subject.commit([Change::PutRun(ended.clone())]).await;
    assert_eq!(subject.run(ended.id).await, Some(ended.clone()));
    // A row without output says nothing about it.
    let silent = RunRecord {
        output: None,
        steps_done: 8,
        ..ended.clone()
    };
    subject.commit([Change::PutRun(silent.clone())]).await;
    assert_eq!(
        subject.run(ended.id).await,
        Some(RunRecord {
            output: Some(error),
            ..silent
        })
    );
    let other = RunRecord {
        output: Some(json("null")),
        ..ended
    };
    subject.commit([Change::PutRun(other.clone())]).await;
    assert_eq!(
        subject.run(other.id).await,
        Some(other),
        "an output replaces one"
    );
}

pub async fn run_events_keep_their_order(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject
        .commit(
            (1..=3)
                .map(|number| Change::PutEvent(event(number)))
                .collect::<Vec<_>>(),
        )
        .await;
    let put = async |numbers: &[u32]| {
        let events = numbers.iter().copied().map(event_id).collect();
        subject
            .commit([
                Change::PutRun(run(1)),
                Change::PutRunEvents {
                    run: run_id(1),
                    events,
                },
            ])
            .await;
        subject
            .store
            .run_events(run_id(1))
            .await
            .expect("the events are read")
    };
    assert_eq!(put(&[2, 3, 1]).await, [2, 3, 1].map(event));
    assert_eq!(
        put(&[3, 1]).await,
        [3, 1].map(event),
        "the list is replaced"
    );
    let of_second = subject
        .store
        .event_runs(event_id(2))
        .await
        .expect("the runs are read");
    assert_eq!(of_second, [], "in both directions");
}

pub async fn event_runs_are_found(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject
        .commit(
            (1..=3)
                .map(|number| Change::PutEvent(event(number)))
                .collect::<Vec<_>>(),
        )
        .await;
    // Runs 1 and 3 of event 1 alone; run 2 of a batch; run 3 names event 3 twice.
    let triggers: [(u32, &[u32]); 3] = [(1, &[1]), (2, &[1, 2, 3]), (3, &[3, 1, 3])];
    for (number, events) in triggers {
        let events = events.iter().copied().map(event_id).collect();
        let ended = RunRecord {
            output: Some(json("1")),
            ..run(number)
        };
        subject
            .commit([
                Change::PutRun(ended),
                Change::PutRunEvents {
                    run: run_id(number),
                    events,
                },
            ])
            .await;
    }
    let runs = async |number| {
        let runs = subject
            .store
            .event_runs(event_id(number))
            .await
            .expect("the runs are read");
        assert!(runs.iter().all(|run| run.output.is_some()));
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    assert_eq!(runs(1).await, [3, 2, 1].map(run_id), "newest first");
    assert_eq!(runs(2).await, [2].map(run_id));
    assert_eq!(runs(3).await, [3, 2].map(run_id), "each run once");
    assert_eq!(runs(9).await, []);
}

pub async fn snapshot_is_complete_and_in_order(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let live = RunRecord {
        steps_done: 3,
        ..run(1)
    };
    // Ids, ages and positions disagree about the order.
    let stack = [
        completed(id, 9, 0),
        completed(id, 4, 1),
        completed(id, 7, 2),
    ];
    let outstanding = [planned(id, 1), planned(id, 3), planned(id, 8)];
    let jobs = [
        job(id, 2, at(500)),
        job(id, 4, at(100)),
        job(id, 10, at(300)),
    ];
    let waits = [
        wait(id, 3),
        WaitRecord {
            resolution: Some(Resolution::Event(Box::new(event(3)))),
            ..wait(id, 5)
        },
        WaitRecord {
            kind: WaitKind::Invocation,
            resolution: Some(Resolution::Value(json(r#"{"data":1}"#))),
            ..wait(id, 11)
        },
    ];
    let defers = [defer(id, 3), defer(id, 4)];
    let mut changes = vec![
        Change::PutEvent(event(2)),
        Change::PutEvent(event(1)),
        Change::PutEvent(event(3)),
        Change::PutRun(live.clone()),
        Change::PutRunEvents {
            run: id,
            events: vec![event_id(2), event_id(1)],
        },
        // Those of other runs are not in it.
        Change::PutRun(run(2)),
        Change::PutStep(completed(run_id(2), 1, 0)),
        Change::PutJob(job(run_id(2), 1, at(1))),
        Change::PutWait(wait(run_id(2), 1)),
        Change::PutDefer(defer(run_id(2), 1)),
    ];
    changes.extend([2, 0, 1].map(|index: usize| Change::PutStep(stack[index].clone())));
    changes.extend([1, 2, 0].map(|index: usize| Change::PutStep(outstanding[index].clone())));
    changes.extend([2, 0, 1].map(|index: usize| Change::PutJob(jobs[index].clone())));
    changes.extend([2, 0, 1].map(|index: usize| Change::PutWait(waits[index].clone())));
    changes.extend([1, 0].map(|index: usize| Change::PutDefer(defers[index].clone())));
    subject.commit(changes).await;
    let steps = [stack, outstanding].concat();
    let expected = RunSnapshot {
        run: live,
        events: vec![event(2), event(1)],
        steps: steps.clone(),
        jobs: jobs.to_vec(),
        waits: waits.to_vec(),
        defers: defers.to_vec(),
    };
    assert_eq!(subject.snapshot(id).await, Some(expected));
    assert_eq!(subject.steps(id).await, steps);
    assert_eq!(subject.jobs(id).await, jobs);
    assert_eq!(subject.waits(id).await, waits);
    assert_eq!(subject.defers(id).await, defers);
}

pub async fn ended_runs_have_no_snapshot(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    assert_eq!(subject.snapshot(run_id(1)).await, None, "unknown");
    for status in STATUSES {
        subject
            .commit([Change::PutRun(RunRecord { status, ..run(1) })])
            .await;
        assert_eq!(
            subject.snapshot(run_id(1)).await.is_none(),
            status.is_final(),
            "{status:?}"
        );
    }
}

pub async fn snapshot_without_its_event_is_damage(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let events = vec![event_id(1), event_id(2)];
    subject
        .commit([
            Change::PutEvent(event(1)),
            Change::PutRun(run(1)),
            Change::PutRunEvents {
                run: run_id(1),
                events,
            },
        ])
        .await;
    let snapshot = subject.store.run_snapshot(run_id(1)).await;
    assert!(
        matches!(snapshot, Err(ReadError::Corrupt { .. })),
        "{snapshot:?}"
    );
    let events = subject
        .store
        .run_events(run_id(1))
        .await
        .expect("the events are read");
    assert_eq!(events, [event(1)], "the API shows what there is");
}
