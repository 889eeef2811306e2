//! `audit`.

use everstep_core::record::{AuditRecord, ShardId};
use everstep_protocol::AuditId;
use rusqlite::{Connection, params};

use super::integer;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};

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

/// Newest first, below `before` if that is given.
pub(in crate::sqlite) fn page(
    db: &Connection,
    before: Option<AuditId>,
    limit: usize,
) -> Result<Vec<AuditRecord>, ReadFault> {
    let sql = "SELECT id, action, function, run, detail, actor
               FROM audit WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2";
    let params = params![before.map(AuditId::to_bytes), integer(limit)];
    list(db, "audit", sql, params, |row| {
        Ok(AuditRecord {
            id: row.audit()?,
            action: row.shared_text()?,
            function: row.optional(Columns::function)?,
            run: row.optional(Columns::run)?,
            detail: row.json()?,
            actor: row.optional(Columns::shared_text)?,
        })
    })
}
