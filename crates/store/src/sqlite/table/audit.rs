//! `audit`.

use everstep_core::record::{AuditRecord, ShardId};
use rusqlite::{Connection, params};

use crate::page::{AuditFilter, AuditPage};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::Columns;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    entry: &AuditRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO audit (id, shard, action, function, run, detail, actor)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        entry.id.to_bytes(),
        shard.0,
        entry.action,
        entry.function.map(|function| *function.0.as_bytes()),
        entry.run.map(|run| run.to_bytes()),
        entry.detail.as_str(),
        entry.actor,
    ])?;
    Ok(())
}

/// A walk down the ids.
pub(in crate::sqlite) fn page(
    db: &Connection,
    filter: &AuditFilter,
) -> Result<AuditPage, ReadFault> {
    let mut statement = db.prepare_cached(
        "SELECT id, action, function, run, detail, actor
         FROM audit WHERE id >= ?1 AND id < ?2 ORDER BY id DESC",
    )?;
    let (first, end) = filter.ids();
    let ids = params![first.to_bytes(), end.to_bytes()];
    let rows = statement.query_map(ids, |row| Ok(decode(&mut Columns::new("audit", row))))?;
    filter.page(rows.map(|row| row?))
}

fn decode(row: &mut Columns<'_>) -> Result<AuditRecord, ReadFault> {
    Ok(AuditRecord {
        id: row.audit()?,
        action: row.shared_text()?,
        function: row.optional(Columns::function)?,
        run: row.optional(Columns::run)?,
        detail: row.json()?,
        actor: row.optional(Columns::shared_text)?,
    })
}
