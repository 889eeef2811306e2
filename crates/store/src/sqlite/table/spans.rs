//! `spans`.

use everstep_core::record::{ShardId, SpanRecord};
use everstep_protocol::{RunId, SpanId, StepId};
use rusqlite::{Connection, params};

use super::integer;
use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};

/// Leaves a span that is stored as it is.
pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    span: &SpanRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO spans
             (run, id, shard, parent, call, step, attempt, started_ns, ended_ns, is_failed, name,
              detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (run, id) DO NOTHING",
    )?
    .execute(params![
        span.run.to_bytes(),
        span.id.to_bytes(),
        shard.0,
        span.parent.map(SpanId::to_bytes),
        span.call.to_bytes(),
        span.step.as_ref().map(StepId::as_str),
        span.attempt,
        integer(span.started_ns),
        integer(span.ended_ns),
        span.is_failed,
        span.name,
        span.detail.as_str(),
    ])?;
    Ok(())
}

/// By start, then by id.
pub(in crate::sqlite) fn of_run(db: &Connection, run: RunId) -> Result<Vec<SpanRecord>, ReadFault> {
    let sql = "SELECT run, id, parent, call, step, attempt, started_ns, ended_ns, is_failed, name,
                      detail
               FROM spans WHERE run = ?1";
    let mut spans = list(db, "spans", sql, params![run.to_bytes()], |row| {
        Ok(SpanRecord {
            run: row.run()?,
            id: row.span()?,
            parent: row.optional(Columns::span)?,
            call: row.span()?,
            step: row.optional(Columns::step)?,
            attempt: row.optional(Columns::number)?,
            started_ns: row.number()?,
            ended_ns: row.number()?,
            is_failed: row.flag()?,
            name: row.shared_text()?,
            detail: row.json()?,
        })
    })?;
    spans.sort_by(rules::span_order);
    Ok(spans)
}

/// By id.
pub(in crate::sqlite) fn ids_of_run(db: &Connection, run: RunId) -> Result<Vec<SpanId>, ReadFault> {
    let sql = "SELECT id FROM spans WHERE run = ?1 ORDER BY id";
    list(db, "spans", sql, params![run.to_bytes()], |row| row.span())
}
