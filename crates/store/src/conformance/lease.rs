//! Leases: who may write a shard.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{Epoch, ShardId};

use super::Factory;
use super::lists::lists;
use super::sample::{app, at, completed, event, event_id, function, job, run, run_id, skip};
use super::subject::{Subject, View};
use crate::{CommitError, ShardLease, Store};

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
    let changes: Arc<[Change]> = [
        vec![
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
        ],
        lists().concat(),
    ]
    .concat()
    .into();
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

const OWNERS: u32 = 8;
const COMMITS: u32 = 20;

/// What an owner saw and did.
struct Owner {
    epoch: Epoch,
    /// By owner: how many of its commits were there when this one had acquired the shard.
    seen: Vec<u32>,
    accepted: u32,
}

/// Owners take the shard from each other: each commit is accepted or refused as a whole, and once a
/// later lease was granted, nothing of an earlier one is added.
pub async fn owners_compete(factory: &dyn Factory) {
    let store = factory.open().await;
    let tasks = (0..OWNERS).map(|owner| tokio::spawn(compete(Arc::clone(&store), owner)));
    let mut owners = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        owners.push(task.await.expect("the owner did not panic"));
    }
    let mut epochs: Vec<u64> = owners.iter().map(|owner| owner.epoch.0).collect();
    epochs.sort_unstable();
    assert_eq!(
        epochs,
        (1..=u64::from(OWNERS)).collect::<Vec<_>>(),
        "no two have the same lease"
    );
    for (owner, number) in owners.iter().zip(0..) {
        let stored = commits_of(&*store, number).await;
        assert_eq!(
            stored, owner.accepted,
            "what was accepted is stored, and nothing else"
        );
        if owner.epoch == Epoch(u64::from(OWNERS)) {
            assert_eq!(stored, COMMITS, "the last owner is never refused");
        }
        for later in owners.iter().filter(|later| later.epoch > owner.epoch) {
            assert_eq!(
                stored, later.seen[number as usize],
                "a void lease added nothing"
            );
        }
    }
}

async fn compete(store: Arc<dyn Store>, owner: u32) -> Owner {
    let lease = store
        .shard_acquire(ShardId::EMBEDDED)
        .await
        .expect("the shard is acquired");
    let mut seen = Vec::new();
    for other in 0..OWNERS {
        seen.push(commits_of(&*store, other).await);
    }
    let mut accepted = 0;
    for commit in 0..COMMITS {
        let number = owner * COMMITS + commit;
        let changes = [
            Change::PutRun(run(number)),
            Change::PutJob(job(run_id(number), 1, at(1))),
        ];
        match store.commit(&lease, changes.into()).await {
            Ok(()) => accepted += 1,
            Err(CommitError::Refused(_)) => break,
            Err(error) => panic!("{error}"),
        }
        tokio::task::yield_now().await;
    }
    Owner {
        epoch: lease.epoch,
        seen,
        accepted,
    }
}

/// How many commits of an owner are stored; each of them whole.
async fn commits_of(store: &dyn Store, owner: u32) -> u32 {
    let mut commits = 0;
    for number in owner * COMMITS..(owner + 1) * COMMITS {
        // The job first: when the run comes later than the job, both must be there by then.
        let jobs = store
            .run_jobs(run_id(number))
            .await
            .expect("the jobs are read");
        let stored = store
            .run_view(run_id(number))
            .await
            .expect("the run is read")
            .is_some();
        assert!(stored || jobs.is_empty(), "run {number} is stored in part");
        commits += u32::from(stored);
    }
    commits
}
