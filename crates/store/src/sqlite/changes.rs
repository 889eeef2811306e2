//! Which statements a change is.

use everstep_core::Change;
use everstep_core::record::ShardId;
use rusqlite::Connection;

use super::table::{
    attempts, attributes, audit, batches, cancellations, debounces, defers, errors, events, holds,
    idempotency, jobs, metadata, operations, overrides, pauses, rates, registry, reruns, runs,
    skips, spans, steps, ticks, waits,
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
        Change::PutSpan(span) => spans::put(db, shard, span),
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
        Change::PutHold(hold) => holds::put(db, shard, hold),
        Change::DeleteHold { limit, run } => holds::delete(db, *limit, *run),
        Change::DeleteHolds(run) => holds::delete_of_run(db, *run),
        Change::PutRate(rate) => rates::put(db, shard, rate),
        Change::ExpireRates(then) => rates::expire(db, shard, *then),
        Change::PutDebounce(debounce) => debounces::put(db, shard, debounce),
        Change::DeleteDebounce(id) => debounces::delete(db, *id),
        Change::PutBatch(batch) => batches::put(db, shard, batch),
        Change::PutBatchEvent(event) => batches::put_event(db, shard, event),
        Change::DeleteBatch(batch) => batches::delete(db, *batch),
        Change::PutPause(pause) => pauses::put(db, shard, pause),
        Change::DeletePause(function) => pauses::delete(db, *function),
        Change::PutOverride(record) => overrides::put(db, shard, record),
        Change::DeleteOverride {
            function,
            limit,
            key,
        } => overrides::delete(db, *function, *limit, key.as_deref()),
        Change::PutAudit(entry) => audit::put(db, shard, entry),
        Change::PutRerun(rerun) => reruns::put(db, shard, rerun),
        Change::PutOperation(operation) => operations::put(db, shard, operation),
        Change::PutFailure(failure) => errors::put_failure(db, failure),
        Change::PutErrorDecision(record) => errors::put_decision(db, record),
        Change::PutAttribute(record) => attributes::put(db, shard, record),
        Change::DeleteAttribute(name) => attributes::delete(db, name),
        Change::PutRunAttributes { run, attributes } => {
            attributes::put_of_run(db, *run, attributes)
        }
    }
}
