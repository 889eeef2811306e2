//! Which statements a change is.

use everstep_core::Change;
use everstep_core::record::ShardId;
use rusqlite::Connection;

use super::table::{
    attempts, cancellations, defers, events, idempotency, jobs, metadata, registry, runs, skips,
    steps, ticks, waits,
};

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
        Change::PutDefer(defer) => defers::put(db, shard, defer),
        Change::PutMetadata(record) => metadata::put(db, shard, record),
        Change::PutWait(wait) => waits::put(db, shard, wait),
        Change::ResolveWait { wait, resolution } => waits::resolve(db, *wait, resolution),
        Change::LoseSignal(wait) => waits::lose_signal(db, *wait),
        Change::DeleteWait(wait) => waits::delete(db, *wait),
        Change::DeleteWaits(run) => waits::delete_of_run(db, *run),
        Change::PutTick(tick) => ticks::put(db, shard, tick),
        Change::DeleteTick { function, cron } => ticks::delete(db, *function, cron),
        Change::PutIdempotency(record) => idempotency::put(db, shard, record),
        Change::ExpireIdempotency(then) => idempotency::expire(db, shard, *then),
        Change::PutCancellation(cancellation) => cancellations::put(db, shard, cancellation),
        Change::DeleteCancellation(id) => cancellations::delete(db, *id),
    }
}
