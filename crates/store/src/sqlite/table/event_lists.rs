//! Lists of `events`: one walk down the ids, or one for each name in step.
//!
//! What the walk does not tell is looked at in the row, so what few events meet is found in portions:
//! a page ends when it has looked at all that it may.

use std::fmt::Write as _;
use std::sync::Arc;

use everstep_protocol::{EventId, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Rows, params, params_from_iter};

use super::events;
use crate::page::{EventCursor, EventFilter, EventPage};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::Columns;

/// Up to so many events in a window of `received_at` are sorted by id to find a page. In a larger
/// window a page is found sooner by walking down the ids.
const WINDOW_SORTED_MAX: i64 = 20_000;

/// Names whose events are walked along in step. With more of them all events are walked along.
const WALKS_MAX: usize = 50;

/// Above every id.
const ID_END: [u8; 17] = [0xff; 17];

/// Newest first. Payloads are fetched for the page alone. The caller provides the transaction.
pub(in crate::sqlite) fn page(
    db: &Connection,
    filter: &EventFilter,
) -> Result<EventPage, ReadFault> {
    let Walk { sql, values } = match window_is_small(db, filter)? {
        true => Walk::of_window(filter),
        false => Walk::by_id(filter),
    };
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found: Vec<EventCursor> = Vec::new();
    let mut last: Option<EventCursor> = None;
    let mut reads = 0;
    let next = loop {
        let Some((place, name)) = next_event(&mut rows)? else {
            break None;
        };
        if last.is_some() && reads >= filter.reads_max {
            break last;
        }
        reads += 1;
        last = Some(place);
        if filter.allows(&name, place.received_at) {
            if found.len() == filter.limit {
                break found.last().copied();
            }
            found.push(place);
        }
    };
    let ids: Vec<EventId> = found.iter().map(|place| place.event).collect();
    let events = events::by_id(db, &ids)?;
    Ok(EventPage { events, next })
}

fn next_event(rows: &mut Rows<'_>) -> Result<Option<(EventCursor, Arc<str>)>, ReadFault> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut columns = Columns::new("events", row);
    let place = EventCursor {
        event: columns.event()?,
        received_at: columns.time()?,
    };
    Ok(Some((place, columns.shared_text()?)))
}

/// A query that gives rows from the newest id on.
#[derive(Debug, PartialEq)]
struct Walk {
    sql: String,
    values: Vec<Value>,
}

impl Walk {
    /// Sorts the events of a window.
    fn of_window(filter: &EventFilter) -> Self {
        let sql = "SELECT id, received_at, name FROM events INDEXED BY events_by_received_at
                   WHERE received_at > ?2 AND received_at < ?3 AND id < ?1
                   ORDER BY id DESC";
        let (after, until) = window(filter);
        let values = vec![before(filter), Value::Integer(after), Value::Integer(until)];
        Self {
            sql: sql.to_owned(),
            values,
        }
    }

    /// Along the ids: of all events, or of each name, in step.
    fn by_id(filter: &EventFilter) -> Self {
        let mut values = vec![before(filter)];
        let mut sql = String::new();
        let select = "SELECT id, received_at, name FROM events";
        if filter.names.is_empty() || filter.names.len() > WALKS_MAX {
            // Writing to a string does not fail.
            let _ = write!(sql, "{select} WHERE id < ?1 ORDER BY id DESC");
            return Self { sql, values };
        }
        let mut names = filter.names.clone();
        names.sort_unstable();
        names.dedup();
        for name in names {
            values.push(Value::Text(name));
            let union = if sql.is_empty() { "" } else { " UNION ALL " };
            let _ = write!(
                sql,
                "{union}{select} INDEXED BY events_by_name WHERE name = ?{} AND id < ?1",
                values.len()
            );
        }
        sql.push_str(" ORDER BY 1 DESC");
        Self { sql, values }
    }
}

fn before(filter: &EventFilter) -> Value {
    let id = filter.before.map(|id| id.to_bytes().to_vec());
    Value::Blob(id.unwrap_or_else(|| ID_END.to_vec()))
}

fn window_is_small(db: &Connection, filter: &EventFilter) -> Result<bool, ReadFault> {
    if filter.received_after.is_none() && filter.received_before.is_none() {
        return Ok(false);
    }
    let mut statement = db.prepare_cached(
        "SELECT count(*) FROM
             (SELECT 1 FROM events WHERE received_at > ?1 AND received_at < ?2 LIMIT ?3)",
    )?;
    let (after, until) = window(filter);
    let params = params![after, until, WINDOW_SORTED_MAX + 1];
    let count: i64 = statement.query_one(params, |row| row.get(0))?;
    Ok(count <= WINDOW_SORTED_MAX)
}

/// Both ends are exclusive.
fn window(filter: &EventFilter) -> (i64, i64) {
    let millis = |at: Option<Timestamp>, otherwise| at.map_or(otherwise, Timestamp::as_millis);
    (
        millis(filter.received_after, i64::MIN),
        millis(filter.received_before, i64::MAX),
    )
}

#[cfg(test)]
mod tests;
