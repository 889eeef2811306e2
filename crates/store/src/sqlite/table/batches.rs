//! `batches`, `batch_events`.

use everstep_core::record::{BatchEventRecord, BatchRecord, ShardId};
use everstep_protocol::BatchId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::packed::pack;
use crate::sqlite::query::{Columns, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    batch: &BatchRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO batches (id, shard, function, opened_at, fire_at, is_full, key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        batch.id.to_bytes(),
        shard.0,
        batch.function.0.as_bytes(),
        batch.opened_at.as_millis(),
        batch.fire_at.as_millis(),
        batch.is_full,
        batch.key,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn put_event(
    db: &Connection,
    shard: ShardId,
    event: &BatchEventRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO batch_events (batch, position, shard, event, size, invoked_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        event.batch.to_bytes(),
        event.position,
        shard.0,
        event.event.to_bytes(),
        event.size,
        event.invoked_by.map(pack),
    ])?;
    Ok(())
}

/// The batch and its list of events.
pub(in crate::sqlite) fn delete(db: &Connection, batch: BatchId) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM batches WHERE id = ?1",
        "DELETE FROM batch_events WHERE batch = ?1",
    ] {
        db.prepare_cached(sql)?.execute(params![batch.to_bytes()])?;
    }
    Ok(())
}

/// By id.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<BatchRecord>, ReadFault> {
    let sql = "SELECT id, function, opened_at, fire_at, is_full, key
               FROM batches WHERE shard = ?1 ORDER BY id";
    list(db, "batches", sql, params![shard.0], |row| {
        Ok(BatchRecord {
            id: row.batch()?,
            function: row.function()?,
            opened_at: row.time()?,
            fire_at: row.time()?,
            is_full: row.flag()?,
            key: row.optional(Columns::shared_text)?,
        })
    })
}

/// By batch and position.
pub(in crate::sqlite) fn events_of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<BatchEventRecord>, ReadFault> {
    let sql = "SELECT batch, position, event, size, invoked_by
               FROM batch_events WHERE shard = ?1 ORDER BY batch, position";
    list(db, "batch_events", sql, params![shard.0], |row| {
        Ok(BatchEventRecord {
            batch: row.batch()?,
            position: row.number()?,
            event: row.event()?,
            size: row.number()?,
            invoked_by: row.optional(Columns::packed_job)?,
        })
    })
}
