//! `cancellations`.

use everstep_core::record::{CancellationRecord, ShardId};
use everstep_protocol::CancellationId;
use rusqlite::{Connection, params};

use super::integer;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    cancellation: &CancellationRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO cancellations
             (id, shard, app, function, started_after, started_before, condition, next_run, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        cancellation.id.to_bytes(),
        shard.0,
        cancellation.app.0.as_bytes(),
        cancellation.function.0.as_bytes(),
        cancellation.started_after.map(|at| at.as_millis()),
        cancellation.started_before.as_millis(),
        cancellation.condition,
        cancellation.next.to_bytes(),
        cancellation.ended_at.map(|at| at.as_millis()),
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(db: &Connection, id: CancellationId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM cancellations WHERE id = ?1")?
        .execute(params![id.to_bytes()])?;
    Ok(())
}

/// Those of a shard that have not ended, by id.
pub(in crate::sqlite) fn open(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<CancellationRecord>, ReadFault> {
    let sql =
        "SELECT id, app, function, started_after, started_before, condition, next_run, ended_at
               FROM cancellations INDEXED BY cancellations_open
               WHERE shard = ?1 AND ended_at IS NULL ORDER BY id";
    list(db, "cancellations", sql, params![shard.0], decode)
}

/// Newest first, below `before` if that is given.
pub(in crate::sqlite) fn page(
    db: &Connection,
    before: Option<CancellationId>,
    limit: usize,
) -> Result<Vec<CancellationRecord>, ReadFault> {
    let sql =
        "SELECT id, app, function, started_after, started_before, condition, next_run, ended_at
               FROM cancellations WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2";
    let params = params![before.map(CancellationId::to_bytes), integer(limit)];
    list(db, "cancellations", sql, params, decode)
}

pub(in crate::sqlite) fn view(
    db: &Connection,
    id: CancellationId,
) -> Result<Option<CancellationRecord>, ReadFault> {
    let sql =
        "SELECT id, app, function, started_after, started_before, condition, next_run, ended_at
               FROM cancellations WHERE id = ?1";
    first(db, "cancellations", sql, params![id.to_bytes()], decode)
}

fn decode(row: &mut Columns<'_>) -> Result<CancellationRecord, ReadFault> {
    Ok(CancellationRecord {
        id: row.cancellation()?,
        app: row.app()?,
        function: row.function()?,
        started_after: row.optional(Columns::time)?,
        started_before: row.time()?,
        condition: row.optional(Columns::shared_text)?,
        next: row.run()?,
        ended_at: row.optional(Columns::time)?,
    })
}
