//! Bulk operations, and the reruns that are part of them.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    OperationCounts, OperationKind, OperationRecord, OperationState, RerunRecord, ShardId,
};
use everstep_protocol::{OperationId, RunId};

use super::Factory;
use super::sample::{at, run_id};
use super::sample_flow::{operation, operation_id, rerun};
use super::subject::Subject;

/// So many that every sample is on one page.
const MANY: usize = 100;

async fn list(
    subject: &Subject,
    before: Option<OperationId>,
    limit: usize,
) -> Vec<OperationRecord> {
    let list = subject.store.operation_list(before, limit).await;
    list.expect("the operations are read")
}

async fn view(subject: &Subject, id: OperationId) -> Option<OperationRecord> {
    let view = subject.store.operation_view(id).await;
    view.expect("the operation is read")
}

fn ended(number: u32) -> OperationRecord {
    OperationRecord {
        state: OperationState::Completed,
        ended_at: Some(at(9)),
        ..operation(number)
    }
}

pub async fn operations_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = OperationRecord {
        rate_per_second: None,
        stop_on_error_percent: None,
        actor: None,
        reason: None,
        cursor: None,
        counts: OperationCounts::default(),
        errors: Vec::new(),
        ..operation(1)
    };
    let kinds = [OperationKind::Cancel, OperationKind::Resume];
    let states = [
        OperationState::Aborting,
        OperationState::Aborted,
        OperationState::Stopped,
        OperationState::Completed,
        OperationState::Failed,
    ];
    let kinds = kinds.map(|kind| OperationRecord {
        kind,
        ..operation(2)
    });
    let states = states.map(|state| OperationRecord { state, ..ended(3) });
    let failed = OperationRecord {
        failure: Some(Arc::from("its search can't be read")),
        ..ended(5)
    };
    let puts = [bare, operation(4), failed]
        .into_iter()
        .chain(kinds)
        .chain(states);
    for put in puts {
        subject.commit([Change::PutOperation(put.clone())]).await;
        assert_eq!(view(&subject, put.id).await, Some(put));
    }
    assert_eq!(view(&subject, operation_id(9)).await, None);
}

pub async fn operation_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for put in [operation(1), ended(1), operation(1)] {
        subject.commit([Change::PutOperation(put.clone())]).await;
        assert_eq!(list(&subject, None, MANY).await, [put]);
    }
}

pub async fn operation_pages_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = [3, 1, 4, 2].map(|number| Change::PutOperation(operation(number)));
    subject.commit(puts).await;
    let page = |numbers: &[u32]| {
        let page = numbers.iter().copied().map(operation);
        page.collect::<Vec<_>>()
    };
    let before = |number| Some(operation_id(number));
    assert_eq!(list(&subject, None, MANY).await, page(&[4, 3, 2, 1]));
    assert_eq!(list(&subject, None, 2).await, page(&[4, 3]));
    assert_eq!(list(&subject, before(3), 1).await, page(&[2]));
    assert_eq!(list(&subject, before(1), MANY).await, page(&[]));
}

pub async fn a_shard_starts_with_its_open_operations(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.other(ShardId(1)).await;
    let ours = [operation(3), ended(2), operation(1)].map(Change::PutOperation);
    subject.commit(ours).await;
    other.commit([Change::PutOperation(operation(4))]).await;
    let state = subject.shard().await;
    assert_eq!(state.operations, [operation(1), operation(3)]);
    assert_eq!(other.shard().await.operations, [operation(4)]);
    assert_eq!(
        list(&subject, None, MANY).await.len(),
        4,
        "the API sees all"
    );
}

pub async fn reruns_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let single = RerunRecord {
        operation: None,
        ..rerun(1)
    };
    for put in [rerun(1), single, rerun(2)] {
        subject.commit([Change::PutRerun(put)]).await;
        let stored = subject.store.run_rerun(put.run).await;
        assert_eq!(stored.expect("the rerun is read"), Some(put));
    }
    let none = subject.store.run_rerun(run_id(3)).await;
    assert_eq!(none.expect("the rerun is read"), None);
}

pub async fn rerun_pages_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let of = |number: u32, source: u32| RerunRecord {
        source: run_id(source),
        ..rerun(number)
    };
    let puts = [of(3, 50), of(1, 50), of(4, 51), of(2, 50)].map(Change::PutRerun);
    subject.commit(puts).await;
    let page = async |before: Option<RunId>, limit| {
        let page = subject.store.rerun_list(run_id(50), before, limit).await;
        page.expect("the reruns are read")
    };
    assert_eq!(page(None, MANY).await, [of(3, 50), of(2, 50), of(1, 50)]);
    assert_eq!(page(None, 2).await, [of(3, 50), of(2, 50)]);
    assert_eq!(page(Some(run_id(3)), 1).await, [of(2, 50)]);
    assert_eq!(page(Some(run_id(1)), MANY).await, []);
}
