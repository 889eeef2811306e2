//! Retention: what is old goes, and what is live stays.

use everstep_core::Change;
use everstep_core::record::{
    BatchEventRecord, DebounceRecord, MetadataRecord, MetadataTarget, Resolution, RunRecord,
    RunStatus, StepRecord, WaitRecord,
};
use everstep_protocol::{EventId, RunId, Timestamp};

use super::Factory;
use super::random::Random;
use super::sample::{
    at, attempt, completed, defer, event, event_id, job, job_id, json, metadata, run, run_id, skip,
    step_id, wait,
};
use super::sample_flow::{batch, batch_event, debounce};
use super::sample_history::{error_group_id, failure, run_attributes};
use super::subject::{Subject, all_errors, all_rollups};
use crate::rollup::{HOUR, MINUTE, start_of};
use crate::{History, Prune, Rollup};

/// In one portion.
const MANY: usize = 10_000;

fn ended(number: u32) -> RunRecord {
    RunRecord {
        status: RunStatus::Completed,
        ended_at: Some(at(50)),
        output: Some(json("1")),
        ..run(number)
    }
}

/// A run with a row in every table.
fn full(run: RunRecord, events: &[u32]) -> Vec<Change> {
    let id = run.id;
    let of_attempt = MetadataRecord {
        target: MetadataTarget::Attempt {
            step: step_id(1),
            attempt: 0,
        },
        ..metadata(id)
    };
    let events = events.iter().copied().map(event_id).collect();
    vec![
        Change::PutRun(run),
        Change::PutRunEvents { run: id, events },
        Change::PutStep(completed(id, 1, 0)),
        Change::PutAttempt(attempt(job_id(id, 0), 1)),
        Change::PutDefer(defer(id, 1)),
        Change::PutMetadata(metadata(id)),
        Change::PutMetadata(of_attempt),
        Change::PutRunAttributes {
            run: id,
            attributes: run_attributes(&[("a", "x"), ("b", "y")]),
        },
    ]
}

/// How many rows each table has of the run.
async fn rows(subject: &Subject, id: RunId) -> [usize; 7] {
    let attempts = subject.store.run_attempts(id).await;
    let events = subject.store.run_events(id).await;
    let attributes = subject.store.run_attributes(&[id]).await;
    [
        usize::from(subject.run(id).await.is_some()),
        subject.steps(id).await.len(),
        attempts.expect("the attempts are read").len(),
        events.expect("the events are read").len(),
        subject.defers(id).await.len(),
        subject.metadata(id).await.len(),
        attributes.expect("the attributes are read")[0].len(),
    ]
}

async fn is_stored(subject: &Subject, event: EventId) -> bool {
    let event = subject.store.event_view(event).await;
    event.expect("the event is read").is_some()
}

pub async fn ended_runs_go_with_all_that_belongs_to_them(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject.commit([Change::PutEvent(event(1))]).await;
    for (number, status) in (1..).zip([
        RunStatus::Completed,
        RunStatus::Failed,
        RunStatus::Cancelled,
        RunStatus::Skipped,
    ]) {
        let run = RunRecord {
            status,
            ..ended(number)
        };
        let id = run.id;
        subject.commit(full(run, &[1])).await;
        assert_eq!(rows(&subject, id).await, [1, 1, 1, 1, 1, 2, 2]);
        subject.prune(History::Runs, at(51), MANY).await;
        assert_eq!(rows(&subject, id).await, [0; 7], "{status:?}");
    }
    let runs = subject.store.event_runs(event_id(1)).await;
    assert_eq!(runs.expect("the runs are read"), []);
    assert!(is_stored(&subject, event_id(1)).await);
}

pub async fn live_and_later_runs_stay(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject.commit([Change::PutEvent(event(1))]).await;
    let queued = RunRecord {
        status: RunStatus::Queued,
        ..run(2)
    };
    let later = RunRecord {
        ended_at: Some(at(60)),
        ..ended(3)
    };
    for run in [run(1), queued, later] {
        subject.commit(full(run, &[1])).await;
    }
    // In between, so that it is not the first one.
    subject.commit(full(ended(4), &[1])).await;
    subject.prune(History::Runs, at(60), MANY).await;
    for (number, is_kept) in [(1, true), (2, true), (3, true), (4, false)] {
        let kept = if is_kept {
            [1, 1, 1, 1, 1, 2, 2]
        } else {
            [0; 7]
        };
        assert_eq!(rows(&subject, run_id(number)).await, kept, "{number}");
    }
}

pub async fn a_large_run_goes_in_portions(factory: &dyn Factory) {
    const STEPS: u32 = 2_000;
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let steps = (0..STEPS).map(|number| Change::PutStep(completed(id, number, number)));
    let mut changes: Vec<Change> = steps.collect();
    changes.extend(full(ended(1), &[]));
    subject.commit(changes).await;
    let prune = Prune {
        history: History::Runs,
        before: at(51),
        after: None,
        rows: 100,
    };
    let first = subject.store.prune(&prune).await.expect("it is removed");
    assert_eq!(subject.run(id).await, None, "nobody sees a part of it");
    // As after a restart: from the beginning, and what is left is found again.
    if first.next.is_some() {
        assert!(first.removed <= 110, "{first:?}");
        assert!(subject.prune(History::Runs, at(51), 100).await >= 15);
    }
    assert_eq!(rows(&subject, id).await, [0; 7]);
}

pub async fn portions_are_bounded_and_go_on(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for number in 0..30 {
        // Live runs in between are passed over, and count too.
        let put = if number % 3 == 0 {
            run(number)
        } else {
            ended(number)
        };
        let put = [Change::PutRun(put), Change::PutEvent(event(number))];
        subject.commit(put).await;
    }
    assert!(subject.prune(History::Runs, at(51), 4).await >= 6);
    assert!(subject.prune(History::Events, at(51), 4).await >= 6);
    for number in 0..30 {
        let is_there = subject.run(run_id(number)).await.is_some();
        assert_eq!(is_there, number % 3 == 0, "{number}");
        assert!(!is_stored(&subject, event_id(number)).await, "{number}");
    }
}

pub async fn traces_go_before_their_runs(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject.commit(full(ended(1), &[])).await;
    subject.commit(full(run(2), &[])).await;
    for rows in [1, MANY] {
        subject.prune(History::Traces, at(51), rows).await;
    }
    assert_eq!(rows(&subject, run_id(1)).await, [1, 1, 0, 0, 1, 1, 2]);
    assert_eq!(rows(&subject, run_id(2)).await, [1, 1, 1, 0, 1, 2, 2]);
}

pub async fn old_events_go(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for number in 1..=3 {
        subject.commit([Change::PutEvent(event(number))]).await;
    }
    subject.commit([Change::PutSkip(skip(1, "function"))]).await;
    // A run that ended needs its event no more.
    subject.commit(full(ended(1), &[1])).await;
    subject.prune(History::Events, at(3), MANY).await;
    for (number, is_kept) in [(1, false), (2, false), (3, true)] {
        assert_eq!(is_stored(&subject, event_id(number)).await, is_kept);
    }
    let skips = subject.store.event_skips(event_id(1)).await;
    assert_eq!(skips.expect("the skips are read"), []);
    assert_eq!(rows(&subject, run_id(1)).await, [1, 1, 1, 0, 1, 2, 2]);
}

pub async fn events_that_are_needed_stay(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for number in 1..=9 {
        subject.commit([Change::PutEvent(event(number))]).await;
    }
    // Of several runs, one that is live is enough.
    subject.commit(full(ended(1), &[1, 2])).await;
    subject.commit(full(run(2), &[2])).await;
    let resolved = WaitRecord {
        resolution: Some(Resolution::Event(Box::new(event(3)))),
        ..wait(run_id(2), 7)
    };
    let held = DebounceRecord {
        event: event_id(4),
        ..debounce(1)
    };
    let batched = BatchEventRecord {
        event: event_id(5),
        ..batch_event(1, 0)
    };
    let needs = [
        Change::PutWait(resolved),
        Change::PutDebounce(held),
        Change::PutBatch(batch(1)),
        Change::PutBatchEvent(batched),
    ];
    subject.commit(needs).await;
    let expected = subject.snapshot(run_id(2)).await;
    subject.prune(History::Events, at(99), 2).await;
    for number in 1..=9 {
        let is_needed = (2..=5).contains(&number);
        let is_there = is_stored(&subject, event_id(number)).await;
        assert_eq!(is_there, is_needed, "{number}");
    }
    assert_eq!(subject.snapshot(run_id(2)).await, expected);
}

async fn rollups(subject: &Subject) -> Vec<(Timestamp, Rollup)> {
    let sums = subject.store.rollup_sums(&all_rollups()).await;
    sums.expect("the rollups are read")
}

pub async fn minutes_become_hours(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let runs = (0..130).map(|minute| Change::PutRun(run(minute * 60_000)));
    subject.commit(runs.collect::<Vec<_>>()).await;
    let by_minute = rollups(&subject).await;
    let now = start_of(HOUR, at(130 * 60_000));
    assert!(subject.prune(History::Minutes, now, 7).await > 10);
    let rows = rollups(&subject).await;
    for (start, _) in &rows {
        let is_hour = start_of(HOUR, *start) == *start;
        assert!(is_hour || *start >= now, "{start}");
    }
    assert!(rows.len() < by_minute.len() / 2);
    let total = |rows: &[(Timestamp, Rollup)]| {
        let mut total = Rollup::default();
        rows.iter().for_each(|(_, rollup)| total += rollup);
        total
    };
    assert_eq!(total(&rows), total(&by_minute));
    // What is put together already stays as it is.
    subject.prune(History::Minutes, now, MANY).await;
    assert_eq!(rollups(&subject).await, rows);
}

pub async fn old_rollups_and_errors_go(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for (number, group) in [(1, 1), (60_000, 2), (120_000, 3)] {
        let put = [
            Change::PutRun(run(number)),
            Change::PutFailure(failure(number, group)),
        ];
        subject.commit(put).await;
    }
    let before = rollups(&subject).await.len();
    let minute = start_of(MINUTE, at(60_000));
    subject.prune(History::Rollups, minute, 1).await;
    let left = rollups(&subject).await;
    assert!(left.len() < before && !left.is_empty());
    assert!(left.iter().all(|(start, _)| *start >= minute));
    subject
        .prune(History::Errors, failure(120_000, 3).at, 1)
        .await;
    let errors = subject.store.error_list(&all_errors()).await;
    let errors = errors.expect("the errors are read");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].id, error_group_id(3));
}

/// Whatever there is: after all that is old has gone, the shard and its live runs are as they were.
pub async fn what_is_live_is_left_alone(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let mut random = Random::new(0x01D);
    for round in 0..40 {
        let changes: Vec<Change> = (0..random.below(20)).map(|_| random.change()).collect();
        subject.commit(changes).await;
        let before = live(&subject).await;
        for history in [History::Events, History::Traces, History::Runs] {
            let rows = random.below(5) as usize + 1;
            subject.prune(history, at(1_000_000), rows).await;
        }
        assert_eq!(live(&subject).await, before, "after round {round}");
        for number in 0..4 {
            let is_there = subject.run(run_id(number)).await.is_some();
            let is_live = before.1.iter().any(|(id, _)| *id == run_id(number));
            assert_eq!(is_there, is_live, "after round {round}");
        }
        let stray = StepRecord {
            run: run_id(9),
            ..completed(run_id(9), 1, 0)
        };
        // Rows of another run are nobody's business.
        subject
            .commit([
                Change::PutStep(stray),
                Change::PutJob(job(run_id(9), 1, at(1))),
            ])
            .await;
    }
}

/// What a shard starts from, and its live runs, or why they can't be read.
async fn live(subject: &Subject) -> (String, Vec<(RunId, String)>) {
    let state = format!("{:?}", subject.shard().await);
    let (lowest, highest) = (RunId::from_bytes([0; 16]), RunId::from_bytes([255; 16]));
    let shard = subject.lease.shard;
    let runs = subject.store.runs_live(shard, lowest, highest, MANY).await;
    let mut live = Vec::new();
    for (run, _) in runs.expect("the runs are read") {
        let snapshot = subject.store.run_snapshot(run).await;
        let attempts = subject.store.run_attempts(run).await;
        live.push((run, format!("{snapshot:?} {attempts:?}")));
    }
    (state, live)
}
