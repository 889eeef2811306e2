//! `waits`.

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_core::record::{LiveWait, Resolution, ShardId, WaitKind, WaitRecord};
use everstep_protocol::{JobId, RunId, StepId};
use rusqlite::{Connection, params};

use super::events;
use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};

/// One pass over the table. Neighbouring rows are of neighbouring runs, so that it walks along the
/// index of live runs beside it. Sorting is left to the caller, who needs no temporary table for it.
const LIVE: &str = "
    SELECT w.run, w.number, w.kind, w.name, w.condition, w.created_at, w.expires_at,
           w.resolved_event IS NOT NULL OR w.resolved_value IS NOT NULL AS is_resolved
    FROM waits w
         CROSS JOIN runs r INDEXED BY runs_live
         ON r.shard = w.shard AND r.id = w.run AND r.status IN ('queued', 'running')
    WHERE w.shard = ?1";

const EVENT: &str = "event";
const SIGNAL: &str = "signal";
const SIGNAL_LOST: &str = "signal_lost";
const INVOCATION: &str = "invocation";
const CANCELLATION: &str = "cancellation";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    wait: &WaitRecord,
) -> rusqlite::Result<()> {
    let (kind, name, condition) = match &wait.kind {
        WaitKind::Event { name, condition } => (EVENT, Some(name), condition.as_ref()),
        WaitKind::Signal(name) => (SIGNAL, Some(name), None),
        WaitKind::SignalLost => (SIGNAL_LOST, None, None),
        WaitKind::Invocation => (INVOCATION, None, None),
        WaitKind::Cancellation { name, condition } => {
            (CANCELLATION, Some(name), condition.as_ref())
        }
    };
    let (event, value) = wait.resolution.as_ref().map_or((None, None), columns);
    db.prepare_cached(
        "INSERT OR REPLACE INTO waits
             (run, number, shard, step, kind, name, condition, created_at, expires_at,
              resolved_event, resolved_value)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        wait.id.run.to_bytes(),
        wait.id.number,
        shard.0,
        wait.step.as_ref().map(StepId::as_str),
        kind,
        name,
        condition,
        wait.created_at.as_millis(),
        wait.expires_at.as_millis(),
        event,
        value,
    ])?;
    Ok(())
}

/// The first resolution stays.
pub(in crate::sqlite) fn resolve(
    db: &Connection,
    wait: JobId,
    resolution: &Resolution,
) -> rusqlite::Result<()> {
    let (event, value) = columns(resolution);
    db.prepare_cached(
        "UPDATE waits SET resolved_event = ?3, resolved_value = ?4
         WHERE run = ?1 AND number = ?2 AND resolved_event IS NULL AND resolved_value IS NULL",
    )?
    .execute(params![wait.run.to_bytes(), wait.number, event, value])?;
    Ok(())
}

pub(in crate::sqlite) fn lose_signal(db: &Connection, wait: JobId) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE waits SET kind = ?3, name = NULL WHERE run = ?1 AND number = ?2 AND kind = ?4",
    )?
    .execute(params![
        wait.run.to_bytes(),
        wait.number,
        SIGNAL_LOST,
        SIGNAL
    ])?;
    Ok(())
}

/// `resolved_event` and `resolved_value`.
fn columns(resolution: &Resolution) -> (Option<[u8; 16]>, Option<&str>) {
    match resolution {
        Resolution::Event(event) => (Some(event.id.to_bytes()), None),
        Resolution::Value(value) => (None, Some(value.as_str())),
    }
}

pub(in crate::sqlite) fn delete(db: &Connection, wait: JobId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM waits WHERE run = ?1 AND number = ?2")?
        .execute(params![wait.run.to_bytes(), wait.number])?;
    Ok(())
}

pub(in crate::sqlite) fn delete_of_run(db: &Connection, run: RunId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM waits WHERE run = ?1")?
        .execute(params![run.to_bytes()])?;
    Ok(())
}

/// The waits of the live runs of a shard, in the order in which they were created.
pub(in crate::sqlite) fn live(db: &Connection, shard: ShardId) -> Result<Vec<LiveWait>, ReadFault> {
    let mut names = BTreeSet::new();
    let waits = list(db, "waits", LIVE, params![shard.0], |row| {
        let (id, mut kind, created_at) = (row.job()?, kind(row)?, row.time()?);
        share_name(&mut names, &mut kind);
        let wait = LiveWait {
            id,
            kind,
            expires_at: row.time()?,
            is_resolved: row.flag()?,
        };
        Ok((created_at, wait))
    })?;
    Ok(rules::live_waits(waits))
}

/// The waits of a run, by number. The caller provides the transaction in which their events are
/// looked up.
pub(in crate::sqlite) fn of_run(db: &Connection, run: RunId) -> Result<Vec<WaitRecord>, ReadFault> {
    let sql = "SELECT run, number, kind, name, condition, step, created_at, expires_at,
                      resolved_value, resolved_event
               FROM waits WHERE run = ?1 ORDER BY number";
    list(db, "waits", sql, params![run.to_bytes()], |row| {
        let id = row.job()?;
        Ok(WaitRecord {
            id,
            kind: kind(row)?,
            step: row.optional(Columns::step)?,
            created_at: row.time()?,
            expires_at: row.time()?,
            resolution: resolution(db, id, row)?,
        })
    })
}

/// There may be a million waits for few names. A copy that is given up at once makes room for the
/// next one; given up later, it would leave a hole beside each wait.
fn share_name(names: &mut BTreeSet<Arc<str>>, kind: &mut WaitKind) {
    match kind {
        WaitKind::Event { name, .. } | WaitKind::Cancellation { name, .. } => {
            match names.get(name) {
                Some(known) => *name = Arc::clone(known),
                None => {
                    names.insert(Arc::clone(name));
                }
            }
        }
        // At most one wait has the name.
        WaitKind::Signal(_) | WaitKind::SignalLost | WaitKind::Invocation => {}
    }
}

fn kind(row: &mut Columns<'_>) -> Result<WaitKind, ReadFault> {
    let kind = row.text()?;
    let name = row.optional(Columns::shared_text)?;
    let condition = row.optional(Columns::shared_text)?;
    match (kind, name, condition) {
        (EVENT, Some(name), condition) => Ok(WaitKind::Event { name, condition }),
        (SIGNAL, Some(name), None) => Ok(WaitKind::Signal(name)),
        (SIGNAL_LOST, None, None) => Ok(WaitKind::SignalLost),
        (INVOCATION, None, None) => Ok(WaitKind::Invocation),
        (CANCELLATION, Some(name), condition) => Ok(WaitKind::Cancellation { name, condition }),
        (kind, name, condition) => Err(row.damage(&format!(
            "does not fit a wait of kind {kind:?} and name {name:?}: {condition:?}"
        ))),
    }
}

/// Few waits are resolved at a time, and for a moment, so their events are looked up one by one.
fn resolution(
    db: &Connection,
    wait: JobId,
    row: &mut Columns<'_>,
) -> Result<Option<Resolution>, ReadFault> {
    let value = row.optional(Columns::json)?;
    let event = row.optional(Columns::event)?;
    match (event, value) {
        (None, None) => Ok(None),
        (None, Some(value)) => Ok(Some(Resolution::Value(value))),
        (Some(id), None) => match events::view(db, id)? {
            Some(event) => Ok(Some(Resolution::Event(Box::new(event)))),
            None => Err(ReadFault::Rows(rules::resolution_missing(wait, id))),
        },
        (Some(_), Some(_)) => Err(row.damage("the wait is resolved by a value as well")),
    }
}
