//! The file: who owns it, what it is called, when it is opened and closed.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    ErrorGroupId, FailureRecord, IdempotencyKey, IdempotencyRecord, RunRecord, RunStatus,
    SkipReason, StepKind, StepRecord, StepStatus,
};
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{EventId, FunctionId, JobId, Json, RunId, StepId, Timestamp};
use everstep_store::{ErrorBuckets, OpenError, SqliteStore, Store};

use super::{Folder, acquire, has_run, put_run, run, run_id};

#[test]
fn second_opener_is_told_so() {
    let folder = Folder::new();
    let first = folder.open();
    for _ in 0..2 {
        let second = SqliteStore::open(&folder.path()).map(drop);
        assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    }
    drop(first);
    folder.open();
}

#[test]
fn newer_schema_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    folder
        .connect()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let opened = SqliteStore::open(&folder.path()).map(drop);
    assert!(
        matches!(
            opened,
            Err(OpenError::Newer {
                found: 99,
                known: 1..99,
                ..
            })
        ),
        "{opened:?}"
    );
    // Nothing was changed, so the newer binary can still open it.
    let version: u32 = folder
        .connect()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
}

/// A run that was alive under the first schema goes on: its discovery is job 0 now.
#[tokio::test]
async fn a_file_of_the_first_schema_is_brought_up_to_date() {
    let folder = Folder::new();
    let db = folder.connect();
    db.execute_batch(include_str!(
        "../../../src/sqlite/migrations/0001_initial.sql"
    ))
    .unwrap();
    db.execute_batch(
        "INSERT INTO runs VALUES (zeroblob(16), 0, zeroblob(16), 1, 'running', 5, NULL, 4, 2, 0, 8, 1, 0);
         INSERT INTO jobs VALUES
             (zeroblob(16), 7, 0, 'discovery', NULL, 9, 'backoff', 2, 3, 1, 8),
             (zeroblob(16), 6, 0, 'step', 'a', 9, 'queued', 0, 1, 1, 8);
         INSERT INTO attempts VALUES
             (zeroblob(16), 7, 1, 0, NULL, 'retried', 5, 6, 500, NULL, NULL, NULL),
             (zeroblob(16), 7, 2, 1, NULL, 'retried', 7, 6, 500, NULL, NULL, NULL);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(db);
    let store = SqliteStore::open(&folder.path()).unwrap();
    let run = RunId::from_bytes([0; 16]);
    let snapshot = store.run_snapshot(run).await.unwrap().unwrap();
    let numbers: Vec<u32> = snapshot.jobs.iter().map(|job| job.id.number).collect();
    assert_eq!(numbers, [JobId::DISCOVERY, 6]);
    assert_eq!((snapshot.run.next_job, snapshot.run.generation), (8, 0));
    let attempts = store.run_attempts(run).await.unwrap();
    let generations: Vec<u32> = attempts.iter().map(|attempt| attempt.generation).collect();
    assert_eq!(generations, [1, 2]);
}

/// Runs that failed before failures were counted by the hour are counted when that begins.
#[tokio::test]
async fn failures_of_a_file_of_the_sixteenth_schema_are_counted() {
    let folder = Folder::new();
    let store = folder.open();
    let lease = acquire(&store).await;
    let hour = Timestamp::from_millis(1_700_000_000_000 - 1_700_000_000_000 % 3_600_000);
    let group = ErrorGroupId([1; 16]);
    let changes = [(1, 0), (2, 59), (3, 60)].map(|(number, minute)| {
        let at = hour + Duration::from_secs(60 * minute);
        let failed = RunRecord {
            status: RunStatus::Failed,
            ended_at: Some(at),
            ..run(number)
        };
        let failure = FailureRecord {
            run: failed.id,
            function: failed.function,
            group,
            step: None,
            name: "Error".into(),
            message: "no".into(),
            at,
        };
        [Change::PutRun(failed), Change::PutFailure(failure)]
    });
    let changes: Arc<[Change]> = changes.into_iter().flatten().collect();
    store.commit(&lease, changes).await.unwrap();
    drop(store);
    let db = folder.connect();
    db.execute_batch(
        "DROP TABLE error_counts;
         DROP INDEX reruns_by_operation;
         ALTER TABLE operations DROP COLUMN failure;
         PRAGMA user_version = 16;",
    )
    .unwrap();
    drop(db);
    let store = folder.open();
    let hours = ErrorBuckets {
        from: hour,
        width: Duration::from_secs(3_600),
        count: 3,
    };
    let counts = store.error_counts(&[group], &hours).await.unwrap();
    assert_eq!(counts, [[2, 1, 0]]);
}

/// What was there under the second schema is there, and what the third one adds can be stored.
#[tokio::test]
async fn a_file_of_the_second_schema_is_brought_up_to_date() {
    let folder = Folder::new();
    let db = folder.connect();
    for migration in [
        include_str!("../../../src/sqlite/migrations/0001_initial.sql"),
        include_str!("../../../src/sqlite/migrations/0002_requests.sql"),
    ] {
        db.execute_batch(migration).unwrap();
    }
    db.execute_batch(
        r#"INSERT INTO runs VALUES
               (zeroblob(16), 0, zeroblob(16), 1, 'running', 5, NULL, 4, 2, 0, 8, 1, 1, 3);
           INSERT INTO steps VALUES
               (zeroblob(16), 'a', 0, 'run', 'completed', 'A', 'step.ai.wrap', 'race', 0, 5, 6, 7,
                '{"data":1}'),
               (zeroblob(16), 'b', 0, 'sleep', 'sleeping', 'B', NULL, 'join', NULL, 8, NULL, NULL,
                NULL);
           INSERT INTO skips VALUES (zeroblob(16), zeroblob(16), 'expression_unsupported');
           PRAGMA user_version = 2;"#,
    )
    .unwrap();
    drop(db);
    let store = folder.open();
    let run = RunId::from_bytes([0; 16]);
    let snapshot = store.run_snapshot(run).await.unwrap().unwrap();
    assert_eq!(
        (snapshot.run.generation, snapshot.run.invoked_by),
        (3, vec![])
    );
    assert_eq!(snapshot.waits, []);
    assert_eq!(snapshot.defers, []);
    let memoized = StepRecord {
        trace: None,
        run,
        id: StepId::new("a"),
        kind: StepKind::Run,
        status: StepStatus::Completed,
        name: "A".into(),
        step_type: Some("step.ai.wrap".into()),
        mode: ParallelMode::Race,
        position: Some(0),
        value: Some(Json::from_canonical(r#"{"data":1}"#)),
        created_at: Timestamp::from_millis(5),
        started_at: Some(Timestamp::from_millis(6)),
        ended_at: Some(Timestamp::from_millis(7)),
    };
    let outstanding = StepRecord {
        id: StepId::new("b"),
        kind: StepKind::Sleep,
        status: StepStatus::Sleeping,
        name: "B".into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: None,
        value: None,
        created_at: Timestamp::from_millis(8),
        started_at: None,
        ended_at: None,
        ..memoized.clone()
    };
    assert_eq!(snapshot.steps, [memoized.clone(), outstanding.clone()]);
    let skips = store.event_skips(EventId::from_bytes([0; 16])).await;
    let [skip] = skips.unwrap().try_into().unwrap();
    assert_eq!(
        (skip.reason, skip.detail),
        (SkipReason::ExpressionFalse, None)
    );

    let waiting = StepRecord {
        kind: StepKind::WaitForEvent,
        status: StepStatus::Waiting,
        ..outstanding
    };
    let lease = acquire(&store).await;
    let put = [Change::PutStep(waiting.clone())];
    store.commit(&lease, put.into()).await.unwrap();
    assert_eq!(store.run_steps(run).await.unwrap(), [memoized, waiting]);
}

/// What was there under the sixth schema is there: a run still answers the wait that it answered.
#[tokio::test]
async fn a_file_of_the_sixth_schema_is_brought_up_to_date() {
    let folder = Folder::new();
    let db = folder.connect();
    for migration in [
        include_str!("../../../src/sqlite/migrations/0001_initial.sql"),
        include_str!("../../../src/sqlite/migrations/0002_requests.sql"),
        include_str!("../../../src/sqlite/migrations/0003_waits.sql"),
        include_str!("../../../src/sqlite/migrations/0004_step_traces.sql"),
        include_str!("../../../src/sqlite/migrations/0005_defers.sql"),
        include_str!("../../../src/sqlite/migrations/0006_cancellations.sql"),
    ] {
        db.execute_batch(migration).unwrap();
    }
    db.execute_batch(
        "INSERT INTO runs VALUES
             (x'00000000000000000000000000000001', 0, zeroblob(16), 1, 'running', 5, NULL, 4, 2, 1, 8,
              9, 3, 6, x'00FF00000000000000000000000000FF', 4026531841),
             (x'00000000000000000000000000000002', 0, zeroblob(16), 1, 'queued', NULL, NULL, 4, -1, 0,
              1, 0, 0, 0, NULL, NULL),
             (x'00000000000000000000000000000003', 0, zeroblob(16), 2, 'completed', 5, 7, 4, 2, 0, 8,
              9, 3, 6, NULL, NULL);
         INSERT INTO idempotency VALUES
             (zeroblob(16), 0, x'00000000000000000000000000000001', 77);
         PRAGMA user_version = 6;",
    )
    .unwrap();
    drop(db);
    let store = folder.open();
    let id = |number| RunId::from_bytes(u128::to_be_bytes(number));
    let live = RunRecord {
        id: id(1),
        function: FunctionId(Default::default()),
        function_version: 1,
        status: RunStatus::Running,
        started_at: Some(Timestamp::from_millis(5)),
        ended_at: None,
        max_attempts: 4,
        request_version: 2,
        parallel: true,
        next_job: 8,
        generation: 6,
        state_bytes: 9,
        steps_done: 3,
        invoked_by: vec![JobId {
            run: id(0xFF << 112 | 0xFF),
            number: 0xF000_0001,
        }],
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    };
    assert_eq!(store.run_view(id(1)).await.unwrap(), Some(live));
    let queued = store.run_view(id(2)).await.unwrap().unwrap();
    assert_eq!(
        (queued.status, queued.invoked_by),
        (RunStatus::Queued, vec![])
    );
    let lease = acquire(&store).await;
    let all = store.runs_live(lease.shard, id(0), id(99), 10).await;
    let all: Vec<RunId> = all.unwrap().into_iter().map(|(run, _)| run).collect();
    assert_eq!(all, [id(1), id(2)]);
    let expected = IdempotencyRecord {
        key: IdempotencyKey([0; 16]),
        run: Some(id(1)),
        expires_at: Timestamp::from_millis(77),
    };
    let state = store.shard_load(&lease).await.unwrap();
    assert_eq!(state.idempotency, [expected]);

    let skipped = RunRecord {
        status: RunStatus::Skipped,
        ..run(9)
    };
    let held_back = IdempotencyRecord {
        run: None,
        ..expected
    };
    let put = [
        Change::PutRun(skipped.clone()),
        Change::PutIdempotency(held_back),
    ];
    store.commit(&lease, put.into()).await.unwrap();
    assert_eq!(store.run_view(skipped.id).await.unwrap(), Some(skipped));
    let state = store.shard_load(&lease).await.unwrap();
    assert_eq!(state.idempotency, [held_back]);
}

#[tokio::test]
async fn folders_are_made() {
    let folder = Folder::new();
    let path = folder.0.path().join("a/b c/ü.db");
    let store = SqliteStore::open(&path).unwrap();
    let lease = acquire(&store).await;
    put_run(&store, &lease, 1).await.unwrap();
    assert!(path.exists());
}

#[test]
fn what_can_not_be_opened_is_named() {
    let folder = Folder::new();
    let is_folder = SqliteStore::open(folder.0.path()).map(drop).unwrap_err();
    std::fs::write(
        folder.path(),
        "This is a text, and by no means a database. ".repeat(100),
    )
    .unwrap();
    let is_text = SqliteStore::open(&folder.path()).map(drop).unwrap_err();
    let in_file = SqliteStore::open(&folder.path().join("file.db"))
        .map(drop)
        .unwrap_err();
    for error in [is_folder, is_text, in_file] {
        assert!(matches!(error, OpenError::Failed { .. }), "{error:?}");
        assert!(
            error
                .to_string()
                .contains(folder.0.path().to_str().unwrap()),
            "{error}"
        );
        assert!(error.source().is_some());
    }
}

/// What was handed over is written, even if nobody waits for the answer.
#[tokio::test]
async fn closing_finishes_commits() {
    let folder = Folder::new();
    let store = folder.open();
    let lease = acquire(&store).await;
    let mut context = Context::from_waker(Waker::noop());
    let mut begun = Vec::new();
    for number in 0..50 {
        let mut commit = Box::pin(put_run(&store, &lease, number));
        if let Poll::Ready(result) = commit.as_mut().poll(&mut context) {
            result.unwrap();
        }
        begun.push(commit);
    }
    drop(begun);
    drop(store);
    assert_eq!(
        folder.log_size(),
        None,
        "the log was copied into the database and removed"
    );
    let store = folder.open();
    for number in 0..50 {
        assert!(has_run(&store, number).await, "run {number}");
    }
}

/// The log is copied into the database again and again, also while someone reads.
#[tokio::test]
async fn log_stays_short() {
    let folder = Folder::new();
    let store = folder.open();
    let lease = acquire(&store).await;
    put_run(&store, &lease, 1).await.unwrap();
    let value = Json::string(&"x".repeat(100_000));
    let mut longest = 0;
    for number in 0..500 {
        let step = StepRecord {
            trace: None,
            run: run_id(1),
            id: StepId::new(format!("{number}")),
            kind: StepKind::Run,
            status: StepStatus::Completed,
            name: "step".into(),
            step_type: None,
            mode: ParallelMode::Join,
            position: Some(number),
            value: Some(value.clone()),
            created_at: Timestamp::default(),
            started_at: None,
            ended_at: None,
        };
        store
            .commit(
                &lease,
                Arc::new([Change::PutRun(run(1)), Change::PutStep(step)]),
            )
            .await
            .unwrap();
        store.run_view(run_id(1)).await.unwrap();
        longest = longest.max(folder.log_size().unwrap());
    }
    // 50 MB went through a log that is copied when it has 16 MiB.
    assert!(longest < 20 << 20, "{longest}");
}
