//! Removing what is old, over all tables: `removed_runs`, and how much room there is.

use everstep_core::record::RunStatus;
use everstep_protocol::{RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{integer, rollups};
use crate::retention::{History, Place, Prune, Pruned, Storage, TableUse};
use crate::rollup::{HOUR, start_of};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::list;
use crate::words::Word;

/// Delete up to `?2` rows of run `?1`. The run itself, its output, and tables of live runs alone are
/// not among them; a test knows all tables that have runs.
macro_rules! of_run {
    ($table:literal, $key:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE run = ?1 AND (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE run = ?1 LIMIT ?2)"
        )
    };
}

/// What goes with a run.
const OF_RUN: &[&str] = &[
    of_run!("run_events", "position"),
    of_run!("steps", "id"),
    of_run!("attempts", "request"),
    of_run!("defers", "id"),
    of_run!("spans", "id"),
    of_run!("reruns", "run"),
    of_run!("run_attributes", "name"),
    of_run!("metadata", "scope, step, attempt, span, kind"),
];

/// What goes with the traces of a run; attempts come last, because by them the others are found.
const TRACES_OF_RUN: &[&str] = &[
    "DELETE FROM metadata WHERE run = ?1 AND scope IN ('attempt', 'span')
         AND (scope, step, attempt, span, kind) IN
             (SELECT scope, step, attempt, span, kind FROM metadata
              WHERE run = ?1 AND scope IN ('attempt', 'span') LIMIT ?2)",
    of_run!("spans", "id"),
    of_run!("attempts", "request"),
];

const BEGINNING: Place = Place {
    at: Timestamp::from_millis(i64::MIN),
    id: [0; 16],
};

pub(in crate::sqlite) fn prune(db: &Connection, prune: &Prune) -> rusqlite::Result<Pruned> {
    let after = prune.after.unwrap_or(BEGINNING);
    match prune.history {
        History::Runs => runs(db, prune, after),
        History::Traces => traces(db, prune, after),
        History::Events => events(db, prune, after),
        History::Minutes => minutes(db, prune, after),
        History::Rollups => oldest(
            db,
            prune,
            "DELETE FROM rollups WHERE (start, function) IN
                 (SELECT start, function FROM rollups WHERE start < ?1 ORDER BY start LIMIT ?2)",
        ),
        History::Errors => errors(db, prune),
    }
}

/// Delete up to `?2` rows that are older than `?1`.
fn oldest(db: &Connection, prune: &Prune, sql: &str) -> rusqlite::Result<Pruned> {
    let params = params![prune.before.as_millis(), integer(prune.left(0))];
    let removed = db.prepare_cached(sql)?.execute(params)?;
    Ok(Pruned {
        removed,
        next: (removed >= prune.left(0)).then_some(BEGINNING),
        ..Pruned::default()
    })
}

fn errors(db: &Connection, prune: &Prune) -> rusqlite::Result<Pruned> {
    // Of hours that are old as a whole. A group that is old has no others, but for its last one.
    let hours = Prune {
        before: start_of(HOUR, prune.before),
        ..*prune
    };
    let counts = "DELETE FROM error_counts WHERE (error_group, start) IN
         (SELECT error_group, start FROM error_counts INDEXED BY error_counts_by_start
          WHERE start < ?1 ORDER BY start, error_group LIMIT ?2)";
    let counts = oldest(db, &hours, counts)?;
    if counts.next.is_some() {
        return Ok(counts);
    }
    let decisions = "DELETE FROM error_decisions WHERE error_group IN
         (SELECT id FROM error_groups WHERE last_seen < ?1 ORDER BY last_seen, id LIMIT ?2)";
    oldest(db, prune, decisions)?;
    let groups = "DELETE FROM error_groups WHERE id IN
         (SELECT id FROM error_groups WHERE last_seen < ?1 ORDER BY last_seen, id LIMIT ?2)";
    oldest(db, prune, groups)
}

fn runs(db: &Connection, prune: &Prune, after: Place) -> rusqlite::Result<Pruned> {
    let mut pruned = Pruned::default();
    // First of all what an earlier portion left over.
    while let Some(run) = removed_run(db)? {
        if !sweep(db, prune, OF_RUN, run, &mut pruned)? {
            pruned.next = Some(after);
            return Ok(pruned);
        }
        db.prepare_cached("DELETE FROM removed_runs WHERE run = ?1")?
            .execute([run])?;
    }
    let mut looked_at = 0;
    let mut last = after;
    while let Some(run) = run_after(db, last.id)? {
        if RunId::from_bytes(run.id).timestamp() >= prune.before {
            return Ok(pruned);
        }
        if prune.left(pruned.removed.max(looked_at)) == 0 {
            pruned.next = Some(last);
            return Ok(pruned);
        }
        looked_at += 1;
        last.id = run.id;
        if !run.ended_before(prune.before) {
            continue;
        }
        for sql in [
            "DELETE FROM runs WHERE id = ?1",
            "DELETE FROM run_outputs WHERE run = ?1",
        ] {
            pruned.removed += db.prepare_cached(sql)?.execute([run.id])?;
        }
        if !sweep(db, prune, OF_RUN, run.id, &mut pruned)? {
            db.prepare_cached("INSERT INTO removed_runs (run) VALUES (?1)")?
                .execute([run.id])?;
            pruned.next = Some(last);
            return Ok(pruned);
        }
    }
    Ok(pruned)
}

fn traces(db: &Connection, prune: &Prune, after: Place) -> rusqlite::Result<Pruned> {
    let mut pruned = Pruned::default();
    let mut looked_at = 0;
    let mut last = after;
    let next = "SELECT run FROM attempts WHERE run > ?1 ORDER BY run LIMIT 1";
    loop {
        let next = db.prepare_cached(next)?;
        let Some(id) = one_id(next, last.id)? else {
            return Ok(pruned);
        };
        if RunId::from_bytes(id).timestamp() >= prune.before {
            return Ok(pruned);
        }
        if prune.left(pruned.removed.max(looked_at)) == 0 {
            pruned.next = Some(last);
            return Ok(pruned);
        }
        looked_at += 1;
        let run = run_of(db, id)?;
        let is_old = run.is_some_and(|run| run.ended_before(prune.before));
        if is_old && !sweep(db, prune, TRACES_OF_RUN, id, &mut pruned)? {
            pruned.next = Some(last);
            return Ok(pruned);
        }
        last.id = id;
    }
}

/// Delete what belongs to a run, as far as the portion goes. Whether that was all.
fn sweep(
    db: &Connection,
    prune: &Prune,
    tables: &[&str],
    run: [u8; 16],
    pruned: &mut Pruned,
) -> rusqlite::Result<bool> {
    for sql in tables {
        // A portion that is used up deletes one row more, which tells whether there is one.
        let limit = prune.left(pruned.removed).max(1);
        let deleted = db
            .prepare_cached(sql)?
            .execute(params![run, integer(limit)])?;
        pruned.removed += deleted;
        if deleted >= limit {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What of a run tells whether it can go.
struct Candidate {
    id: [u8; 16],
    status: String,
    ended_at: Option<i64>,
}

impl Candidate {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            status: row.get(1)?,
            ended_at: row.get(2)?,
        })
    }

    /// A status that is not known is damage, and stays.
    fn ended_before(&self, then: Timestamp) -> bool {
        let scheduled_at = RunId::from_bytes(self.id).timestamp();
        let ended_at = self.ended_at.map_or(scheduled_at, Timestamp::from_millis);
        RunStatus::from_word(&self.status).is_some_and(RunStatus::is_final) && ended_at < then
    }
}

fn run_after(db: &Connection, id: [u8; 16]) -> rusqlite::Result<Option<Candidate>> {
    db.prepare_cached("SELECT id, status, ended_at FROM runs WHERE id > ?1 ORDER BY id LIMIT 1")?
        .query_one([id], Candidate::read)
        .optional()
}

fn run_of(db: &Connection, id: [u8; 16]) -> rusqlite::Result<Option<Candidate>> {
    db.prepare_cached("SELECT id, status, ended_at FROM runs WHERE id = ?1")?
        .query_one([id], Candidate::read)
        .optional()
}

fn removed_run(db: &Connection) -> rusqlite::Result<Option<[u8; 16]>> {
    db.prepare_cached("SELECT run FROM removed_runs ORDER BY run LIMIT 1")?
        .query_one([], |row| row.get(0))
        .optional()
}

fn one_id(
    mut statement: rusqlite::CachedStatement<'_>,
    after: [u8; 16],
) -> rusqlite::Result<Option<[u8; 16]>> {
    statement.query_one([after], |row| row.get(0)).optional()
}

fn events(db: &Connection, prune: &Prune, after: Place) -> rusqlite::Result<Pruned> {
    let mut statement = db.prepare_cached(
        "SELECT received_at, id, payload FROM events INDEXED BY events_by_received_at
         WHERE (received_at, id) > (?1, ?2) AND received_at < ?3
         ORDER BY received_at, id LIMIT ?4",
    )?;
    let limit = prune.left(0);
    let params = params![
        after.at.as_millis(),
        after.id,
        prune.before.as_millis(),
        integer(limit)
    ];
    let found: Vec<(i64, [u8; 16], i64)> = statement
        .query_map(params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut pruned = Pruned::default();
    for (_, id, payload) in &found {
        if !is_needed(db, *id)? {
            let payloads = "DELETE FROM event_payloads WHERE number = ?1";
            db.prepare_cached(payloads)?.execute([payload])?;
            for sql in [
                "DELETE FROM events WHERE id = ?1",
                "DELETE FROM skips WHERE event = ?1",
            ] {
                pruned.removed += db.prepare_cached(sql)?.execute([id])?;
            }
        }
    }
    if found.len() == limit {
        pruned.next = found.last().map(|&(received_at, id, _)| Place {
            at: Timestamp::from_millis(received_at),
            id,
        });
    }
    Ok(pruned)
}

/// Whether something that is live can't go on without the event.
fn is_needed(db: &Connection, event: [u8; 16]) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM run_events CROSS JOIN runs ON id = run
                        WHERE event = ?1 AND status IN ('queued', 'running'))
             OR EXISTS (SELECT 1 FROM waits WHERE resolved_event = ?1)
             OR EXISTS (SELECT 1 FROM debounces WHERE event = ?1)
             OR EXISTS (SELECT 1 FROM batch_events WHERE event = ?1)",
    )?
    .query_one([event], |row| row.get(0))
}

/// Add rollups of minutes to those of their hours.
fn minutes(db: &Connection, prune: &Prune, after: Place) -> rusqlite::Result<Pruned> {
    let limit = prune.left(0);
    let found = rollups::after(db, after, prune.before, limit)?;
    let mut pruned = Pruned::default();
    for (start, function, rollup) in &found {
        let hour = start_of(HOUR, *start);
        if hour != *start {
            rollups::add(db, hour, *function, rollup)?;
            rollups::delete(db, *start, *function)?;
            pruned.removed += 1;
        }
    }
    if found.len() == limit {
        pruned.next = found.last().map(|(start, function, _)| Place {
            at: *start,
            id: function.0.into_bytes(),
        });
    }
    Ok(pruned)
}

pub(in crate::sqlite) fn storage(db: &Connection) -> Result<Storage, ReadFault> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get(0).map(size));
    let page = pragma("page_size")?;
    let (pages, free) = (pragma("page_count")?, pragma("freelist_count")?);
    let oldest_run = "SELECT id FROM runs ORDER BY id LIMIT 1";
    let oldest_run: Option<[u8; 16]> = db
        .prepare_cached(oldest_run)?
        .query_one([], |row| row.get(0))
        .optional()?;
    let oldest_event = "SELECT min(received_at) FROM events";
    let oldest_event: Option<i64> = db
        .prepare_cached(oldest_event)?
        .query_one([], |row| row.get(0))?;
    Ok(Storage {
        file_bytes: pages * page,
        used_bytes: pages.saturating_sub(free) * page,
        oldest_run: oldest_run.map(|id| RunId::from_bytes(id).timestamp()),
        oldest_event: oldest_event.map(Timestamp::from_millis),
    })
}

/// Tables, each with itself and its indexes.
pub(in crate::sqlite) fn trees(db: &Connection) -> Result<Vec<(String, String)>, ReadFault> {
    let sql = "SELECT tbl_name, name FROM sqlite_schema WHERE rootpage > 0 ORDER BY tbl_name, name";
    list(db, "sqlite_schema", sql, [], |row| {
        Ok((row.string()?, row.string()?))
    })
}

/// How many entries and bytes a tree has. It reads all of its pages.
pub(in crate::sqlite) fn measure(db: &Connection, tree: &str) -> Result<(u64, u64), ReadFault> {
    let sql = "SELECT ncell, pgsize FROM dbstat WHERE name = ?1 AND aggregate = TRUE";
    let mut statement = db.prepare_cached(sql)?;
    Ok(statement.query_one([tree], |row| Ok((size(row.get(0)?), size(row.get(1)?))))?)
}

/// What SQLite counts is not negative.
fn size(count: i64) -> u64 {
    count.max(0).unsigned_abs()
}

/// A further tree of a table.
pub(in crate::sqlite) fn add_tree(
    uses: &mut Vec<TableUse>,
    (table, tree): (String, String),
    (entries, bytes): (u64, u64),
) {
    let rows = if table == tree { entries } else { 0 };
    match uses.last_mut().filter(|last| last.table == table) {
        Some(known) => {
            known.rows += rows;
            known.bytes += bytes;
        }
        None => uses.push(TableUse { table, rows, bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables whose rows go when a run ends, or are of live state.
    const OF_LIVE_RUNS: [&str; 4] = ["holds", "jobs", "waits", "idempotency"];
    /// Tables that are handled by themselves.
    const OTHERS: [&str; 3] = ["audit", "removed_runs", "run_outputs"];

    #[test]
    fn every_table_of_runs_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::sqlite::open::writer(&folder.path().join("everstep.db")).unwrap();
        let sql = "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.name = 'run'";
        let mut statement = db.prepare(sql).unwrap();
        let tables = statement.query_map([], |row| row.get::<_, String>(0));
        let mut removed = 0;
        for table in tables.unwrap() {
            let table = table.unwrap();
            let is_other = OF_LIVE_RUNS
                .iter()
                .chain(&OTHERS)
                .any(|other| table == **other);
            let begins = format!("DELETE FROM {table} ");
            let is_removed = OF_RUN.iter().any(|sql| sql.starts_with(&begins));
            assert!(is_other != is_removed, "retention does not know {table}");
            removed += usize::from(is_removed);
        }
        assert_eq!(removed, OF_RUN.len());
    }
}
