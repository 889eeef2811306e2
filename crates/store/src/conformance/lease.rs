//! Leases: who may write a shard.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{Epoch, ShardId};

use super::Factory;
use super::sample::{app, at, completed, event, event_id, function, job, run, run_id, skip};
use super::subject::{Subject, View};
use crate::{CommitError, ShardLease};

fn is_refused(result: &Result<(), CommitError>, shard: ShardId) -> bool {
    matches!(result, Err(CommitError::Refused(of)) if *of == shard)
}

pub async fn epochs_count_up(factory: &dyn Factory) {
    let store = factory.open().await;
    for epoch in 1..=3 {
        let lease = store
            .shard_acquire(ShardId(4))
            .await
            .expect("the shard is acquired");
        assert_eq!(
            lease,
            ShardLease {
                shard: ShardId(4),
                epoch: Epoch(epoch)
            }
        );
    }
    let other = store
        .shard_acquire(ShardId(5))
        .await
        .expect("the shard is acquired");
    assert_eq!(other.epoch, Epoch(1), "each shard counts for itself");
}

pub async fn earlier_lease_writes_nothing(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let earlier = subject.lease;
    let lease = subject
        .store
        .shard_acquire(earlier.shard)
        .await
        .expect("the shard is acquired");
    let id = run_id(1);
    let changes: Arc<[Change]> = Arc::new([
        Change::PutApp(app("app")),
        Change::PutFunction(function("app", "function")),
        Change::PutEvent(event(1)),
        Change::PutRun(run(1)),
        Change::PutRunEvents {
            run: id,
            events: vec![event_id(1)],
        },
        Change::PutStep(completed(id, 1, 0)),
        Change::PutJob(job(id, 1, at(1))),
        Change::PutSkip(skip(1, "other")),
    ]);
    let before = View::of(&*subject.store, &lease, &changes).await;
    for _ in 0..2 {
        let result = subject.store.commit(&earlier, Arc::clone(&changes)).await;
        assert!(is_refused(&result, earlier.shard), "{result:?}");
        let nothing = subject.store.commit(&earlier, Arc::new([])).await;
        assert!(
            is_refused(&nothing, earlier.shard),
            "no changes are refused as well: {nothing:?}"
        );
    }
    assert_eq!(View::of(&*subject.store, &lease, &changes).await, before);
    subject
        .store
        .commit(&lease, Arc::clone(&changes))
        .await
        .expect("the owner's commit is accepted");
    assert_ne!(View::of(&*subject.store, &lease, &changes).await, before);
}

pub async fn unknown_leases_are_refused(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let never_acquired = ShardLease {
        shard: ShardId(9),
        epoch: Epoch(1),
    };
    let not_yet = ShardLease {
        epoch: Epoch(subject.lease.epoch.0 + 1),
        ..subject.lease
    };
    let zero = ShardLease {
        shard: ShardId(9),
        epoch: Epoch(0),
    };
    for lease in [never_acquired, not_yet, zero] {
        let result = subject
            .store
            .commit(&lease, Arc::new([Change::PutRun(run(1))]))
            .await;
        assert!(is_refused(&result, lease.shard), "{result:?}");
    }
    assert_eq!(subject.run(run_id(1)).await, None);
}

pub async fn leases_of_other_shards_stay_valid(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject
        .store
        .shard_acquire(ShardId(1))
        .await
        .expect("the shard is acquired");
    subject.commit([Change::PutRun(run(1))]).await;
    assert_eq!(subject.run(run_id(1)).await, Some(run(1)));
}

/// Owners that take the shard from each other: each commit is accepted or refused as a whole, and
/// none is accepted after a later lease was granted.
pub async fn owners_compete(factory: &dyn Factory) {
    const OWNERS: u32 = 8;
    const COMMITS: u32 = 20;
    let store = factory.open().await;
    let mut owners = Vec::new();
    for owner in 0..OWNERS {
        let store = Arc::clone(&store);
        owners.push(tokio::spawn(async move {
            let lease = store
                .shard_acquire(ShardId::EMBEDDED)
                .await
                .expect("the shard is acquired");
            let mut accepted = Vec::new();
            for commit in 0..COMMITS {
                let number = owner * COMMITS + commit;
                let changes = [
                    Change::PutRun(run(number)),
                    Change::PutJob(job(run_id(number), 1, at(1))),
                ];
                match store.commit(&lease, changes.into()).await {
                    Ok(()) => accepted.push(number),
                    Err(CommitError::Refused(_)) => break,
                    Err(error) => panic!("{error}"),
                }
                tokio::task::yield_now().await;
            }
            (lease.epoch, accepted)
        }));
    }
    let mut results = Vec::new();
    for owner in owners {
        results.push(owner.await.expect("the owner did not panic"));
    }
    results.sort_unstable();
    let epochs: Vec<u64> = results.iter().map(|(epoch, _)| epoch.0).collect();
    assert_eq!(
        epochs,
        (1..=u64::from(OWNERS)).collect::<Vec<_>>(),
        "no two have the same lease"
    );
    let (_, last) = results.last().expect("there are owners");
    assert_eq!(
        last.len(),
        COMMITS as usize,
        "the last owner is never refused"
    );
    let accepted: Vec<u32> = results
        .into_iter()
        .flat_map(|(_, accepted)| accepted)
        .collect();
    for number in 0..OWNERS * COMMITS {
        let stored = store
            .run_view(run_id(number))
            .await
            .expect("the run is read")
            .is_some();
        assert_eq!(stored, accepted.contains(&number), "run {number}");
        let jobs = store
            .run_jobs(run_id(number))
            .await
            .expect("the jobs are read");
        assert_eq!(jobs.len(), usize::from(stored), "job of run {number}");
    }
}
