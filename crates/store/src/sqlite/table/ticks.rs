//! `ticks`.

use everstep_core::record::{ShardId, TickRecord};
use everstep_protocol::FunctionId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::list;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    tick: &TickRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO ticks (function, cron, shard, tick, fire_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        tick.function.0.as_bytes(),
        tick.cron,
        shard.0,
        tick.tick.as_millis(),
        tick.fire_at.as_millis(),
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(
    db: &Connection,
    function: FunctionId,
    cron: &str,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM ticks WHERE function = ?1 AND cron = ?2")?
        .execute(params![function.0.as_bytes(), cron])?;
    Ok(())
}

/// By function and expression.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<TickRecord>, ReadFault> {
    let sql = "SELECT function, cron, tick, fire_at FROM ticks WHERE shard = ?1
               ORDER BY function, cron";
    list(db, "ticks", sql, params![shard.0], |row| {
        Ok(TickRecord {
            function: row.function()?,
            cron: row.shared_text()?,
            tick: row.time()?,
            fire_at: row.time()?,
        })
    })
}
