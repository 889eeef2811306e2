//! Jobs and what is due; attempts.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, CallStage, DueCall, DueJob, Epoch, JobKind, JobRecord,
    LoadedJob, RunRecord, RunStatus, ShardId, WaitReason,
};
use everstep_protocol::{JobId, Timestamp, UserError};

use super::Factory;
use super::sample::{at, attempt, failed_attempt, function, job, job_id, run, run_id, step_id};
use super::subject::Subject;

/// Of a run that is not stored: there is nothing to call.
fn due(number: u32, job: u32, due_at: Timestamp) -> LoadedJob {
    LoadedJob::Upkeep(DueJob {
        due_at,
        id: job_id(run_id(number), job),
    })
}

/// As it is given when there is nothing to call.
fn upkeep(job: &JobRecord) -> LoadedJob {
    LoadedJob::Upkeep(DueJob {
        due_at: job.due_at,
        id: job.id,
    })
}

fn id_of(job: &LoadedJob) -> JobId {
    match job {
        LoadedJob::Upkeep(job) => job.id,
        LoadedJob::Call(call) => call.id,
    }
}

pub async fn jobs_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let jobs = [
        job(id, 0, at(0)),
        JobRecord {
            kind: JobKind::Step(step_id(1)),
            reason: WaitReason::Backoff,
            ..job(id, 1, at(1))
        },
        JobRecord {
            kind: JobKind::SleepEnd(step_id(2)),
            reason: WaitReason::Sleeping,
            ..job(id, 2, at(2))
        },
        JobRecord {
            reason: WaitReason::Delayed,
            attempt: 20,
            generation: 9,
            ..job(id, 3, at(3))
        },
        JobRecord {
            kind: JobKind::WaitEnd(step_id(3)),
            reason: WaitReason::Waiting,
            ..job(id, 4, at(2))
        },
        JobRecord {
            kind: JobKind::Cancel,
            ..job(id, 5, at(2))
        },
        JobRecord {
            kind: JobKind::StartTimeout,
            reason: WaitReason::Timeout,
            ..job(id, 6, at(2))
        },
        JobRecord {
            kind: JobKind::FinishTimeout,
            reason: WaitReason::Timeout,
            ..job(id, 7, at(2))
        },
        JobRecord {
            kind: JobKind::SyncTimeout,
            reason: WaitReason::Timeout,
            ..job(id, 8, at(2))
        },
        JobRecord {
            epoch: Epoch(1 << 40),
            ..job(id, u32::MAX, at(4))
        },
    ];
    subject.commit(jobs.clone().map(Change::PutJob)).await;
    assert_eq!(subject.jobs(id).await, jobs);
    assert_eq!(subject.jobs(run_id(2)).await, []);
}

pub async fn job_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let first = job(run_id(1), 1, at(100));
    let second = JobRecord {
        id: first.id,
        kind: JobKind::Step(step_id(1)),
        due_at: at(900),
        reason: WaitReason::Backoff,
        attempt: 1,
        generation: 2,
        epoch: Epoch(3),
        created_at: at(4),
    };
    for put in [&first, &second, &first] {
        subject.commit([Change::PutJob(put.clone())]).await;
        assert_eq!(subject.jobs(run_id(1)).await, std::slice::from_ref(put));
        let expected = [upkeep(put)];
        assert_eq!(
            subject.due(None, Timestamp::MAX, 10).await,
            expected,
            "due once"
        );
    }
}

pub async fn jobs_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let put = |number, jobs: &[u32]| -> Vec<Change> {
        jobs.iter()
            .map(|&of| Change::PutJob(job(run_id(number), of, at(i64::from(of)))))
            .collect()
    };
    subject
        .commit([put(1, &[1, 2, 3]), put(2, &[1, 2]), put(3, &[1])].concat())
        .await;
    let left = async || {
        let due = subject.due(None, Timestamp::MAX, 100).await;
        due.into_iter()
            .map(|due| (id_of(&due).run, id_of(&due).number))
            .collect::<Vec<_>>()
    };
    subject
        .commit([
            Change::DeleteJob(job_id(run_id(1), 2)),
            Change::DeleteJob(job_id(run_id(9), 1)),
        ])
        .await;
    let expected = [(1, 1), (2, 1), (3, 1), (2, 2), (1, 3)];
    assert_eq!(left().await, expected.map(|(run, job)| (run_id(run), job)));
    subject
        .commit([Change::DeleteJobs(run_id(2)), Change::DeleteJobs(run_id(9))])
        .await;
    let expected = [(1, 1), (3, 1), (1, 3)];
    assert_eq!(left().await, expected.map(|(run, job)| (run_id(run), job)));
    assert_eq!(subject.jobs(run_id(2)).await, []);
    // In order: a job put after the deletion is there.
    subject
        .commit([vec![Change::DeleteJobs(run_id(1))], put(1, &[7])].concat())
        .await;
    let expected = [(3, 1), (1, 7)];
    assert_eq!(left().await, expected.map(|(run, job)| (run_id(run), job)));
}

pub async fn due_jobs_are_bounded(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let jobs = [(1, 1, 100), (1, 2, 200), (2, 1, 200), (2, 0, 300)];
    subject
        .commit(jobs.map(|(run, of, ms)| Change::PutJob(job(run_id(run), of, at(ms)))))
        .await;
    let all = jobs.map(|(run, of, ms)| due(run, of, at(ms)));
    assert_eq!(subject.due(None, Timestamp::MAX, 10).await, all);
    assert_eq!(
        subject.due(None, at(300), 10).await,
        all,
        "until is included"
    );
    assert_eq!(subject.due(None, at(299), 10).await, all[..3]);
    assert_eq!(subject.due(None, at(99), 10).await, []);
    assert_eq!(subject.due(Some(at(99)), at(300), 10).await, all);
    assert_eq!(
        subject.due(Some(at(100)), at(300), 10).await,
        all[1..],
        "after is excluded"
    );
    assert_eq!(subject.due(Some(at(200)), at(300), 10).await, all[3..]);
    assert_eq!(subject.due(Some(at(300)), at(300), 10).await, []);
    assert_eq!(subject.due(Some(at(400)), at(100), 10).await, []);
    assert_eq!(subject.due(None, at(300), 2).await, all[..2]);
    assert_eq!(subject.due(None, at(300), 0).await, []);
    assert_eq!(subject.due(None, at(300), usize::MAX).await, all);
}

/// Earliest first, then by id; times before 1970 and at the ends of time are times.
pub async fn due_jobs_are_in_order(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let times = [i64::MAX, 5, -5, i64::MIN, 0];
    let jobs: Vec<JobRecord> = (1..)
        .zip(times)
        .flat_map(|(number, ms)| [(number, 12, ms), (number, 3, ms), (number + 10, 1, ms)])
        .map(|(number, of, ms)| job(run_id(number), of, Timestamp::from_millis(ms)))
        .collect();
    subject
        .commit(jobs.iter().cloned().map(Change::PutJob).collect::<Vec<_>>())
        .await;
    let mut expected: Vec<LoadedJob> = jobs.iter().map(upkeep).collect();
    expected.sort_unstable_by_key(|job| (job.due_at(), id_of(job)));
    assert_eq!(subject.due(None, Timestamp::MAX, 100).await, expected);
    assert_eq!(subject.due(None, Timestamp::MAX, 4).await, expected[..4]);
}

pub async fn due_jobs_are_of_their_shard(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject
        .store
        .shard_acquire(ShardId(1))
        .await
        .expect("the shard is acquired");
    subject
        .commit([Change::PutJob(job(run_id(1), 1, at(1)))])
        .await;
    let there = [Change::PutJob(job(run_id(2), 1, at(1)))];
    subject
        .store
        .commit(&other, there.into())
        .await
        .expect("the commit is accepted");
    assert_eq!(subject.due(None, at(1), 10).await, [due(1, 1, at(1))]);
    let theirs = subject.store.jobs_due(other.shard, None, at(1), 10).await;
    assert_eq!(theirs.expect("the jobs are read"), [due(2, 1, at(1))]);
    let none = subject.store.jobs_due(ShardId(2), None, at(1), 10).await;
    assert_eq!(none.expect("the jobs are read"), []);
}

/// A call says what its run says; what makes none says nothing of it.
pub async fn due_calls_know_their_run(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let kinds = [
        (JobKind::Discovery, true),
        (JobKind::Step(step_id(1)), true),
        (JobKind::Request(step_id(2)), true),
        (JobKind::SleepEnd(step_id(3)), false),
        (JobKind::WaitEnd(step_id(4)), false),
        (JobKind::Cancel, false),
        (JobKind::StartTimeout, false),
        (JobKind::FinishTimeout, false),
    ];
    let stages = [
        (RunStatus::Queued, Some(CallStage::Start)),
        (RunStatus::Running, Some(CallStage::Step)),
        (RunStatus::Completed, None),
        (RunStatus::Failed, None),
        (RunStatus::Cancelled, None),
        (RunStatus::Skipped, None),
    ];
    let mut expected = Vec::new();
    for (number, (status, stage)) in (1..).zip(stages) {
        let record = RunRecord {
            status,
            function: function("app", &format!("f{number}")).id,
            keys: (number != 2).then(|| Arc::from(r#"{"event.data.user":"u"}"#)),
            priority: 300 - 200 * i32::try_from(number).expect("it is small"),
            ..run(number)
        };
        subject.commit([Change::PutRun(record.clone())]).await;
        for (of, (kind, makes_call)) in (0..).zip(kinds.clone()) {
            let job = JobRecord {
                kind,
                reason: WaitReason::Backoff,
                ..job(record.id, of, at(i64::from(number)))
            };
            subject.commit([Change::PutJob(job.clone())]).await;
            expected.push(match stage.filter(|_| makes_call) {
                None => upkeep(&job),
                Some(stage) => LoadedJob::Call(DueCall {
                    due_at: job.due_at,
                    id: job.id,
                    reason: WaitReason::Backoff,
                    stage,
                    function: record.function,
                    keys: record.keys.clone(),
                    priority: record.priority,
                }),
            });
        }
    }
    assert_eq!(subject.due(None, Timestamp::MAX, 100).await, expected);
    // The run begins, and its next call is a step.
    let begun = RunRecord {
        status: RunStatus::Running,
        ..run(1)
    };
    subject.commit([Change::PutRun(begun)]).await;
    let [LoadedJob::Call(call)] = &subject.due(None, at(1), 1).await[..] else {
        panic!("the discovery is due");
    };
    assert_eq!((call.stage, &call.keys), (CallStage::Step, &None));
}

/// Most queued runs have one of few texts, and there may be a million of them.
pub async fn due_calls_share_equal_keys(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for number in 0..6 {
        let record = RunRecord {
            keys: Some(Arc::from(format!(r#"{{"a":{}}}"#, number % 2))),
            ..run(number)
        };
        let job = job(record.id, 0, at(i64::from(number)));
        subject
            .commit([Change::PutRun(record), Change::PutJob(job)])
            .await;
    }
    let due = subject.due(None, Timestamp::MAX, 10).await;
    let keys: Vec<Arc<str>> = due
        .into_iter()
        .map(|job| match job {
            LoadedJob::Call(call) => call.keys.expect("the run has keys"),
            LoadedJob::Upkeep(job) => panic!("{job:?} makes a call"),
        })
        .collect();
    for (number, text) in keys.iter().enumerate() {
        assert!(Arc::ptr_eq(text, &keys[number % 2]), "{number}");
    }
    assert_ne!(keys[0], keys[1]);
}

pub async fn attempts_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let (first, second) = (job_id(run_id(1), 1), job_id(run_id(1), 2));
    let last = AttemptRecord {
        outcome: AttemptOutcome::Failed,
        started_at: at(90),
        duration: Duration::from_secs(3 * 3600) + Duration::from_nanos(1),
        http_status: Some(500),
        error: Some(UserError::with_code(
            "HttpError",
            "the app answered 500",
            "http_status_error",
        )),
        ..attempt(first, 7)
    };
    let instant = AttemptRecord {
        duration: Duration::ZERO,
        started_at: at(80),
        ..attempt(second, 1)
    };
    let attempts = [attempt(first, 1), failed_attempt(first, 2), instant, last];
    let other_run = attempt(job_id(run_id(2), 1), 1);
    let put = [3, 0, 2, 1].map(|index: usize| Change::PutAttempt(attempts[index].clone()));
    subject.commit(put).await;
    subject
        .commit([Change::PutAttempt(other_run.clone())])
        .await;
    let list = async |number| {
        subject
            .store
            .run_attempts(run_id(number))
            .await
            .expect("the attempts are read")
    };
    assert_eq!(list(1).await, attempts, "oldest first");
    assert_eq!(list(2).await, [other_run]);
    assert_eq!(list(3).await, []);
}

pub async fn attempt_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let job = job_id(run_id(1), 1);
    for put in [attempt(job, 1), failed_attempt(job, 1), attempt(job, 1)] {
        subject.commit([Change::PutAttempt(put.clone())]).await;
        let attempts = subject
            .store
            .run_attempts(run_id(1))
            .await
            .expect("the attempts are read");
        assert_eq!(attempts, [put]);
    }
}
