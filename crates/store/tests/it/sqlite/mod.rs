//! What only the SQLite store promises.

mod damage;
mod file;
mod kill;
mod other_programs;

use std::path::PathBuf;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{RunRecord, RunStatus, ShardId};
use everstep_protocol::{AppId, FunctionId, RunId, Timestamp};
use everstep_store::{CommitError, ShardLease, SqliteStore, Store};
use rusqlite::Connection;
use tempfile::TempDir;

/// A folder with a database in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("everstep.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    /// The database as another program opens it.
    fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// The size of the write-ahead log in bytes, if there is one.
    fn log_size(&self) -> Option<u64> {
        let log = self.path().with_file_name("everstep.db-wal");
        std::fs::metadata(log).ok().map(|log| log.len())
    }
}

fn run_id(number: u32) -> RunId {
    RunId::from_parts(
        Timestamp::from_millis(1_700_000_000_000),
        u128::from(number),
    )
}

fn run(number: u32) -> RunRecord {
    RunRecord {
        id: run_id(number),
        function: FunctionId::derive(AppId::derive("app"), "function"),
        function_version: 1,
        status: RunStatus::Running,
        started_at: None,
        ended_at: None,
        max_attempts: 4,
        request_version: -1,
        parallel: false,
        next_job: 0,
        generation: 0,
        state_bytes: 0,
        steps_done: 0,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    }
}

async fn acquire(store: &SqliteStore) -> ShardLease {
    store.shard_acquire(ShardId::EMBEDDED).await.unwrap()
}

async fn put_run(store: &SqliteStore, lease: &ShardLease, number: u32) -> Result<(), CommitError> {
    store
        .commit(lease, Arc::new([Change::PutRun(run(number))]))
        .await
}

async fn has_run(store: &SqliteStore, number: u32) -> bool {
    store.run_view(run_id(number)).await.unwrap().is_some()
}
