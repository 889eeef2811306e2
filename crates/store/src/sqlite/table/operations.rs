//! `operations`.

use std::sync::Arc;

use everstep_core::record::{OperationCounts, OperationError, OperationRecord, RunPlace, ShardId};
use everstep_protocol::{Json, OperationId};
use rusqlite::{Connection, params};

use super::integer;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};
use crate::words::Word;

/// What [`decode`] reads.
const SELECT: &str = "
    SELECT id, kind, filter, state, rate_per_second, stop_on_error_percent, actor, reason,
           cursor_at, cursor_run, done, skipped, failed, errors, ended_at, failure
    FROM operations";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    operation: &OperationRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO operations
             (id, shard, kind, filter, state, rate_per_second, stop_on_error_percent, actor,
              reason, cursor_at, cursor_run, done, skipped, failed, errors, ended_at,
              failure)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(params![
        operation.id.to_bytes(),
        shard.0,
        operation.kind.word(),
        operation.filter.as_str(),
        operation.state.word(),
        operation.rate_per_second,
        operation.stop_on_error_percent,
        operation.actor,
        operation.reason,
        operation.cursor.map(|place| place.at.as_millis()),
        operation.cursor.map(|place| place.run.to_bytes()),
        integer(operation.counts.done),
        integer(operation.counts.skipped),
        integer(operation.counts.failed),
        encode_errors(&operation.errors).as_str(),
        operation.ended_at.map(|at| at.as_millis()),
        operation.failure,
    ])?;
    Ok(())
}

/// Those of a shard that have not ended, by id.
pub(in crate::sqlite) fn open(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<OperationRecord>, ReadFault> {
    let sql = format!(
        "{SELECT} INDEXED BY operations_open WHERE shard = ?1 AND ended_at IS NULL ORDER BY id"
    );
    list(db, "operations", &sql, params![shard.0], decode)
}

/// Newest first, below `before` if that is given.
pub(in crate::sqlite) fn page(
    db: &Connection,
    before: Option<OperationId>,
    limit: usize,
) -> Result<Vec<OperationRecord>, ReadFault> {
    let sql = format!("{SELECT} WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2");
    let params = params![before.map(OperationId::to_bytes), integer(limit)];
    list(db, "operations", &sql, params, decode)
}

pub(in crate::sqlite) fn view(
    db: &Connection,
    id: OperationId,
) -> Result<Option<OperationRecord>, ReadFault> {
    let sql = format!("{SELECT} WHERE id = ?1");
    first(db, "operations", &sql, params![id.to_bytes()], decode)
}

fn decode(row: &mut Columns<'_>) -> Result<OperationRecord, ReadFault> {
    Ok(OperationRecord {
        id: row.operation()?,
        kind: row.word()?,
        filter: row.json()?,
        state: row.word()?,
        rate_per_second: row.optional(Columns::number)?,
        stop_on_error_percent: row.optional(Columns::number)?,
        actor: row.optional(Columns::shared_text)?,
        reason: row.optional(Columns::shared_text)?,
        cursor: cursor(row)?,
        counts: OperationCounts {
            done: row.number()?,
            skipped: row.number()?,
            failed: row.number()?,
        },
        errors: decode_errors(row)?,
        ended_at: row.optional(Columns::time)?,
        failure: row.optional(Columns::shared_text)?,
    })
}

/// Two columns, both or neither null.
fn cursor(row: &mut Columns<'_>) -> Result<Option<RunPlace>, ReadFault> {
    let at = row.optional(Columns::time)?;
    let run = row.optional(Columns::run)?;
    match (at, run) {
        (Some(at), Some(run)) => Ok(Some(RunPlace { at, run })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(row.damage("half a place")),
    }
}

fn encode_errors(errors: &[OperationError]) -> Json {
    let errors = errors.iter().map(|error| {
        Json::object([
            ("message", Json::string(&error.message)),
            ("run", Json::string(&error.run.to_string())),
        ])
    });
    Json::array(errors.collect::<Vec<_>>().iter())
}

fn decode_errors(row: &mut Columns<'_>) -> Result<Vec<OperationError>, ReadFault> {
    let errors = row.json()?;
    let decoded = errors.items().map(|error| {
        Some(OperationError {
            run: error.member_text("run")?.parse().ok()?,
            message: Arc::from(error.member_text("message")?),
        })
    });
    decoded
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| row.damage("not a list of errors"))
}
