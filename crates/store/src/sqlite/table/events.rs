//! `events`, `event_payloads`.

use everstep_core::record::EventRecord;
use everstep_protocol::{EventId, RunId};
use rusqlite::{Connection, named_params, params};

use super::integer;
use crate::page::{EventCounts, EventFilter, INTERNAL_PREFIX};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

/// Up to so many events in a window of `received_at` are sorted by id to find a page. In a larger
/// window a page is found sooner by walking down the ids.
const WINDOW_SORTED_MAX: i64 = 20_000;

/// Above every id.
const ID_END: [u8; 17] = [0xff; 17];

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

/// A page of events, newest first. Payloads are fetched for the page alone.
macro_rules! page_of {
    ($ids:literal) => {
        concat!(
            "SELECT e.id, e.name, e.user_id, e.ts, e.received_at, p.payload FROM (",
            $ids,
            " AND id < :before AND (:internal OR name < :internal_start OR name >= :internal_end)
             ORDER BY id DESC LIMIT :limit
             ) AS page
             CROSS JOIN events e ON e.id = page.id
             CROSS JOIN event_payloads p ON p.number = e.payload
             ORDER BY page.id DESC"
        )
    };
}

/// Sorts the events of a window.
const PAGE_OF_WINDOW: &str = page_of!(
    "SELECT id FROM events INDEXED BY events_by_received_at
     WHERE received_at > :after AND received_at < :until AND (:name IS NULL OR name = :name)"
);

/// Walks down the ids of a name.
const PAGE_OF_NAME: &str = page_of!(
    "SELECT id FROM events INDEXED BY events_by_name
     WHERE name = :name AND received_at > :after AND received_at < :until"
);

/// Walks down the ids: `+` keeps the planner from the index of the column.
const PAGE_OF_ALL: &str = page_of!(
    "SELECT id FROM events
     WHERE :name IS NULL AND +received_at > :after AND +received_at < :until"
);

pub(in crate::sqlite) fn page(
    db: &Connection,
    filter: &EventFilter,
) -> Result<Vec<EventRecord>, ReadFault> {
    let sql = match &filter.name {
        _ if window_is_small(db, filter)? => PAGE_OF_WINDOW,
        Some(_) => PAGE_OF_NAME,
        None => PAGE_OF_ALL,
    };
    let before = filter.before.map(EventId::to_bytes);
    let before: &[u8] = before.as_ref().map_or(&ID_END, |id| id);
    let internal_end = format!("{}0", INTERNAL_PREFIX.trim_end_matches('/'));
    let params = named_params! {
        ":name": filter.name,
        ":before": before,
        ":after": received_after(filter),
        ":until": received_before(filter),
        ":internal": filter.internal,
        ":internal_start": INTERNAL_PREFIX,
        ":internal_end": internal_end,
        ":limit": integer(filter.limit),
    };
    list(db, "events", sql, params, decode)
}

fn window_is_small(db: &Connection, filter: &EventFilter) -> Result<bool, ReadFault> {
    if filter.received_after.is_none() && filter.received_before.is_none() {
        return Ok(false);
    }
    let mut statement = db.prepare_cached(
        "SELECT count(*) FROM
             (SELECT 1 FROM events WHERE received_at > ?1 AND received_at < ?2 LIMIT ?3)",
    )?;
    let params = params![
        received_after(filter),
        received_before(filter),
        WINDOW_SORTED_MAX + 1
    ];
    let count: i64 = statement.query_one(params, |row| row.get(0))?;
    Ok(count <= WINDOW_SORTED_MAX)
}

fn received_after(filter: &EventFilter) -> i64 {
    filter.received_after.map_or(i64::MIN, |at| at.as_millis())
}

fn received_before(filter: &EventFilter) -> i64 {
    filter.received_before.map_or(i64::MAX, |at| at.as_millis())
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
