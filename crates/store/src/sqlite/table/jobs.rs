//! `jobs`.

use everstep_core::record::{DueCall, DueJob, Epoch, JobKind, JobRecord, LoadedJob, ShardId};
use everstep_protocol::{JobId, RunId, StepId, Timestamp};
use rusqlite::{Connection, params};

use super::integer;
use crate::rules::{self, SharedTexts};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

const UPSERT: &str = "
    INSERT INTO jobs
        (run, number, shard, kind, step, due_at, reason, attempt, generation, epoch, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    ON CONFLICT (run, number) DO UPDATE SET
        shard = excluded.shard, kind = excluded.kind, step = excluded.step,
        due_at = excluded.due_at, reason = excluded.reason, attempt = excluded.attempt,
        generation = excluded.generation, epoch = excluded.epoch,
        created_at = excluded.created_at";

const DISCOVERY: &str = "discovery";
const STEP: &str = "step";
const REQUEST: &str = "request";
const SLEEP_END: &str = "sleep_end";
const WAIT_END: &str = "wait_end";
const CANCEL: &str = "cancel";
const START_TIMEOUT: &str = "start_timeout";
const FINISH_TIMEOUT: &str = "finish_timeout";
const SYNC_TIMEOUT: &str = "sync_timeout";

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    job: &JobRecord,
) -> rusqlite::Result<()> {
    let (kind, step) = match &job.kind {
        JobKind::Discovery => (DISCOVERY, None),
        JobKind::Step(step) => (STEP, Some(step)),
        JobKind::Request(step) => (REQUEST, Some(step)),
        JobKind::SleepEnd(step) => (SLEEP_END, Some(step)),
        JobKind::WaitEnd(step) => (WAIT_END, Some(step)),
        JobKind::Cancel => (CANCEL, None),
        JobKind::StartTimeout => (START_TIMEOUT, None),
        JobKind::FinishTimeout => (FINISH_TIMEOUT, None),
        JobKind::SyncTimeout => (SYNC_TIMEOUT, None),
    };
    db.prepare_cached(UPSERT)?.execute(params![
        job.id.run.to_bytes(),
        job.id.number,
        shard.0,
        kind,
        step.map(StepId::as_str),
        job.due_at.as_millis(),
        job.reason.word(),
        job.attempt,
        job.generation,
        integer(job.epoch.0),
        job.created_at.as_millis(),
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn delete(db: &Connection, job: JobId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM jobs WHERE run = ?1 AND number = ?2")?
        .execute(params![job.run.to_bytes(), job.number])?;
    Ok(())
}

pub(in crate::sqlite) fn delete_of_run(db: &Connection, run: RunId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM jobs WHERE run = ?1")?
        .execute(params![run.to_bytes()])?;
    Ok(())
}

/// Jobs along the index of when they are due, and what a call's run says of it. Other jobs find no
/// run, because a null is not looked up: most of them are sleeps, and there may be a million.
macro_rules! due_after {
    ($comparison:literal) => {
        concat!(
            "SELECT j.due_at, j.run, j.number, r.function, r.status, j.reason, r.priority, r.keys
             FROM jobs j INDEXED BY jobs_by_due_at
                  LEFT JOIN runs r
                  ON r.id = CASE WHEN j.kind IN ('discovery', 'step', 'request') THEN j.run END
             WHERE j.shard = ?1 AND j.due_at ",
            $comparison,
            " ?2 AND j.due_at <= ?3
             ORDER BY j.due_at, j.run, j.number LIMIT ?4"
        )
    };
}

pub(in crate::sqlite) fn due(
    db: &Connection,
    shard: ShardId,
    after: Option<Timestamp>,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<LoadedJob>, ReadFault> {
    // The first possible time is included when there is no `after`.
    let sql = match after {
        Some(_) => due_after!(">"),
        None => due_after!(">="),
    };
    let after = after.map_or(i64::MIN, Timestamp::as_millis);
    let params = params![shard.0, after, until.as_millis(), integer(limit)];
    let mut texts = SharedTexts::default();
    list(db, "jobs", sql, params, |row| {
        let due = DueJob {
            due_at: row.time()?,
            id: row.job()?,
        };
        match call(row, due, &mut texts) {
            Ok(Some(call)) => Ok(LoadedJob::Call(call)),
            // A damaged run stands still alone: whoever takes the job is told when it loads the run.
            Ok(None) | Err(ReadFault::Row { .. }) => Ok(LoadedJob::Upkeep(due)),
            Err(fault @ (ReadFault::Sql(_) | ReadFault::Rows(_))) => Err(fault),
        }
    })
}

/// The job as a call, if it makes one, and its run goes on.
fn call(
    row: &mut Columns<'_>,
    due: DueJob,
    texts: &mut SharedTexts,
) -> Result<Option<DueCall>, ReadFault> {
    let Some(function) = row.optional(Columns::function)? else {
        return Ok(None);
    };
    let Some(stage) = rules::call_stage(row.word()?) else {
        return Ok(None);
    };
    Ok(Some(DueCall {
        due_at: due.due_at,
        id: due.id,
        reason: row.word()?,
        stage,
        function,
        priority: row.number()?,
        keys: row.optional(Columns::text)?.map(|keys| texts.share(keys)),
    }))
}

/// The jobs of a run, by number.
pub(in crate::sqlite) fn of_run(db: &Connection, run: RunId) -> Result<Vec<JobRecord>, ReadFault> {
    let sql =
        "SELECT run, number, kind, step, due_at, reason, attempt, generation, epoch, created_at
               FROM jobs WHERE run = ?1 ORDER BY number";
    list(db, "jobs", sql, params![run.to_bytes()], |row| {
        Ok(JobRecord {
            id: row.job()?,
            kind: kind(row)?,
            due_at: row.time()?,
            reason: row.word()?,
            attempt: row.number()?,
            generation: row.number()?,
            epoch: row.number().map(Epoch)?,
            created_at: row.time()?,
        })
    })
}

fn kind(row: &mut Columns<'_>) -> Result<JobKind, ReadFault> {
    let kind = row.text()?;
    let step = row.optional(Columns::step)?;
    match (kind, step) {
        (DISCOVERY, None) => Ok(JobKind::Discovery),
        (STEP, Some(step)) => Ok(JobKind::Step(step)),
        (REQUEST, Some(step)) => Ok(JobKind::Request(step)),
        (SLEEP_END, Some(step)) => Ok(JobKind::SleepEnd(step)),
        (WAIT_END, Some(step)) => Ok(JobKind::WaitEnd(step)),
        (CANCEL, None) => Ok(JobKind::Cancel),
        (START_TIMEOUT, None) => Ok(JobKind::StartTimeout),
        (FINISH_TIMEOUT, None) => Ok(JobKind::FinishTimeout),
        (SYNC_TIMEOUT, None) => Ok(JobKind::SyncTimeout),
        (kind, step) => Err(row.damage(&format!("does not fit a job of kind {kind:?}: {step:?}"))),
    }
}
