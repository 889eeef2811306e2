//! `skips`.

use everstep_core::record::SkipRecord;
use everstep_protocol::EventId;
use rusqlite::{Connection, params};

use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

pub(in crate::sqlite) fn put(db: &Connection, skip: &SkipRecord) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO skips (event, function, reason, detail) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        skip.event.to_bytes(),
        skip.function.0.as_bytes(),
        skip.reason.word(),
        skip.detail,
    ])?;
    Ok(())
}

/// By function.
pub(in crate::sqlite) fn of_event(
    db: &Connection,
    event: EventId,
) -> Result<Vec<SkipRecord>, ReadFault> {
    let sql = "SELECT event, function, reason, detail FROM skips WHERE event = ?1
               ORDER BY function";
    list(db, "skips", sql, params![event.to_bytes()], |row| {
        Ok(SkipRecord {
            event: row.event()?,
            function: row.function()?,
            reason: row.word()?,
            detail: row.optional(Columns::shared_text)?,
        })
    })
}
