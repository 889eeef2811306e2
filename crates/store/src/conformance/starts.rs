//! What runs are started by, or not again: ticks and idempotency.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{IdempotencyRecord, ShardId, TickRecord};
use everstep_protocol::Timestamp;

use super::Factory;
use super::sample::{at, idempotency, tick};
use super::subject::Subject;

pub async fn ticks_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let mut ticks = [
        tick("f", "TZ=Europe/Paris 0 12 * * 5"),
        tick("f", "*/5 * * * *"),
        tick("g", "*/5 * * * *"),
    ];
    subject.commit(ticks.clone().map(Change::PutTick)).await;
    ticks.sort();
    assert_eq!(
        subject.shard().await.ticks,
        ticks,
        "by function and expression"
    );
}

pub async fn cr_5_a_tick_is_replaced_by_function_and_expression(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let next = TickRecord {
        tick: at(120_000),
        fire_at: at(120_001),
        ..tick("f", "* * * * *")
    };
    for put in [tick("f", "* * * * *"), next.clone()] {
        subject.commit([Change::PutTick(put.clone())]).await;
        assert_eq!(subject.shard().await.ticks, [put]);
    }
    subject
        .commit([Change::PutTick(tick("f", "0 * * * *"))])
        .await;
    let mut both = [next, tick("f", "0 * * * *")];
    both.sort();
    assert_eq!(subject.shard().await.ticks, both);
}

pub async fn ticks_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let delete = |function: &str, cron: &str| Change::DeleteTick {
        function: tick(function, cron).function,
        cron: Arc::from(cron),
    };
    let ticks = [tick("f", "a"), tick("f", "b"), tick("g", "a")];
    subject.commit(ticks.map(Change::PutTick)).await;
    subject.commit([delete("f", "a"), delete("g", "b")]).await;
    let mut left = [tick("f", "b"), tick("g", "a")];
    left.sort();
    assert_eq!(subject.shard().await.ticks, left);
}

pub async fn idempotency_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let records = [
        idempotency(0, at(3)),
        idempotency(7, Timestamp::MAX),
        idempotency(255, at(1)),
    ];
    let put = [1, 2, 0].map(|index: usize| Change::PutIdempotency(records[index]));
    subject.commit(put).await;
    assert_eq!(subject.shard().await.idempotency, records, "by key");
}

pub async fn idempotency_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let second = IdempotencyRecord {
        run: None,
        expires_at: at(20),
        ..idempotency(1, at(10))
    };
    for put in [idempotency(1, at(10)), second] {
        subject.commit([Change::PutIdempotency(put)]).await;
        assert_eq!(subject.shard().await.idempotency, [put]);
    }
    subject.commit([Change::ExpireIdempotency(at(10))]).await;
    let left = subject.shard().await.idempotency;
    assert_eq!(left, [second], "its first time is forgotten");
}

/// What expires then has expired then.
pub async fn idempotency_expires_at_its_time(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let times = [i64::MIN, -1, 0, 9, 10, 11, i64::MAX];
    let records: Vec<IdempotencyRecord> = (0..)
        .zip(times)
        .map(|(number, ms)| idempotency(number, Timestamp::from_millis(ms)))
        .collect();
    let put = records.iter().copied().map(Change::PutIdempotency);
    subject.commit(put.collect::<Vec<_>>()).await;
    for (then, left) in [
        (i64::MIN, 1),
        (-2, 1),
        (-1, 2),
        (10, 5),
        (i64::MAX - 1, 6),
        (i64::MAX, 7),
    ] {
        let then = Timestamp::from_millis(then);
        subject.commit([Change::ExpireIdempotency(then)]).await;
        assert_eq!(
            subject.shard().await.idempotency,
            records[left..],
            "{then:?}"
        );
    }
}

pub async fn starts_are_of_their_shard(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject
        .store
        .shard_acquire(ShardId(1))
        .await
        .expect("the shard is acquired");
    subject
        .commit([
            Change::PutTick(tick("f", "a")),
            Change::PutIdempotency(idempotency(1, at(1))),
        ])
        .await;
    let there = [
        Change::PutTick(tick("g", "a")),
        Change::PutIdempotency(idempotency(2, at(1))),
    ];
    subject
        .store
        .commit(&other, there.into())
        .await
        .expect("the commit is accepted");
    let state = subject.shard().await;
    assert_eq!(state.ticks, [tick("f", "a")]);
    assert_eq!(state.idempotency, [idempotency(1, at(1))]);
    subject.commit([Change::ExpireIdempotency(at(1))]).await;
    let theirs = subject.store.shard_load(&other).await;
    let theirs = theirs.expect("the shard is read");
    assert_eq!(theirs.ticks, [tick("g", "a")]);
    assert_eq!(theirs.idempotency, [idempotency(2, at(1))]);
    assert_eq!(subject.shard().await.idempotency, []);
}
