//! Which statements a change is.

use everstep_core::Change;
use everstep_core::record::ShardId;
use rusqlite::Connection;

use super::table::{attempts, events, jobs, registry, runs, skips, steps};

/// Apply a change to the open transaction.
pub(super) fn apply(db: &Connection, shard: ShardId, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::PutApp(app) => registry::put_app(db, shard, app),
        Change::PutFunction(function) => registry::put_function(db, shard, function),
        Change::PutEvent(event) => events::put(db, event),
        Change::PutRun(run) => runs::put(db, shard, run),
        Change::PutRunEvents { run, events } => runs::put_events(db, shard, *run, events),
        Change::PutStep(step) => steps::put(db, shard, step),
        Change::PutJob(job) => jobs::put(db, shard, job),
        Change::DeleteJob(job) => jobs::delete(db, *job),
        Change::DeleteJobs(run) => jobs::delete_of_run(db, *run),
        Change::PutAttempt(attempt) => attempts::put(db, attempt),
        Change::PutSkip(skip) => skips::put(db, skip),
    }
}
