//! `steps`.

use everstep_core::record::{ShardId, StepRecord};
use everstep_protocol::{Json, RunId, StepId};
use rusqlite::{Connection, params};

use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

/// Leaves a memoized step as it is, and a value.
const UPSERT: &str = "
    INSERT INTO steps
        (run, id, shard, kind, status, name, step_type, mode, position, created_at, started_at,
         ended_at, value, trace)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (run, id) DO UPDATE SET
        shard = excluded.shard, kind = excluded.kind, status = excluded.status,
        name = excluded.name, step_type = excluded.step_type, mode = excluded.mode,
        position = excluded.position, created_at = excluded.created_at,
        started_at = excluded.started_at, ended_at = excluded.ended_at,
        value = coalesce(value, excluded.value), trace = excluded.trace
    WHERE status NOT IN ('completed', 'failed')";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    step: &StepRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(UPSERT)?.execute(params![
        step.run.to_bytes(),
        step.id.as_str(),
        shard.0,
        step.kind.word(),
        step.status.word(),
        step.name,
        step.step_type,
        step.mode.word(),
        step.position,
        step.created_at.as_millis(),
        step.started_at.map(|at| at.as_millis()),
        step.ended_at.map(|at| at.as_millis()),
        step.value.as_ref().map(Json::as_str),
        step.trace.as_ref().map(Json::as_str),
    ])?;
    Ok(())
}

/// Memoized steps in stack order, then outstanding ones by age.
pub(in crate::sqlite) fn of_run(db: &Connection, run: RunId) -> Result<Vec<StepRecord>, ReadFault> {
    let sql = "SELECT id, kind, status, name, step_type, mode, position, created_at, started_at,
                      ended_at, value, trace
               FROM steps WHERE run = ?1";
    let mut steps = list(db, "steps", sql, params![run.to_bytes()], |row| {
        Ok(StepRecord {
            run,
            id: row.step()?,
            kind: row.word()?,
            status: row.word()?,
            name: row.shared_text()?,
            step_type: row.optional(Columns::shared_text)?,
            mode: row.word()?,
            position: row.optional(Columns::number)?,
            created_at: row.time()?,
            started_at: row.optional(Columns::time)?,
            ended_at: row.optional(Columns::time)?,
            value: row.optional(Columns::json)?,
            trace: row.optional(Columns::json)?,
        })
    })?;
    steps.sort_by(rules::step_order);
    Ok(steps)
}

/// Which of these steps are stored, in the order asked for.
pub(in crate::sqlite) fn known(
    db: &Connection,
    run: RunId,
    steps: &[StepId],
) -> Result<Vec<StepId>, ReadFault> {
    let mut statement = db.prepare_cached("SELECT 1 FROM steps WHERE run = ?1 AND id = ?2")?;
    let mut known = Vec::new();
    for step in steps {
        if statement.exists(params![run.to_bytes(), step.as_str()])? {
            known.push(step.clone());
        }
    }
    Ok(known)
}
