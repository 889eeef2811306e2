//! `skips`.

use everstep_core::record::SkipRecord;
use everstep_protocol::EventId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::list;
use crate::words::Word;

pub(in crate::sqlite) fn put(db: &Connection, skip: &SkipRecord) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO skips (event, function, reason) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![
        skip.event.to_bytes(),
        skip.function.0.as_bytes(),
        skip.reason.word()
    ])?;
    Ok(())
}

/// By function.
pub(in crate::sqlite) fn of_event(
    db: &Connection,
    event: EventId,
) -> Result<Vec<SkipRecord>, ReadFault> {
    let sql = "SELECT event, function, reason FROM skips WHERE event = ?1 ORDER BY function";
    list(db, "skips", sql, params![event.to_bytes()], |row| {
        Ok(SkipRecord {
            event: row.event()?,
            function: row.function()?,
            reason: row.word()?,
        })
    })
}
