//! `events`, `event_payloads`.

use everstep_core::record::EventRecord;
use everstep_protocol::{EventId, RunId};
use rusqlite::{Connection, params};

use crate::page::EventCounts;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

pub(in crate::sqlite) fn put(db: &Connection, event: &EventRecord) -> rusqlite::Result<()> {
    let payload = db
        .prepare_cached("INSERT INTO event_payloads (payload) VALUES (?1)")?
        .insert(params![event.payload.as_str()])?;
    let inserted = db
        .prepare_cached(
            "INSERT INTO events (id, name, user_id, ts, received_at, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            event.id.to_bytes(),
            event.name,
            event.user_id,
            event.ts.as_millis(),
            event.received_at.as_millis(),
            payload,
        ])?;
    if inserted == 0 {
        db.prepare_cached("DELETE FROM event_payloads WHERE number = ?1")?
            .execute([payload])?;
    }
    Ok(())
}

/// Those of `events` that are stored.
pub(in crate::sqlite) fn known(
    db: &Connection,
    events: &[EventId],
) -> Result<Vec<EventId>, ReadFault> {
    let mut statement = db.prepare_cached("SELECT 1 FROM events WHERE id = ?1")?;
    let mut known = Vec::new();
    for &event in events {
        if statement.exists(params![event.to_bytes()])? {
            known.push(event);
        }
    }
    Ok(known)
}

pub(in crate::sqlite) fn view(
    db: &Connection,
    event: EventId,
) -> Result<Option<EventRecord>, ReadFault> {
    let sql = "SELECT e.id, e.name, e.user_id, e.ts, e.received_at, p.payload
               FROM events e JOIN event_payloads p ON p.number = e.payload
               WHERE e.id = ?1";
    first(db, "events", sql, params![event.to_bytes()], decode)
}

/// Those of `events` that are stored, as they are asked for. The caller provides the transaction.
pub(in crate::sqlite) fn by_id(
    db: &Connection,
    events: &[EventId],
) -> Result<Vec<EventRecord>, ReadFault> {
    let found = events.iter().map(|event| view(db, *event).transpose());
    found.flatten().collect()
}

/// What each of `events` led to. The caller provides the transaction.
pub(in crate::sqlite) fn counts(
    db: &Connection,
    events: &[EventId],
) -> Result<Vec<EventCounts>, ReadFault> {
    // A run can have the event several times, as one of a batch.
    let sql = "SELECT (SELECT count(DISTINCT run) FROM run_events WHERE event = ?1),
                      (SELECT count(*) FROM skips WHERE event = ?1)";
    let count = |event: &EventId| {
        let counts = first(db, "events", sql, params![event.to_bytes()], |row| {
            Ok(EventCounts {
                runs: row.number()?,
                skips: row.number()?,
            })
        })?;
        Ok(counts.unwrap_or_default())
    };
    events.iter().map(count).collect()
}

/// The events that triggered a run, in order.
pub(in crate::sqlite) fn of_run(
    db: &Connection,
    run: RunId,
) -> Result<Vec<EventRecord>, ReadFault> {
    let sql = "SELECT e.id, e.name, e.user_id, e.ts, e.received_at, p.payload
               FROM run_events r
                    CROSS JOIN events e ON e.id = r.event
                    CROSS JOIN event_payloads p ON p.number = e.payload
               WHERE r.run = ?1
               ORDER BY r.position";
    list(db, "events", sql, params![run.to_bytes()], decode)
}

fn decode(row: &mut Columns<'_>) -> Result<EventRecord, ReadFault> {
    Ok(EventRecord {
        id: row.event()?,
        name: row.shared_text()?,
        user_id: row.optional(Columns::shared_text)?,
        ts: row.time()?,
        received_at: row.time()?,
        payload: row.json()?,
    })
}
