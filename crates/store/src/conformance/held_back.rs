//! Events that are held back: debounces and batches.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{BatchEventRecord, BatchRecord, DebounceRecord, ShardId};
use everstep_protocol::Timestamp;

use super::Factory;
use super::sample::{at, event, event_id, function, job_id, run_id};
use super::sample_flow::{batch, batch_event, batch_id, debounce, limit_id};
use super::subject::Subject;

pub async fn debounces_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = DebounceRecord {
        key: None,
        invoked_by: None,
        events: u32::MAX,
        fire_at: Timestamp::MAX,
        ..debounce(1)
    };
    let of_empty_key = DebounceRecord {
        key: Some(Arc::from("")),
        invoked_by: Some(job_id(run_id(8), u32::MAX)),
        ..debounce(3)
    };
    let debounces = [bare, debounce(2), of_empty_key];
    let put = [2, 0, 1].map(|index: usize| Change::PutDebounce(debounces[index].clone()));
    subject.commit(put).await;
    assert_eq!(subject.shard().await.debounces, debounces, "by id");
}

pub async fn db_1_a_debounce_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let later = DebounceRecord {
        id: limit_id(1),
        function: function("other", "function").id,
        key: None,
        event: event_id(77),
        event_ts: at(78),
        invoked_by: None,
        events: 5,
        opened_at: at(79),
        fire_at: at(80),
    };
    for put in [debounce(1), later, debounce(1)] {
        subject.commit([Change::PutDebounce(put.clone())]).await;
        assert_eq!(subject.shard().await.debounces, [put]);
    }
}

pub async fn debounces_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = [1, 2].map(|number| Change::PutDebounce(debounce(number)));
    subject.commit(puts).await;
    let deletes = [1, 3].map(|number| Change::DeleteDebounce(limit_id(number)));
    subject.commit(deletes).await;
    assert_eq!(subject.shard().await.debounces, [debounce(2)]);
}

pub async fn batches_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = BatchRecord {
        key: None,
        is_full: true,
        ..batch(1)
    };
    let of_empty_key = BatchRecord {
        key: Some(Arc::from("")),
        fire_at: Timestamp::MAX,
        ..batch(3)
    };
    let batches = [bare, batch(2), of_empty_key];
    let put = [2, 0, 1].map(|index: usize| Change::PutBatch(batches[index].clone()));
    subject.commit(put).await;
    let invoked = BatchEventRecord {
        size: u32::MAX,
        invoked_by: Some(job_id(run_id(8), u32::MAX)),
        ..batch_event(1, 9)
    };
    let last = BatchEventRecord {
        position: u32::MAX,
        ..batch_event(2, 0)
    };
    let events = [batch_event(1, 0), invoked, batch_event(1, 10), last];
    let put = [3, 1, 2, 0].map(|index: usize| Change::PutBatchEvent(events[index].clone()));
    subject.commit(put).await;
    let state = subject.shard().await;
    assert_eq!(state.batches, batches, "by id");
    assert_eq!(state.batch_events, events, "by batch and position");
}

pub async fn batch_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let second = BatchRecord {
        id: batch_id(1),
        function: function("other", "function").id,
        key: None,
        opened_at: at(71),
        fire_at: at(81),
        is_full: true,
    };
    let second_event = BatchEventRecord {
        event: event_id(7),
        size: 8,
        invoked_by: Some(job_id(run_id(8), 9)),
        ..batch_event(1, 1)
    };
    for (batch, event) in [
        (batch(1), batch_event(1, 1)),
        (second, second_event),
        (batch(1), batch_event(1, 1)),
    ] {
        let puts = [
            Change::PutBatch(batch.clone()),
            Change::PutBatchEvent(event.clone()),
        ];
        subject.commit(puts).await;
        let state = subject.shard().await;
        assert_eq!(state.batches, [batch]);
        assert_eq!(state.batch_events, [event]);
    }
}

/// The events of its list stay: the run of the batch has them.
pub async fn ba_6_a_batch_goes_with_its_list(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let stored = event(100);
    let puts = [
        Change::PutEvent(stored.clone()),
        Change::PutBatch(batch(1)),
        Change::PutBatchEvent(batch_event(1, 0)),
        Change::PutBatch(batch(2)),
        Change::PutBatchEvent(batch_event(2, 0)),
    ];
    subject.commit(puts).await;
    let deletes = [1, 3].map(|number| Change::DeleteBatch(batch_id(number)));
    subject.commit(deletes).await;
    let state = subject.shard().await;
    assert_eq!(state.batches, [batch(2)]);
    assert_eq!(state.batch_events, [batch_event(2, 0)]);
    assert_eq!(batch_event(1, 0).event, stored.id);
    let event = subject.store.event_view(stored.id).await;
    assert_eq!(event.expect("the event is read"), Some(stored));
    // In order: what is put after the deletion is there.
    let again = [
        Change::DeleteBatch(batch_id(2)),
        Change::PutBatchEvent(batch_event(2, 5)),
    ];
    subject.commit(again).await;
    assert_eq!(subject.shard().await.batch_events, [batch_event(2, 5)]);
}

pub async fn what_is_held_back_is_of_its_shard(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.other(ShardId(1)).await;
    for (number, subject) in [(1, &subject), (2, &other)] {
        let puts = [
            Change::PutDebounce(debounce(number)),
            Change::PutBatch(batch(number.into())),
            Change::PutBatchEvent(batch_event(number.into(), 0)),
        ];
        subject.commit(puts).await;
    }
    for (number, subject) in [(1, &subject), (2, &other)] {
        let state = subject.shard().await;
        assert_eq!(state.debounces, [debounce(number)]);
        assert_eq!(state.batches, [batch(number.into())]);
        assert_eq!(state.batch_events, [batch_event(number.into(), 0)]);
    }
}
