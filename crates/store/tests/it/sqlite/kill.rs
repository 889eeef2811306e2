//! Killed at any instant, the store holds everything that it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use everstep_core::Change;
use everstep_core::record::{Epoch, JobKind, JobRecord, WaitReason};
use everstep_protocol::{JobId, Timestamp};
use everstep_store::{SqliteStore, Store};
use tokio::task::JoinSet;

use super::{Folder, acquire, has_run, run, run_id};

/// Where the child finds the database; unset when this binary runs as a test.
const DATABASE: &str = "EVERSTEP_STORE_TEST_KILLED";
const FIRST: &str = "EVERSTEP_STORE_TEST_FIRST";
const ACKNOWLEDGED: &str = "acknowledged ";

#[tokio::test]
async fn acknowledged_commits_survive_a_kill() {
    let folder = Folder::new();
    let mut acknowledged = Vec::new();
    for round in 0..3_u32 {
        acknowledged.extend(commit_until_killed(
            &folder.path(),
            round * 100_000,
            300 + 150 * round as usize,
        ));
        let store = folder.open();
        let lease = acquire(&store).await;
        assert_eq!(
            lease.epoch,
            Epoch(u64::from(round) * 2 + 2),
            "the epochs of killed owners count"
        );
        for &number in &acknowledged {
            assert!(has_run(&store, number).await, "run {number} was lost");
            let jobs = store.run_jobs(run_id(number)).await.unwrap();
            assert_eq!(jobs.len(), 1, "run {number} was committed in part");
        }
    }
}

/// Numbers of the runs whose commit a child acknowledged before it was killed.
fn commit_until_killed(database: &Path, first: u32, kill_after: usize) -> Vec<u32> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "sqlite::kill::child_commits_until_it_is_killed",
            "--nocapture",
        ])
        .env(DATABASE, database)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let number = |line: std::io::Result<String>| -> Option<u32> {
        Some(line.unwrap().strip_prefix(ACKNOWLEDGED)?.parse().unwrap())
    };
    acknowledged.extend(lines.by_ref().filter_map(number).take(kill_after));
    assert_eq!(acknowledged.len(), kill_after, "the child ended by itself");
    child.kill().unwrap();
    child.wait().unwrap();
    // What it wrote to the pipe before it died was acknowledged as well.
    acknowledged.extend(lines.filter_map(number));
    acknowledged
}

/// Not a test by itself: the child of the one above.
#[test]
fn child_commits_until_it_is_killed() {
    let Ok(database) = std::env::var(DATABASE) else {
        return;
    };
    let next = Arc::new(AtomicU32::new(
        std::env::var(FIRST).unwrap().parse().unwrap(),
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(Path::new(&database)).unwrap());
        let lease = acquire(&store).await;
        let mut committers = JoinSet::new();
        for _ in 0..8 {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            committers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let changes = [Change::PutRun(run(number)), Change::PutJob(job(number))];
                    store.commit(&lease, changes.into()).await.unwrap();
                    writeln!(std::io::stdout(), "{ACKNOWLEDGED}{number}").unwrap();
                }
            });
        }
        // None of them ends, unless the test went away and with it the pipe.
        committers.join_next().await.unwrap().unwrap();
    });
}

fn job(number: u32) -> JobRecord {
    JobRecord {
        id: JobId {
            run: run_id(number),
            number: 1,
        },
        kind: JobKind::Discovery,
        due_at: Timestamp::default(),
        reason: WaitReason::Queued,
        attempt: 0,
        generation: 0,
        epoch: Epoch(1),
        created_at: Timestamp::default(),
    }
}
