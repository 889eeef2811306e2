//! `runs`, `run_outputs`, `run_events`.

use everstep_core::record::{RunRecord, RunSnapshot, RunStatus, ShardId};
use everstep_protocol::{EventId, FunctionId, RunId};
use rusqlite::{Connection, params};

use super::{defers, events, integer, jobs, steps, waits};
use crate::sqlite::error::ReadFault;
use crate::sqlite::packed::pack_all;
use crate::sqlite::query::{Columns, first, list};
use crate::words::Word;
use crate::{TriggeredRun, rules};

/// Columns that no index covers: changing them alone leaves the indexes untouched.
const UPDATE_RUNNING: &str = "
    UPDATE runs SET
        function_version = ?5, started_at = ?6, ended_at = ?7, max_attempts = ?8,
        request_version = ?9, parallel = ?10, next_job = ?11, generation = ?12, state_bytes = ?13,
        steps_done = ?14, batch = ?15, priority = ?16, invoked_by = ?17, keys = ?18
    WHERE id = ?1 AND shard = ?2 AND function = ?3 AND status = ?4";

const UPSERT: &str = "
    INSERT INTO runs
        (id, shard, function, status, function_version, started_at, ended_at, max_attempts,
         request_version, parallel, next_job, generation, state_bytes, steps_done, batch, priority,
         invoked_by, keys)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
    ON CONFLICT (id) DO UPDATE SET
        shard = excluded.shard, function = excluded.function, status = excluded.status,
        function_version = excluded.function_version, started_at = excluded.started_at,
        ended_at = excluded.ended_at, max_attempts = excluded.max_attempts,
        request_version = excluded.request_version, parallel = excluded.parallel,
        next_job = excluded.next_job, generation = excluded.generation,
        state_bytes = excluded.state_bytes, steps_done = excluded.steps_done,
        batch = excluded.batch, priority = excluded.priority, invoked_by = excluded.invoked_by,
        keys = excluded.keys";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    run: &RunRecord,
) -> rusqlite::Result<()> {
    let id = run.id.to_bytes();
    let params = params![
        id,
        shard.0,
        run.function.0.as_bytes(),
        run.status.word(),
        run.function_version,
        run.started_at.map(|at| at.as_millis()),
        run.ended_at.map(|at| at.as_millis()),
        run.max_attempts,
        run.request_version,
        run.parallel,
        run.next_job,
        run.generation,
        integer(run.state_bytes),
        run.steps_done,
        run.batch.map(|batch| batch.to_bytes()),
        run.priority,
        pack_all(&run.invoked_by),
        run.keys,
    ];
    // A run that is put as running nearly always was running before: it did a step.
    let updated =
        run.status == RunStatus::Running && db.prepare_cached(UPDATE_RUNNING)?.execute(params)? > 0;
    if !updated {
        db.prepare_cached(UPSERT)?.execute(params)?;
    }
    if let Some(output) = &run.output {
        db.prepare_cached("INSERT OR REPLACE INTO run_outputs (run, output) VALUES (?1, ?2)")?
            .execute(params![id, output.as_str()])?;
    }
    Ok(())
}

pub(in crate::sqlite) fn put_events(
    db: &Connection,
    shard: ShardId,
    run: RunId,
    events: &[EventId],
) -> rusqlite::Result<()> {
    let run = run.to_bytes();
    let mut insert = db.prepare_cached(
        "INSERT INTO run_events (run, position, shard, event) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (run, position) DO UPDATE SET shard = excluded.shard, event = excluded.event",
    )?;
    for (position, event) in events.iter().enumerate() {
        insert.execute(params![run, integer(position), shard.0, event.to_bytes()])?;
    }
    db.prepare_cached("DELETE FROM run_events WHERE run = ?1 AND position >= ?2")?
        .execute(params![run, integer(events.len())])?;
    Ok(())
}

/// A live run with everything that belongs to it. The caller provides the transaction that makes
/// the parts fit together.
pub(in crate::sqlite) fn snapshot(
    db: &Connection,
    id: RunId,
) -> Result<Option<RunSnapshot>, ReadFault> {
    let Some(run) = view(db, id)?.filter(|run| !run.status.is_final()) else {
        return Ok(None);
    };
    let events = events::of_run(db, id)?;
    let sql = "SELECT count(*) FROM run_events WHERE run = ?1";
    let triggers: usize = first(db, "run_events", sql, params![id.to_bytes()], |row| {
        row.number()
    })?
    .unwrap_or_default();
    if events.len() != triggers {
        return Err(ReadFault::Rows(rules::events_missing(
            id,
            triggers - events.len(),
        )));
    }
    Ok(Some(RunSnapshot {
        run,
        events,
        steps: steps::of_run(db, id)?,
        jobs: jobs::of_run(db, id)?,
        waits: waits::of_run(db, id)?,
        defers: defers::of_run(db, id)?,
    }))
}

pub(in crate::sqlite) fn view(db: &Connection, run: RunId) -> Result<Option<RunRecord>, ReadFault> {
    let sql = "SELECT id, function, function_version, status, started_at, ended_at, max_attempts,
                      request_version, parallel, next_job, generation, state_bytes,
                      steps_done, output, batch, priority, invoked_by, keys
               FROM runs LEFT JOIN run_outputs ON run = id
               WHERE id = ?1";
    first(db, "runs", sql, params![run.to_bytes()], decode)
}

/// The runs that an event triggered, newest first.
pub(in crate::sqlite) fn of_event(
    db: &Connection,
    event: EventId,
) -> Result<Vec<RunRecord>, ReadFault> {
    let sql = "SELECT id, function, function_version, status, started_at, ended_at, max_attempts,
                      request_version, parallel, next_job, generation, state_bytes,
                      steps_done, output, batch, priority, invoked_by, keys
               FROM (SELECT DISTINCT run AS triggered FROM run_events WHERE event = ?1)
                    CROSS JOIN runs ON id = triggered
                    LEFT JOIN run_outputs ON run = id
               ORDER BY id DESC";
    list(db, "runs", sql, params![event.to_bytes()], decode)
}

/// The runs that each of these events triggered, oldest first, up to so many for each.
pub(in crate::sqlite) fn triggered_by(
    db: &Connection,
    events: &[EventId],
    per_event: usize,
) -> Result<Vec<TriggeredRun>, ReadFault> {
    let sql = "SELECT id, function, status
               FROM (SELECT DISTINCT run AS triggered FROM run_events WHERE event = ?1)
                    CROSS JOIN runs ON id = triggered
               ORDER BY id LIMIT ?2";
    let mut found = Vec::new();
    for event in events {
        let params = params![event.to_bytes(), integer(per_event)];
        found.extend(list(db, "runs", sql, params, |row| {
            Ok(TriggeredRun {
                event: *event,
                run: row.run()?,
                function: row.function()?,
                status: row.word()?,
            })
        })?);
    }
    Ok(found)
}

/// Live runs of a shard from one id to before another, each with its function.
///
/// There is no index by function: every run that starts or ends would pay for it. The limit bounds
/// what is looked at, whatever function it is of.
pub(in crate::sqlite) fn live(
    db: &Connection,
    shard: ShardId,
    from: RunId,
    before: RunId,
    limit: usize,
) -> Result<Vec<(RunId, FunctionId)>, ReadFault> {
    let sql = "SELECT id, function FROM runs INDEXED BY runs_live
               WHERE shard = ?1 AND id >= ?2 AND id < ?3 AND status IN ('queued', 'running')
               ORDER BY id LIMIT ?4";
    let params = params![shard.0, from.to_bytes(), before.to_bytes(), integer(limit)];
    list(db, "runs", sql, params, |row| {
        Ok((row.run()?, row.function()?))
    })
}

fn decode(row: &mut Columns<'_>) -> Result<RunRecord, ReadFault> {
    Ok(RunRecord {
        id: row.run()?,
        function: row.function()?,
        function_version: row.number()?,
        status: row.word()?,
        started_at: row.optional(Columns::time)?,
        ended_at: row.optional(Columns::time)?,
        max_attempts: row.number()?,
        request_version: row.number()?,
        parallel: row.flag()?,
        next_job: row.number()?,
        generation: row.number()?,
        state_bytes: row.number()?,
        steps_done: row.number()?,
        output: row.optional(Columns::json)?,
        batch: row.optional(Columns::batch)?,
        priority: row.number()?,
        invoked_by: row.optional(Columns::packed_jobs)?.unwrap_or_default(),
        keys: row.optional(Columns::shared_text)?,
    })
}
