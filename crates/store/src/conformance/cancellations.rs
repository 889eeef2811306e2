//! Bulk cancellations, and the live runs that they look through.

use everstep_core::Change;
use everstep_core::record::{CancellationRecord, RunRecord, RunStatus, ShardId};
use everstep_protocol::{CancellationId, FunctionId, RunId, Timestamp};

use super::Factory;
use super::sample::{at, cancellation, cancellation_id, function, run, run_id};
use super::subject::Subject;

/// So many that every sample is on one page.
const MANY: usize = 100;

async fn list(
    subject: &Subject,
    before: Option<CancellationId>,
    limit: usize,
) -> Vec<CancellationRecord> {
    let list = subject.store.cancellation_list(before, limit).await;
    list.expect("the cancellations are read")
}

async fn view(subject: &Subject, id: CancellationId) -> Option<CancellationRecord> {
    let view = subject.store.cancellation_view(id).await;
    view.expect("the cancellation is read")
}

pub async fn cancellations_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = CancellationRecord {
        started_after: None,
        condition: None,
        next: RunId::from_bytes([0; 16]),
        ended_at: Some(Timestamp::MAX),
        ..cancellation(1)
    };
    for put in [bare, cancellation(2)] {
        subject.commit([Change::PutCancellation(put.clone())]).await;
        assert_eq!(view(&subject, put.id).await, Some(put));
    }
    assert_eq!(view(&subject, cancellation_id(3)).await, None);
}

pub async fn cancellation_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let ended = CancellationRecord {
        next: run_id(77),
        ended_at: Some(at(99)),
        ..cancellation(1)
    };
    for put in [cancellation(1), ended] {
        subject.commit([Change::PutCancellation(put.clone())]).await;
        assert_eq!(list(&subject, None, MANY).await, [put]);
    }
}

pub async fn cancellations_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = [1, 2].map(|number| Change::PutCancellation(cancellation(number)));
    subject.commit(puts).await;
    let deletes = [1, 3].map(|number| Change::DeleteCancellation(cancellation_id(number)));
    subject.commit(deletes).await;
    assert_eq!(list(&subject, None, MANY).await, [cancellation(2)]);
    assert_eq!(subject.shard().await.cancellations, [cancellation(2)]);
}

pub async fn cancellation_pages_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = [3, 1, 4, 2].map(|number| Change::PutCancellation(cancellation(number)));
    subject.commit(puts).await;
    let page = |numbers: &[u32]| {
        numbers
            .iter()
            .copied()
            .map(cancellation)
            .collect::<Vec<_>>()
    };
    let before = |number| Some(cancellation_id(number));
    assert_eq!(list(&subject, None, MANY).await, page(&[4, 3, 2, 1]));
    assert_eq!(list(&subject, None, 2).await, page(&[4, 3]));
    assert_eq!(list(&subject, before(3), 1).await, page(&[2]));
    assert_eq!(list(&subject, before(1), MANY).await, page(&[]));
}

pub async fn a_shard_starts_with_its_open_cancellations(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.store.shard_acquire(ShardId(1)).await;
    let other = other.expect("the shard is acquired");
    let ended = CancellationRecord {
        ended_at: Some(at(9)),
        ..cancellation(2)
    };
    let ours = [cancellation(3), ended, cancellation(1)].map(Change::PutCancellation);
    subject.commit(ours).await;
    let theirs = [Change::PutCancellation(cancellation(4))];
    let commit = subject.store.commit(&other, theirs.into()).await;
    commit.expect("the commit is accepted");
    let state = subject.shard().await;
    assert_eq!(state.cancellations, [cancellation(1), cancellation(3)]);
    let state = subject.store.shard_load(&other).await;
    let state = state.expect("the shard is read");
    assert_eq!(state.cancellations, [cancellation(4)]);
    assert_eq!(
        list(&subject, None, MANY).await.len(),
        4,
        "the API sees all"
    );
}

pub async fn live_runs_are_found_in_a_range(factory: &dyn Factory) {
    const STATUSES: [RunStatus; 6] = [
        RunStatus::Queued,
        RunStatus::Completed,
        RunStatus::Running,
        RunStatus::Failed,
        RunStatus::Cancelled,
        RunStatus::Skipped,
    ];
    let subject = Subject::open(factory).await;
    let other = subject.store.shard_acquire(ShardId(1)).await;
    let other = other.expect("the shard is acquired");
    let of = |number: u32| {
        let name = if number.is_multiple_of(2) {
            "even"
        } else {
            "odd"
        };
        function("app", name).id
    };
    let put = |number: u32| {
        Change::PutRun(RunRecord {
            function: of(number),
            status: STATUSES[number as usize % STATUSES.len()],
            ..run(number)
        })
    };
    subject.commit((0..20).map(put).collect::<Vec<_>>()).await;
    let theirs = [Change::PutRun(run(20))];
    let commit = subject.store.commit(&other, theirs.into()).await;
    commit.expect("the commit is accepted");
    let live = async |from: u32, before: u32, limit| {
        let (from, before) = (run_id(from), run_id(before));
        let live = subject
            .store
            .runs_live(subject.lease.shard, from, before, limit)
            .await;
        live.expect("the runs are read")
    };
    let expected = |numbers: &[u32]| -> Vec<(RunId, FunctionId)> {
        let runs = numbers.iter().map(|number| (run_id(*number), of(*number)));
        runs.collect()
    };
    let all = expected(&[0, 2, 6, 8, 12, 14, 18]);
    assert_eq!(live(0, 99, MANY).await, all);
    assert_eq!(live(0, 99, 3).await, all[..3]);
    assert_eq!(live(6, 14, MANY).await, expected(&[6, 8, 12]), "half-open");
    assert_eq!(live(3, 6, MANY).await, []);
    assert_eq!(live(12, 5, MANY).await, [], "an empty range");
    let ended = RunRecord {
        status: RunStatus::Cancelled,
        ..run(6)
    };
    subject.commit([Change::PutRun(ended)]).await;
    assert_eq!(live(3, 9, MANY).await, expected(&[8]));
}
