//! `shards`: who owns a shard; and what its owner starts from.

use everstep_core::record::{Epoch, ShardId, ShardState};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    attributes, batches, cancellations, debounces, holds, idempotency, integer, operations,
    overrides, pauses, rates, registry, ticks, waits,
};
use crate::ShardLease;
use crate::sqlite::error::ReadFault;

/// Count the epoch of the shard up.
pub(in crate::sqlite) fn acquire(db: &Connection, shard: ShardId) -> rusqlite::Result<ShardLease> {
    let epoch: i64 = db
        .prepare_cached(
            "INSERT INTO shards (shard, epoch) VALUES (?1, 1)
             ON CONFLICT (shard) DO UPDATE SET epoch = epoch + 1
             RETURNING epoch",
        )?
        .query_one(params![shard.0], |row| row.get(0))?;
    Ok(ShardLease {
        shard,
        epoch: Epoch(epoch.unsigned_abs()),
    })
}

/// Whether nobody acquired the shard after this lease.
pub(in crate::sqlite) fn is_held(db: &Connection, lease: &ShardLease) -> rusqlite::Result<bool> {
    let epoch: Option<i64> = db
        .prepare_cached("SELECT epoch FROM shards WHERE shard = ?1")?
        .query_row(params![lease.shard.0], |row| row.get(0))
        .optional()?;
    Ok(epoch == Some(integer(lease.epoch.0)))
}

/// What the owner of a shard starts from. The caller provides the transaction that makes the parts
/// fit together.
pub(in crate::sqlite) fn state(db: &Connection, shard: ShardId) -> Result<ShardState, ReadFault> {
    Ok(ShardState {
        apps: registry::apps(db, Some(shard))?,
        functions: registry::functions(db, Some(shard))?,
        waits: waits::live(db, shard)?,
        ticks: ticks::of_shard(db, shard)?,
        idempotency: idempotency::of_shard(db, shard)?,
        cancellations: cancellations::open(db, shard)?,
        holds: holds::of_shard(db, shard)?,
        rates: rates::of_shard(db, shard)?,
        debounces: debounces::of_shard(db, shard)?,
        batches: batches::of_shard(db, shard)?,
        batch_events: batches::events_of_shard(db, shard)?,
        pauses: pauses::of_shard(db, shard)?,
        overrides: overrides::of_shard(db, shard)?,
        operations: operations::open(db, shard)?,
        attributes: attributes::declared(db, Some(shard))?,
    })
}
