//! `rates`.

use everstep_core::record::{RateRecord, ShardId};
use rusqlite::{Connection, params};

use super::integer;
use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::list;

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    rate: &RateRecord,
) -> rusqlite::Result<()> {
    let tat = integer(rules::tat_stored(rate.tat));
    db.prepare_cached("INSERT OR REPLACE INTO rates (limit_id, shard, tat) VALUES (?1, ?2, ?3)")?
        .execute(params![rate.limit.0, shard.0, tat])?;
    Ok(())
}

/// Delete those whose time is `then` or before. It looks at every one of the shard.
pub(in crate::sqlite) fn expire(
    db: &Connection,
    shard: ShardId,
    then: u64,
) -> rusqlite::Result<()> {
    let then = integer(rules::tat_stored(then));
    db.prepare_cached("DELETE FROM rates WHERE shard = ?1 AND tat <= ?2")?
        .execute(params![shard.0, then])?;
    Ok(())
}

/// By limit.
pub(in crate::sqlite) fn of_shard(
    db: &Connection,
    shard: ShardId,
) -> Result<Vec<RateRecord>, ReadFault> {
    let sql = "SELECT limit_id, tat FROM rates WHERE shard = ?1 ORDER BY limit_id";
    list(db, "rates", sql, params![shard.0], |row| {
        Ok(RateRecord {
            limit: row.limit()?,
            tat: row.number()?,
        })
    })
}
