//! `debounces`.

use everstep_core::record::{DebounceRecord, LimitId, ShardId};
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::packed::pack;
use crate::sqlite::query::{Columns, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    debounce: &DebounceRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO debounces
             (id, shard, function, event, event_ts, invoked_by, events, opened_at, fire_at, key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        debounce.id.0,
        shard.0,
        debounce.function.0.as_bytes(),
        debounce.event.to_bytes(),
        debounce.event_ts.as_millis(),
        debounce.invoked_by.map(pack),
        debounce.events,
        debounce.opened_at.as_millis(),
        debounce.fire_at.as_millis(),
        debounce.key,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(db: &Connection, id: LimitId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM debounces WHERE id = ?1")?
        .execute(params![id.0])?;
    Ok(())
}

/// By id.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<DebounceRecord>, ReadFault> {
    let sql = "SELECT id, function, event, event_ts, invoked_by, events, opened_at, fire_at, key
               FROM debounces WHERE shard = ?1 ORDER BY id";
    list(db, "debounces", sql, params![shard.0], |row| {
        Ok(DebounceRecord {
            id: row.limit()?,
            function: row.function()?,
            event: row.event()?,
            event_ts: row.time()?,
            invoked_by: row.optional(Columns::packed_job)?,
            events: row.number()?,
            opened_at: row.time()?,
            fire_at: row.time()?,
            key: row.optional(Columns::shared_text)?,
        })
    })
}
