//! `pauses`.

use everstep_core::record::{PauseRecord, ShardId};
use everstep_protocol::FunctionId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    pause: &PauseRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO pauses (function, shard, starts, runs, paused_at, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        pause.function.0.as_bytes(),
        shard.0,
        pause.starts.word(),
        pause.runs.word(),
        pause.paused_at.as_millis(),
        pause.reason,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(db: &Connection, function: FunctionId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM pauses WHERE function = ?1")?
        .execute(params![function.0.as_bytes()])?;
    Ok(())
}

/// By function.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<PauseRecord>, ReadFault> {
    let sql = "SELECT function, starts, runs, paused_at, reason
               FROM pauses WHERE shard = ?1 ORDER BY function";
    list(db, "pauses", sql, params![shard.0], |row| {
        Ok(PauseRecord {
            function: row.function()?,
            starts: row.word()?,
            runs: row.word()?,
            paused_at: row.time()?,
            reason: row.optional(Columns::shared_text)?,
        })
    })
}
