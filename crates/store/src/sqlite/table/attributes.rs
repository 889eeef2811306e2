//! `attributes`, and `run_attributes`: the values of runs.

use std::sync::Arc;

use everstep_core::record::{AttributeRecord, RunAttributes, ShardId};
use everstep_protocol::RunId;
use rusqlite::{Connection, params};

use crate::run_list::RunFilter;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    record: &AttributeRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO attributes (name, shard, created_at, expression)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        record.name,
        shard.0,
        record.created_at.as_millis(),
        record.expression,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(db: &Connection, name: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM attributes WHERE name = ?1")?
        .execute(params![name])?;
    Ok(())
}

pub(in crate::sqlite) fn put_of_run(
    db: &Connection,
    run: RunId,
    attributes: &RunAttributes,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT OR REPLACE INTO run_attributes (run, name, value) VALUES (?1, ?2, ?3)",
    )?;
    for (name, value) in attributes {
        statement.execute(params![run.to_bytes(), name, value])?;
    }
    Ok(())
}

/// By name: those of a shard, or all.
pub(in crate::sqlite) fn declared(
    db: &Connection,
    shard: Option<ShardId>,
) -> Result<Vec<AttributeRecord>, ReadFault> {
    let sql = "SELECT name, created_at, expression FROM attributes
               WHERE ?1 IS NULL OR shard = ?1 ORDER BY name";
    list(
        db,
        "attributes",
        sql,
        params![shard.map(|it| it.0)],
        |row| {
            Ok(AttributeRecord {
                name: row.shared_text()?,
                created_at: row.time()?,
                expression: row.shared_text()?,
            })
        },
    )
}

/// Of each of these runs. The caller provides the transaction.
pub(in crate::sqlite) fn of_runs(
    db: &Connection,
    runs: &[RunId],
) -> Result<Vec<RunAttributes>, ReadFault> {
    let sql = "SELECT name, value FROM run_attributes WHERE run = ?1";
    let of_run = |run: &RunId| {
        let pair = |row: &mut Columns<'_>| Ok((row.shared_text()?, row.shared_text()?));
        let pairs = list(db, "run_attributes", sql, params![run.to_bytes()], pair)?;
        Ok(pairs.into_iter().collect())
    };
    runs.iter().map(of_run).collect()
}

/// Whether the run has the values that the filter asks for. Each costs a read.
pub(in crate::sqlite) fn allows(
    db: &Connection,
    filter: &RunFilter,
    run: RunId,
    reads: &mut usize,
) -> Result<bool, ReadFault> {
    let sql = "SELECT value FROM run_attributes WHERE run = ?1 AND name = ?2";
    for (name, wanted) in &filter.attributes {
        *reads += 1;
        let params = params![run.to_bytes(), name];
        let value: Option<Arc<str>> =
            first(db, "run_attributes", sql, params, |row| row.shared_text())?;
        if value.as_deref() != Some(wanted.as_str()) {
            return Ok(false);
        }
    }
    Ok(true)
}
