//! Other programs with the file open, and statements that fail.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_store::{CommitError, Store};

use super::{Folder, acquire, has_run, put_run, run};

/// Another program writes for a moment, as the SQLite shell may: commits wait for it.
#[tokio::test]
async fn commits_wait_for_another_writer() {
    let folder = Folder::new();
    let store = folder.open();
    let lease = acquire(&store).await;
    let db = folder.connect();
    db.execute_batch("BEGIN IMMEDIATE; CREATE TABLE notes (note TEXT);")
        .unwrap();
    let held = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        db.execute_batch("COMMIT").unwrap();
    });
    put_run(&store, &lease, 1).await.unwrap();
    held.join().unwrap();
    assert!(has_run(&store, 1).await);
}

/// Another program reads for long: commits and reads go on.
#[tokio::test]
async fn long_reads_do_not_block() {
    let folder = Folder::new();
    let store = folder.open();
    let lease = acquire(&store).await;
    let db = folder.connect();
    db.execute_batch("BEGIN; SELECT count(*) FROM runs;")
        .unwrap();
    for number in 0..100 {
        put_run(&store, &lease, number).await.unwrap();
        assert!(has_run(&store, number).await);
    }
    let seen: u32 = db
        .query_one("SELECT count(*) FROM runs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seen, 0, "the other program sees the state of when it began");
}

/// A commit that fails takes nothing with it: neither its own first changes nor the commits that
/// were grouped with it.
#[tokio::test]
async fn failing_commit_fails_alone() {
    let folder = Folder::new();
    let store = Arc::new(folder.open());
    let lease = acquire(&store).await;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON runs WHEN new.max_attempts = 13
                  BEGIN SELECT RAISE(ABORT, 'refused'); END;";
    folder.connect().execute_batch(refuse).unwrap();
    let mut tasks = Vec::new();
    for number in 0..60 {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let mut second = run(1_000 + number);
            if number % 7 == 0 {
                second.max_attempts = 13;
            }
            let changes = [Change::PutRun(run(number)), Change::PutRun(second)];
            store.commit(&lease, changes.into()).await
        }));
    }
    for (number, task) in (0..).zip(tasks) {
        let result = task.await.unwrap();
        let fails = number % 7 == 0;
        match &result {
            Ok(()) => assert!(!fails, "commit {number}"),
            Err(CommitError::Unavailable(cause)) => {
                assert!(fails && cause.to_string().contains("refused"))
            }
            Err(error) => panic!("commit {number}: {error:?}"),
        }
        assert_eq!(
            has_run(&store, number).await,
            !fails,
            "commit {number}, first change"
        );
        assert_eq!(
            has_run(&store, 1_000 + number).await,
            !fails,
            "commit {number}, second change"
        );
    }
    put_run(&store, &lease, 9_999).await.unwrap();
}
