//! Commits: idempotent, whole or not at all, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use everstep_core::Change;
use everstep_core::record::RunRecord;

use super::Factory;
use super::lists::lists;
use super::random::Random;
use super::sample::{at, completed, job, job_id, run, run_id};
use super::subject::{Subject, View};
use crate::{MemoryStore, Store};

pub async fn a_list_applied_twice_equals_once(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for changes in lists() {
        subject.commit(changes.clone()).await;
        let once = View::of(&*subject.store, &subject.lease, &changes).await;
        subject.commit(changes.clone()).await;
        let twice = View::of(&*subject.store, &subject.lease, &changes).await;
        assert_eq!(once, twice, "{changes:?}");
    }
}

/// Lists of random changes on few rows, against the memory store; each list twice in a row.
pub async fn random_changes_mean_what_the_model_says(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let model = MemoryStore::new();
    let model_lease = model
        .shard_acquire(subject.lease.shard)
        .await
        .expect("the shard is acquired");
    let mut random = Random::new(0x5EED);
    let mut touched = Vec::new();
    for round in 0..300 {
        let changes: Arc<[Change]> = (0..random.below(12)).map(|_| random.change()).collect();
        touched.extend(changes.iter().cloned());
        for _ in 0..2 {
            subject.commit(Arc::clone(&changes)).await;
        }
        model
            .commit(&model_lease, changes)
            .await
            .expect("the commit is accepted");
        if round % 10 == 0 {
            let actual = View::of(&*subject.store, &subject.lease, &touched).await;
            let expected = View::of(&model, &model_lease, &touched).await;
            assert_eq!(actual, expected, "after round {round}");
        }
    }
}

pub async fn changes_apply_in_order(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = (0..100).map(|done| {
        Change::PutRun(RunRecord {
            steps_done: done,
            ..run(1)
        })
    });
    subject.commit(puts.collect::<Vec<_>>()).await;
    assert_eq!(
        subject.run(run_id(1)).await.map(|run| run.steps_done),
        Some(99)
    );
}

pub async fn concurrent_commits_are_all_kept(factory: &dyn Factory) {
    const TASKS: u32 = 32;
    const COMMITS: u32 = 20;
    let subject = Arc::new(Subject::open(factory).await);
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let subject = Arc::clone(&subject);
        tasks.push(tokio::spawn(async move {
            for commit in 0..COMMITS {
                let id = run_id(task);
                let record = RunRecord {
                    steps_done: commit + 1,
                    ..run(task)
                };
                subject
                    .commit([
                        Change::PutRun(record),
                        Change::PutStep(completed(id, commit, commit)),
                    ])
                    .await;
                let seen = subject.run(id).await.map(|run| run.steps_done);
                assert_eq!(
                    seen,
                    Some(commit + 1),
                    "a commit is seen once it was acknowledged"
                );
            }
        }));
    }
    for task in tasks {
        task.await.expect("the task did not panic");
    }
    for task in 0..TASKS {
        assert_eq!(subject.steps(run_id(task)).await.len(), COMMITS as usize);
    }
}

/// Readers see each commit as a whole, while they go on.
pub async fn readers_see_whole_commits(factory: &dyn Factory) {
    const COMMITS: u32 = 200;
    let subject = Arc::new(Subject::open(factory).await);
    let id = run_id(1);
    subject.commit([Change::PutRun(run(1))]).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for _ in 0..3 {
        let (subject, done) = (Arc::clone(&subject), Arc::clone(&done));
        readers.push(tokio::spawn(async move {
            let mut seen = 0;
            loop {
                let last = done.load(Ordering::Acquire);
                let snapshot = subject.snapshot(id).await.expect("the run is live");
                let steps = snapshot.run.steps_done;
                assert_eq!(
                    snapshot.steps.len(),
                    steps as usize,
                    "the run and its steps agree"
                );
                let jobs: Vec<u32> = snapshot.jobs.iter().map(|job| job.id.number).collect();
                assert_eq!(
                    jobs,
                    (steps > 0).then_some(steps).into_iter().collect::<Vec<_>>()
                );
                assert!(steps >= seen, "time does not run backwards");
                seen = steps;
                if last {
                    break seen;
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    for number in 1..=COMMITS {
        subject
            .commit([
                Change::PutRun(RunRecord {
                    steps_done: number,
                    ..run(1)
                }),
                Change::PutStep(completed(id, number, number - 1)),
                Change::DeleteJob(job_id(id, number - 1)),
                Change::PutJob(job(id, number, at(i64::from(number)))),
            ])
            .await;
    }
    done.store(true, Ordering::Release);
    for reader in readers {
        assert_eq!(reader.await.expect("the reader did not panic"), COMMITS);
    }
}

pub async fn everything_is_there_after_reopening(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let changes = lists().concat();
    let mut lease = subject.lease;
    subject.commit(changes.clone()).await;
    let before = View::of(&*subject.store, &lease, &changes).await;
    drop(subject);
    for _ in 0..2 {
        let store = factory.open().await;
        assert_eq!(View::of(&*store, &lease, &changes).await, before);
        let next = store
            .shard_acquire(lease.shard)
            .await
            .expect("the shard is acquired");
        assert_eq!(next.epoch.0, lease.epoch.0 + 1, "epochs go on counting");
        lease = next;
    }
}
