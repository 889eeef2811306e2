//! `defers`.

use everstep_core::record::{DeferRecord, DeferStatus, ShardId};
use everstep_protocol::defer::DeferRejection;
use everstep_protocol::{Json, RunId};
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

const AFTER_RUN: &str = "after_run";
const SCHEDULED: &str = "scheduled";
const ABORTED: &str = "aborted";
const REJECTED: &str = "rejected";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    defer: &DeferRecord,
) -> rusqlite::Result<()> {
    let (status, reason, input, meta) = match &defer.status {
        DeferStatus::AfterRun { input, meta } => (AFTER_RUN, None, Some(input), meta.as_ref()),
        DeferStatus::Scheduled => (SCHEDULED, None, None, None),
        DeferStatus::Aborted => (ABORTED, None, None, None),
        DeferStatus::Rejected(reason) => (REJECTED, Some(reason.word()), None, None),
    };
    db.prepare_cached(
        "INSERT OR REPLACE INTO defers
             (run, id, shard, position, status, reason, name, function, created_at, meta, input)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        defer.run.to_bytes(),
        defer.id.as_str(),
        shard.0,
        defer.position,
        status,
        reason,
        defer.name,
        defer.function_slug,
        defer.created_at.as_millis(),
        meta.map(Json::as_str),
        input.map(Json::as_str),
    ])?;
    Ok(())
}

/// The defers of a run, in the order in which they were added.
pub(in crate::sqlite) fn of_run(
    db: &Connection,
    run: RunId,
) -> Result<Vec<DeferRecord>, ReadFault> {
    let sql = "SELECT run, id, position, name, function, created_at, status, reason, meta, input
               FROM defers WHERE run = ?1 ORDER BY position, id";
    list(db, "defers", sql, params![run.to_bytes()], |row| {
        Ok(DeferRecord {
            run: row.run()?,
            id: row.defer()?,
            position: row.number()?,
            name: row.shared_text()?,
            function_slug: row.shared_text()?,
            created_at: row.time()?,
            status: status(row)?,
        })
    })
}

fn status(row: &mut Columns<'_>) -> Result<DeferStatus, ReadFault> {
    let status = row.text()?;
    let reason = row.optional(Columns::word::<DeferRejection>)?;
    let meta = row.optional(Columns::json)?;
    let input = row.optional(Columns::json)?;
    match (status, reason, input) {
        (AFTER_RUN, None, Some(input)) => Ok(DeferStatus::AfterRun { input, meta }),
        (SCHEDULED, None, None) => Ok(DeferStatus::Scheduled),
        (ABORTED, None, None) => Ok(DeferStatus::Aborted),
        (REJECTED, Some(reason), None) => Ok(DeferStatus::Rejected(reason)),
        (status, reason, _) => Err(row.damage(&format!(
            "does not fit a defer of status {status:?} and reason {reason:?}"
        ))),
    }
}
