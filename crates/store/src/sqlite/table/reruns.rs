//! `reruns`.

use everstep_core::record::{RerunRecord, ShardId};
use everstep_protocol::RunId;
use rusqlite::{Connection, params};

use super::integer;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    rerun: &RerunRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO reruns (run, shard, source, original, operation)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        rerun.run.to_bytes(),
        shard.0,
        rerun.source.to_bytes(),
        rerun.original.to_bytes(),
        rerun.operation.map(|operation| operation.to_bytes()),
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn view(
    db: &Connection,
    run: RunId,
) -> Result<Option<RerunRecord>, ReadFault> {
    let sql = "SELECT run, source, original, operation FROM reruns WHERE run = ?1";
    first(db, "reruns", sql, params![run.to_bytes()], decode)
}

/// The reruns of a run, newest first, below `before` if that is given.
pub(in crate::sqlite) fn page(
    db: &Connection,
    source: RunId,
    before: Option<RunId>,
    limit: usize,
) -> Result<Vec<RerunRecord>, ReadFault> {
    let sql = "SELECT run, source, original, operation FROM reruns
               WHERE source = ?1 AND (?2 IS NULL OR run < ?2) ORDER BY run DESC LIMIT ?3";
    let params = params![
        source.to_bytes(),
        before.map(RunId::to_bytes),
        integer(limit)
    ];
    list(db, "reruns", sql, params, decode)
}

fn decode(row: &mut Columns<'_>) -> Result<RerunRecord, ReadFault> {
    Ok(RerunRecord {
        run: row.run()?,
        source: row.run()?,
        original: row.run()?,
        operation: row.optional(Columns::operation)?,
    })
}
