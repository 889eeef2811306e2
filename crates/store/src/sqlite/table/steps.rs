//! `steps`, `step_values`.

use everstep_core::record::{ShardId, StepRecord};
use everstep_protocol::RunId;
use rusqlite::{Connection, params};

use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

/// Leaves a memoized step as it is.
const UPSERT: &str = "
    INSERT INTO steps
        (run, id, shard, kind, status, name, step_type, mode, position, created_at, started_at,
         ended_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (run, id) DO UPDATE SET
        shard = excluded.shard, kind = excluded.kind, status = excluded.status,
        name = excluded.name, step_type = excluded.step_type, mode = excluded.mode,
        position = excluded.position, created_at = excluded.created_at,
        started_at = excluded.started_at, ended_at = excluded.ended_at
    WHERE status NOT IN ('completed', 'failed')";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    step: &StepRecord,
) -> rusqlite::Result<()> {
    let run = step.run.to_bytes();
    let written = db.prepare_cached(UPSERT)?.execute(params![
        run,
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
    ])?;
    if let Some(value) = &step.value
        && written > 0
    {
        db.prepare_cached(
            "INSERT INTO step_values (run, step, shard, value) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (run, step) DO NOTHING",
        )?
        .execute(params![run, step.id.as_str(), shard.0, value.as_str()])?;
    }
    Ok(())
}

/// Memoized steps in stack order, then outstanding ones by age.
pub(in crate::sqlite) fn of_run(db: &Connection, run: RunId) -> Result<Vec<StepRecord>, ReadFault> {
    let sql = "SELECT s.run, s.id, s.kind, s.status, s.name, s.step_type, s.mode, s.position,
                      v.value, s.created_at, s.started_at, s.ended_at
               FROM steps s LEFT JOIN step_values v ON v.run = s.run AND v.step = s.id
               WHERE s.run = ?1";
    let mut steps = list(db, "steps", sql, params![run.to_bytes()], |row| {
        Ok(StepRecord {
            run: row.run()?,
            id: row.step()?,
            kind: row.word()?,
            status: row.word()?,
            name: row.shared_text()?,
            step_type: row.optional(Columns::shared_text)?,
            mode: row.word()?,
            position: row.optional(Columns::number)?,
            value: row.optional(Columns::json)?,
            created_at: row.time()?,
            started_at: row.optional(Columns::time)?,
            ended_at: row.optional(Columns::time)?,
        })
    })?;
    steps.sort_by(rules::step_order);
    Ok(steps)
}
