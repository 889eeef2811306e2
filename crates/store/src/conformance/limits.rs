//! What limits remember: holds and rates.

use everstep_core::Change;
use everstep_core::record::{HoldRecord, RateRecord, ShardId};
use everstep_protocol::Timestamp;

use super::Factory;
use super::sample::{at, run_id};
use super::sample_flow::{hold, limit_id, rate};
use super::subject::Subject;
use crate::TAT_MAX;

pub async fn holds_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let holds = [
        hold(0, 9),
        HoldRecord {
            since: Timestamp::MAX,
            ..hold(1, 3)
        },
        hold(1, 4),
        hold(2, 3),
        hold(255, 1),
    ];
    let put = [4, 2, 0, 3, 1].map(|index: usize| Change::PutHold(holds[index].clone()));
    subject.commit(put).await;
    assert_eq!(subject.shard().await.holds, holds, "by limit and run");
}

pub async fn hold_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let later = HoldRecord {
        since: at(99),
        ..hold(1, 1)
    };
    for put in [hold(1, 1), later] {
        subject.commit([Change::PutHold(put.clone())]).await;
        assert_eq!(subject.shard().await.holds, [put]);
    }
}

pub async fn holds_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let holds = [hold(1, 1), hold(1, 2), hold(2, 1), hold(2, 2), hold(3, 1)];
    subject.commit(holds.map(Change::PutHold)).await;
    let delete = |limit, run| Change::DeleteHold {
        limit: limit_id(limit),
        run: run_id(run),
    };
    subject.commit([delete(2, 1), delete(3, 2)]).await;
    let left = [hold(1, 1), hold(1, 2), hold(2, 2), hold(3, 1)];
    assert_eq!(subject.shard().await.holds, left);
    let deletes = [1, 9].map(|run| Change::DeleteHolds(run_id(run)));
    subject.commit(deletes).await;
    assert_eq!(subject.shard().await.holds, [hold(1, 2), hold(2, 2)]);
}

pub async fn rates_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let rates = [
        rate(0, 0),
        rate(1, 1_700_000_000_123_456_789),
        rate(2, TAT_MAX),
    ];
    let put = [2, 0, 1].map(|index: usize| Change::PutRate(rates[index]));
    subject.commit(put).await;
    assert_eq!(subject.shard().await.rates, rates, "by limit");
    for beyond in [TAT_MAX + 1, u64::MAX] {
        subject.commit([Change::PutRate(rate(0, beyond))]).await;
        let kept = subject.shard().await.rates[0];
        assert_eq!(kept, rate(0, TAT_MAX), "{beyond}");
    }
}

pub async fn rate_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for put in [rate(1, 5), rate(1, 9), rate(1, 2)] {
        subject.commit([Change::PutRate(put)]).await;
        assert_eq!(subject.shard().await.rates, [put]);
    }
    subject.commit([Change::ExpireRates(2)]).await;
    assert_eq!(subject.shard().await.rates, [], "its last time counts");
}

/// A rate whose time is then has passed then.
pub async fn rates_expire_at_their_time(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let tats = [0, 9, 10, 11, TAT_MAX];
    let rates: Vec<RateRecord> = (0..)
        .zip(tats)
        .map(|(number, tat)| rate(number, tat))
        .collect();
    let put = rates.iter().copied().map(Change::PutRate);
    subject.commit(put.collect::<Vec<_>>()).await;
    for (then, left) in [(0, 1), (8, 1), (10, 3), (TAT_MAX - 1, 4), (u64::MAX, 5)] {
        subject.commit([Change::ExpireRates(then)]).await;
        assert_eq!(subject.shard().await.rates, rates[left..], "{then}");
    }
}

pub async fn limits_are_of_their_shard(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.other(ShardId(1)).await;
    let ours = [Change::PutHold(hold(1, 1)), Change::PutRate(rate(1, 5))];
    subject.commit(ours).await;
    let theirs = [Change::PutHold(hold(2, 2)), Change::PutRate(rate(2, 5))];
    other.commit(theirs).await;
    subject.commit([Change::ExpireRates(5)]).await;
    let (ours, theirs) = (subject.shard().await, other.shard().await);
    assert_eq!((ours.holds, ours.rates), (vec![hold(1, 1)], vec![]));
    let expected = (vec![hold(2, 2)], vec![rate(2, 5)]);
    assert_eq!((theirs.holds, theirs.rates), expected);
}
