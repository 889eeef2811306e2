//! `holds`.

use everstep_core::record::{HoldRecord, LimitId, ShardId};
use everstep_protocol::RunId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word as _;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    hold: &HoldRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO holds (run, limit_id, shard, function, kind, since, key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        hold.run.to_bytes(),
        hold.limit.0,
        shard.0,
        hold.function.0.as_bytes(),
        hold.kind.word(),
        hold.since.as_millis(),
        hold.key,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(
    db: &Connection,
    limit: LimitId,
    run: RunId,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM holds WHERE run = ?1 AND limit_id = ?2")?
        .execute(params![run.to_bytes(), limit.0])?;
    Ok(())
}

pub(in crate::sqlite) fn delete_of_run(db: &Connection, run: RunId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM holds WHERE run = ?1")?
        .execute(params![run.to_bytes()])?;
    Ok(())
}

/// By limit and run.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<HoldRecord>, ReadFault> {
    let sql = "SELECT limit_id, run, function, kind, key, since FROM holds WHERE shard = ?1
               ORDER BY limit_id, run";
    list(db, "holds", sql, params![shard.0], |row| {
        Ok(HoldRecord {
            limit: row.limit()?,
            run: row.run()?,
            function: row.function()?,
            kind: row.word()?,
            key: row.optional(Columns::shared_text)?,
            since: row.time()?,
        })
    })
}
