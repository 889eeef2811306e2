//! `idempotency`.

use everstep_core::record::{IdempotencyRecord, ShardId};
use everstep_protocol::Timestamp;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    record: &IdempotencyRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO idempotency (key, shard, run, expires_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        record.key.0,
        shard.0,
        record.run.map(|run| run.to_bytes()),
        record.expires_at.as_millis(),
    ])?;
    Ok(())
}

/// Delete what had expired by `then`.
pub(in crate::sqlite) fn expire(
    db: &Connection,
    shard: ShardId,
    then: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM idempotency WHERE shard = ?1 AND expires_at <= ?2")?
        .execute(params![shard.0, then.as_millis()])?;
    Ok(())
}

/// By key. `+` keeps the planner from the index, which would look up every row.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<IdempotencyRecord>, ReadFault> {
    let sql = "SELECT key, run, expires_at FROM idempotency WHERE +shard = ?1 ORDER BY key";
    list(db, "idempotency", sql, params![shard.0], |row| {
        Ok(IdempotencyRecord {
            key: row.idempotency_key()?,
            run: row.optional(Columns::run)?,
            expires_at: row.time()?,
        })
    })
}
