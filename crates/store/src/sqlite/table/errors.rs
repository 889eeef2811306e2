//! `error_groups`, `error_decisions`, and the group of a run.

use everstep_core::record::{
    ErrorDecision, ErrorDecisionRecord, ErrorGroupId, FailureRecord, RunRecord,
};
use everstep_protocol::RunId;
use rusqlite::{Connection, named_params, params};

use super::{integer, runs};
use crate::error_group::{ErrorBuckets, ErrorFilter, ErrorGroup, ErrorStatus};
use crate::rollup::{HOUR, start_of};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

const OPEN: &str = "open";
const RESOLVED: &str = "resolved";
const IGNORED: &str = "ignored";

/// Above every id.
const ID_END: [u8; 17] = [0xff; 17];

pub(in crate::sqlite) fn put_failure(
    db: &Connection,
    failure: &FailureRecord,
) -> rusqlite::Result<()> {
    let (run, group) = (failure.run.to_bytes(), failure.group.0);
    let is_new = db
        .prepare_cached("UPDATE runs SET error_group = ?2 WHERE id = ?1 AND error_group IS NULL")?
        .execute(params![run, group])?
        > 0;
    if !is_new {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO error_groups
             (id, function, runs, first_seen, last_seen, last_run, step, step_name, name, message)
         VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, (SELECT name FROM steps WHERE run = ?4 AND id = ?5),
                 ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET
             runs = runs + 1, first_seen = min(first_seen, excluded.first_seen),
             last_seen = max(last_seen, excluded.last_seen), last_run = excluded.last_run,
             name = excluded.name, message = excluded.message",
    )?
    .execute(params![
        group,
        failure.function.0.as_bytes(),
        failure.at.as_millis(),
        run,
        failure.step.as_ref().map(|step| step.as_str()),
        failure.name,
        failure.message,
    ])?;
    db.prepare_cached(
        "INSERT INTO error_counts (error_group, start, runs) VALUES (?1, ?2, 1)
         ON CONFLICT (error_group, start) DO UPDATE SET runs = runs + 1",
    )?
    .execute(params![group, start_of(HOUR, failure.at).as_millis()])?;
    Ok(())
}

/// How many runs failed with each of these errors, bucket by bucket. The caller provides the
/// transaction.
pub(in crate::sqlite) fn counts(
    db: &Connection,
    groups: &[ErrorGroupId],
    buckets: &ErrorBuckets,
) -> Result<Vec<Vec<u64>>, ReadFault> {
    let sql = "SELECT (start - ?2) / ?4 AS bucket, sum(runs) FROM error_counts
               WHERE error_group = ?1 AND start >= ?2 AND start < ?3 GROUP BY bucket";
    let (from, until) = (buckets.from.as_millis(), buckets.until().as_millis());
    let width = integer(buckets.width.as_millis());
    let of_group = |group: &ErrorGroupId| {
        let mut counts = vec![0; buckets.count];
        let params = params![group.0, from, until, width];
        list(db, "error_counts", sql, params, |row| {
            let bucket: usize = row.number()?;
            counts[bucket] = row.number()?;
            Ok(())
        })?;
        Ok(counts)
    };
    groups.iter().map(of_group).collect()
}

pub(in crate::sqlite) fn put_decision(
    db: &Connection,
    record: &ErrorDecisionRecord,
) -> rusqlite::Result<()> {
    let (decision, until) = match record.decision {
        ErrorDecision::Open => (OPEN, None),
        ErrorDecision::Resolved => (RESOLVED, None),
        ErrorDecision::Ignored { until } => (IGNORED, until),
    };
    db.prepare_cached(
        "INSERT OR REPLACE INTO error_decisions (error_group, decision, ignore_until, decided_at)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        record.group.0,
        decision,
        until.map(|at| at.as_millis()),
        record.decided_at.as_millis(),
    ])?;
    Ok(())
}

macro_rules! groups {
    ($where:literal) => {
        concat!(
            "SELECT id, function, step, step_name, name, message, runs, first_seen, last_seen,
                    last_run, decided_at, decision, ignore_until
             FROM error_groups LEFT JOIN error_decisions ON error_group = id ",
            $where
        )
    };
}

pub(in crate::sqlite) fn view(
    db: &Connection,
    group: ErrorGroupId,
) -> Result<Option<ErrorGroup>, ReadFault> {
    let sql = groups!("WHERE id = ?1");
    first(db, "error_groups", sql, params![group.0], decode)
}

/// Seen last first. The status is what [`ErrorGroup::status`] says.
pub(in crate::sqlite) fn page(
    db: &Connection,
    filter: &ErrorFilter,
) -> Result<Vec<ErrorGroup>, ReadFault> {
    let sql = groups!(
        "WHERE (last_seen, id) < (:last_seen, :id)
           AND (:function IS NULL OR function = :function)
           AND (:status IS NULL OR :status =
                CASE WHEN decision = 'resolved' AND decided_at >= last_seen THEN 'resolved'
                     WHEN decision = 'ignored' AND coalesce(ignore_until > :now, 1) THEN 'ignored'
                     ELSE 'open' END)
         ORDER BY last_seen DESC, id DESC LIMIT :limit"
    );
    let after = filter.after;
    let id = after.map(|(_, id)| id.0);
    let id: &[u8] = id.as_ref().map_or(&ID_END, |id| id);
    let status = filter.status.map(|(status, _)| match status {
        ErrorStatus::Open => OPEN,
        ErrorStatus::Resolved => RESOLVED,
        ErrorStatus::Ignored => IGNORED,
    });
    let params = named_params! {
        ":last_seen": after.map_or(i64::MAX, |(last_seen, _)| last_seen.as_millis()),
        ":id": id,
        ":function": filter.function.map(|function| *function.0.as_bytes()),
        ":status": status,
        ":now": filter.status.map(|(_, now)| now.as_millis()),
        ":limit": integer(filter.limit),
    };
    list(db, "error_groups", sql, params, decode)
}

/// The runs of a group, newest first.
pub(in crate::sqlite) fn runs(
    db: &Connection,
    group: ErrorGroupId,
    before: Option<RunId>,
    limit: usize,
) -> Result<Vec<RunRecord>, ReadFault> {
    let sql = "SELECT id FROM runs INDEXED BY runs_by_error_group
               WHERE error_group = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    let before = before.map(RunId::to_bytes);
    let before: &[u8] = before.as_ref().map_or(&ID_END, |id| id);
    let params = params![group.0, before, integer(limit)];
    let ids = list(db, "runs", sql, params, |row| row.run())?;
    let runs = ids.into_iter().map(|run| runs::view(db, run).transpose());
    runs.flatten().collect()
}

fn decode(row: &mut Columns<'_>) -> Result<ErrorGroup, ReadFault> {
    Ok(ErrorGroup {
        id: row.error_group()?,
        function: row.function()?,
        step: row.optional(Columns::step)?,
        step_name: row.optional(Columns::shared_text)?,
        name: row.shared_text()?,
        message: row.shared_text()?,
        runs: row.number()?,
        first_seen: row.time()?,
        last_seen: row.time()?,
        last_run: row.run()?,
        decision: match row.optional(Columns::time)? {
            None => None,
            Some(decided_at) => Some((decision(row)?, decided_at)),
        },
    })
}

fn decision(row: &mut Columns<'_>) -> Result<ErrorDecision, ReadFault> {
    match row.text()? {
        OPEN => Ok(ErrorDecision::Open),
        RESOLVED => Ok(ErrorDecision::Resolved),
        IGNORED => Ok(ErrorDecision::Ignored {
            until: row.optional(Columns::time)?,
        }),
        other => Err(row.damage(&format!("{other:?} is not a known word"))),
    }
}
