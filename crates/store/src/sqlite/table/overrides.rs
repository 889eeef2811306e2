//! `overrides`.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::record::{LimitName, OverrideRecord, ShardId};
use everstep_protocol::FunctionId;
use rusqlite::{Connection, params};

use super::integer;
use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    record: &OverrideRecord,
) -> rusqlite::Result<()> {
    let (has_key, key) = columns(record.key.as_deref());
    db.prepare_cached(
        "INSERT OR REPLACE INTO overrides
             (function, limit_name, has_key, key, shard, value, period_ns, burst, created_at,
              expires_at, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        record.function.0.as_bytes(),
        record.limit.word(),
        has_key,
        key,
        shard.0,
        record.value,
        record.period.map(|period| integer(period.as_nanos())),
        record.burst,
        record.created_at.as_millis(),
        record.expires_at.map(|at| at.as_millis()),
        record.reason,
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(
    db: &Connection,
    function: FunctionId,
    limit: LimitName,
    key: Option<&str>,
) -> rusqlite::Result<()> {
    let (has_key, key) = columns(key);
    db.prepare_cached(
        "DELETE FROM overrides
         WHERE function = ?1 AND limit_name = ?2 AND has_key = ?3 AND key = ?4",
    )?
    .execute(params![function.0.as_bytes(), limit.word(), has_key, key])?;
    Ok(())
}

/// `has_key` and `key`.
fn columns(key: Option<&str>) -> (bool, &str) {
    (key.is_some(), key.unwrap_or_default())
}

/// By function, limit and key. They are few, and limits are not in the order of their words.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<OverrideRecord>, ReadFault> {
    let sql = "SELECT function, limit_name, has_key, key, value, period_ns, burst, created_at,
                      expires_at, reason
               FROM overrides WHERE shard = ?1";
    let mut overrides = list(db, "overrides", sql, params![shard.0], |row| {
        Ok(OverrideRecord {
            function: row.function()?,
            limit: row.word()?,
            key: key(row)?,
            value: row.number()?,
            period: row.optional(Columns::number)?.map(Duration::from_nanos),
            burst: row.optional(Columns::number)?,
            created_at: row.time()?,
            expires_at: row.optional(Columns::time)?,
            reason: row.optional(Columns::shared_text)?,
        })
    })?;
    overrides.sort_by(rules::override_order);
    Ok(overrides)
}

fn key(row: &mut Columns<'_>) -> Result<Option<Arc<str>>, ReadFault> {
    match (row.flag()?, row.shared_text()?) {
        (true, key) => Ok(Some(key)),
        (false, key) if key.is_empty() => Ok(None),
        (false, key) => Err(row.damage(&format!("{key:?} is the key of an override for all keys"))),
    }
}
